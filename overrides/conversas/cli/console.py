"""Output for people. Text is never read as markup, and long text is wrapped in its column."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

MIN_VALUE_WIDTH = 20  # characters


def print_line(text: str, *, err: bool = False) -> None:
    """Print a line. On a terminal, wrap it between words, with a hanging indent; a pipe gets a single line."""
    stream = sys.stderr if err else sys.stdout
    if stream and stream.isatty():
        indent = " " * (len(text) - len(text.lstrip()))
        columns = shutil.get_terminal_size().columns
        text = textwrap.fill(
            text.lstrip(),
            columns,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    click.echo(text, err=err)


def plain_console() -> "Console":
    """Return a console for stdout that adds no colours of its own, and that prints no colours if NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def print_columns(console: "Console", label: "Text", value: "Text") -> None:
    """Print a label and a value. The value is wrapped in a column of its own."""
    from rich.text import Text

    width = max(MIN_VALUE_WIDTH, console.width - label.cell_len)
    for line in value.wrap(console, width, overflow="fold") or [Text()]:
        row = Text.assemble(label, line)
        row.rstrip()
        console.print(row, soft_wrap=True)
        label = Text(" " * label.cell_len)
