"""Output of one conversation: as a transcript, or as JSON."""

import json
import sys

import click

import conversas
from conversas.cli.sanitize import escape_json_for_terminal
from conversas.transcripts.times import time_zone


def check_timezone(timezone: str | None, *, as_bytes_or_json: bool) -> None:
    """Check the option `--timezone`, before anything is fetched.

    Raises:
        UsageError: The output has its own times.
        ConfigurationError: There is no such time zone.
    """
    if timezone is not None and as_bytes_or_json:
        raise click.UsageError("--timezone is for the transcript and for --html; leave it out")
    time_zone(timezone)


def print_conversation(conversation: "conversas.Conversation", *, as_json: bool, timezone: str | None = None) -> None:
    """Print a conversation on stdout; its JSON is one line, or indented on a terminal."""
    if as_json:
        _print_json(conversation)
        return
    from conversas.cli.console import plain_console
    from conversas.cli.transcript import print_transcript

    print_transcript(conversation, plain_console(), zone=time_zone(timezone))


def _print_json(conversation: "conversas.Conversation") -> None:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    text = json.dumps(conversation.to_dict(), ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    click.echo(escape_json_for_terminal(text))
