"""`conversas redecode`: decodes the raw bodies of an export again."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand


@subcommand("redecode", "conversas redecode DIR", "conversas redecode DIR > kept.txt")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
def command(path: str) -> int:
    """Decode the raw bodies of an export again, after an upgrade.

    The command sends no request. Times without an offset are read in the time zone of the export. If the command is
    killed, run it again to continue. It prints the refs of conversations that it could not decode, one per line: their
    bodies are missing, or are no longer recognized as conversations.
    """
    redecoding = conversas.Export(path).redecode()
    for ref in redecoding.kept:
        click.echo(escape_for_terminal(ref))
    print_line(
        f"{redecoding.conversations:,} decoded, {redecoding.changed:,} of them changed, {redecoding.recovered:,} that"
        f" could not be decoded before, {len(redecoding.kept):,} kept as they were",
        err=True,
    )
    for name in redecoding.skipped:
        print_line(f"{escape_for_terminal(name)} is damaged or has no raw archive, and stays unchanged", err=True)
    return 1 if redecoding.kept or redecoding.skipped else 0
