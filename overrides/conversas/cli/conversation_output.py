"""Output of one conversation: as a transcript, as JSON, or as a page."""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

import conversas
from conversas.cli.sanitize import escape_json_for_terminal
from conversas.transcripts.labels import LANGUAGES
from conversas.transcripts.times import time_zone

if TYPE_CHECKING:
    from conversas.transcripts.labels import Language

F = TypeVar("F", bound=Callable[..., Any])

OUTPUT_OPTIONS = ["--json", "--html", "--timezone", "--language"]


def output_options(command: F) -> F:
    """Add the output options to a command. Their names are the fields of `Output`."""
    for option in (
        click.option("--language", type=click.Choice(LANGUAGES), help="Language of the page of --html; en by default."),
        click.option(
            "--timezone", metavar="ZONE", help="Time zone of all times, for example America/Sao_Paulo; not with --json."
        ),
        click.option("--html", "as_html", is_flag=True, help="Print an HTML page; redirect it to a file."),
        click.option("--json", "as_json", is_flag=True, help="Print the record as JSON."),
    ):
        command = option(command)
    return command


@frozen(kw_only=True)
class Output:
    """Form in which one conversation is printed, from the options. They are checked before anything is fetched.

    Raises:
        UsageError: Two options exclude each other.
        ConfigurationError: The time zone does not exist.
    """

    as_json: bool
    as_html: bool
    as_raw: bool = False
    timezone: str | None
    language: "Language | None"

    def __attrs_post_init__(self) -> None:
        if self.as_json + self.as_html + self.as_raw > 1:
            raise click.UsageError("--json, --html and --raw exclude each other; pass one of them")
        if self.timezone is not None and (self.as_json or self.as_raw):
            raise click.UsageError("--timezone is for the transcript and for --html; omit it")
        if self.language is not None and not self.as_html:
            raise click.UsageError("--language is for --html; pass both, or omit --language")
        time_zone(self.timezone)

    def print(self, conversation: "conversas.Conversation") -> None:
        """Print a conversation to stdout. JSON is printed on one line, or indented if stdout is a terminal."""
        if self.as_raw:
            sys.stdout.buffer.write(conversation.raw)
            sys.stdout.buffer.flush()
        elif self.as_html:
            page = conversas.transcript_html(conversation, timezone=self.timezone, language=self.language or "en")
            click.echo(page, nl=False)
        elif self.as_json:
            _print_json(conversation)
        else:
            from conversas.cli.console import plain_console
            from conversas.cli.transcript import print_transcript

            print_transcript(conversation, plain_console(), zone=time_zone(self.timezone))


def _print_json(conversation: "conversas.Conversation") -> None:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    text = json.dumps(conversation.to_dict(), ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    click.echo(escape_json_for_terminal(text))
