"""`conversas convert`: writes the conversations of an export in another form, for people or for language models."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from conversas import Conversation, Export, Redactor
from conversas.cli.console import print_line
from conversas.cli.conversion import Conversion, Form
from conversas.cli.output_file import check_is_free, output_file
from conversas.cli.redaction import redaction_options, redactor_from
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, FILES, subcommand
from conversas.plurals import counted
from conversas.transcripts.labels import LANGUAGES

MODEL_FORMS = {Form.CHAT, Form.NEXT_TURN, Form.RATINGS}
FORMS_OF_OPTIONS = {
    "timezone": {Form.HTML, Form.TEXT, Form.CSV, Form.XLSX},
    "language": {Form.HTML},
    "rows": {Form.CSV},
    "system": MODEL_FORMS,
    "strict": MODEL_FORMS,
    "unknown_roles": MODEL_FORMS,
    "speaker": {Form.NEXT_TURN, Form.RATINGS},
}
"""Forms that each option applies to. All other options apply to every form."""
SPEAKERS = {"bot": "by a bot", "human": "by a human", "unknown": "by a bot and a human, or by an unknown speaker"}


@subcommand(
    "convert",
    "conversas convert DIR --as html -o page.html",
    "conversas convert DIR --as csv -o table.csv",
    groups={
        "Output": ["--as", "--output", "--force", "--only-complete", "--timezone"],
        "Pages and tables": ["--language", "--rows"],
        "Language models": ["--system", "--speaker", "--strict", "--unknown-roles"],
        "Personal data": ["--redact", "--redact-key-file"],
    },
)
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
@click.option("--as", "form", type=click.Choice([*map(str, Form)]), required=True, help="Form of FILE.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    shell_complete=FILES,
    help="File to write, readable by its owner alone.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--only-complete", is_flag=True, help="Leave out conversations that are or may be incomplete.")
@click.option(
    "--timezone",
    metavar="ZONE",
    help="Time zone of all times, for example America/Sao_Paulo. By default UTC; text keeps the zones of the record.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the page; en by default.")
@click.option("--rows", type=click.Choice(["conversations", "messages"]), help="Rows of CSV; conversations by default.")
@click.option("--system", metavar="TEXT", help="Text of a system message at the start of each chat.")
@click.option("--speaker", type=click.Choice(["bot", "human"]), help="Only turns that a bot or a human agent wrote.")
@click.option("--strict", is_flag=True, default=None, help="Begin with the user, end with the assistant.")
@click.option(
    "--unknown-roles",
    type=click.Choice(["drop"]),
    help="Leave out messages of an unknown role; by default the whole conversation is left out.",
)
@redaction_options
def command(
    path: str,
    form: str,
    output: str,
    force: bool,  # noqa: FBT001  # as click calls it
    only_complete: bool,  # noqa: FBT001
    redact: bool,  # noqa: FBT001
    redact_key_file: str | None,
    **options: Any,
) -> int:
    """Write an export for people or language models.

    The forms for language models are chat, next-turn and ratings: JSON lines. The forms for people are html (one page
    with a search box), text, csv and xlsx. The command prints how many conversations are left out. The exit code is 1
    if some are left out because of unknown roles.
    """
    redactor = redactor_from(redact, redact_key_file)
    conversion = _conversion(Form(form), only_complete=only_complete, redactor=redactor, options=options)
    target = Path(output)
    _check_is_outside(target, Path(path))
    check_is_free(target, force=force)
    conversion.check()
    export = Export(path)
    total = export.status().fetched
    with output_file(target, force=force) as file:
        conversion.write(_tracked(export.conversations(), total), file, directory=target.parent)
    return _report(conversion, total, output)


def _conversion(form: Form, *, only_complete: bool, redactor: Redactor | None, options: dict[str, Any]) -> Conversion:
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if form not in FORMS_OF_OPTIONS[name]:
            forms = ", ".join(sorted(FORMS_OF_OPTIONS[name]))
            raise click.UsageError(f"--{name.replace('_', '-')} is not for --as {form}; it is for {forms}")
    return Conversion(form=form, only_complete=only_complete, redactor=redactor, **given)


def _check_is_outside(target: Path, directory: Path) -> None:
    """Check that the file is not in the export: `conversas erase` does not delete what such a file holds.

    Raises:
        UsageError: The file is in the directory of the export.
    """
    if directory.resolve() in target.resolve().parents:
        raise click.UsageError(f"{target} is in the directory of the export; write the file to another directory")


def _tracked(conversations: Iterable[Conversation], total: int) -> Iterator[Conversation]:
    """Yield the conversations. Show a progress bar if stderr is a terminal."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield from conversations
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(conversations, "", total, console=Console(stderr=True), transient=True)


def _report(conversion: Conversion, total: int, output: str) -> int:
    reasons = [f"{count:,} left out {reason}" for reason, count in conversion.left_out.items()]
    written = [f"{counted(count, 'line')} written" for count in conversion.written.values()]
    print_line(f"{', '.join([f'{total:,} read', *reasons, *written])}; see {escape_for_terminal(output)}", err=True)
    if others := conversion.other_speakers:
        counts = ", ".join(f"{others[speaker]:,} {words}" for speaker, words in SPEAKERS.items() if others[speaker])
        print_line(f"lines left out by --speaker {conversion.speaker}: {counts}", err=True)
    if conversion.redactor:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in conversion.redacted.most_common())
        print_line(f"redacted in what was read: {counts or 'nothing was found'}", err=True)
    if conversion.left_out["because of unknown roles"]:
        print_line("to leave out only the messages of unknown roles, pass --unknown-roles drop", err=True)
        return 1
    return 0
