"""Transcript of a conversation on a terminal, in colours, wrapped at the width of the console."""

from datetime import tzinfo

from rich.console import Console
from rich.text import Text

from conversas import Conversation
from conversas.cli.console import print_columns
from conversas.transcripts.text import transcript_lines

MAX_TEXT_CHARACTERS = 4000  # of a message; --json prints the whole text


def print_transcript(
    conversation: Conversation, console: Console, *, max_messages: int | None = None, zone: tzinfo | None = None
) -> None:
    """Print a conversation, wrapped at the width of the console, with at most `max_messages` messages."""
    lines = transcript_lines(conversation, zone=zone, max_messages=max_messages, max_characters=MAX_TEXT_CHARACTERS)
    for line in lines:
        content = Text.assemble(*line.content)
        if line.label:
            print_columns(console, Text.assemble(*line.label), content)
        else:
            console.print(content, soft_wrap=True)
