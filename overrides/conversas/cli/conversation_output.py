"""Output of one conversation: as a transcript, or as JSON."""

import json
import sys

import click

from conversas import Conversation
from conversas.cli.sanitize import escape_json_for_terminal


def print_conversation(conversation: Conversation, *, as_json: bool) -> None:
    """Print a conversation on stdout; its JSON is one line, or indented on a terminal."""
    if as_json:
        _print_json(conversation)
        return
    from conversas.cli.console import plain_console
    from conversas.cli.transcript import print_transcript

    print_transcript(conversation, plain_console())


def _print_json(conversation: Conversation) -> None:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    text = json.dumps(conversation.to_dict(), ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    click.echo(escape_json_for_terminal(text))
