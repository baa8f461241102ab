"""Output for people: no text is markup, and long texts are wrapped in their column."""

from rich.console import Console
from rich.text import Text

MIN_VALUE_WIDTH = 20  # characters


def plain_console() -> Console:
    """Return a console for stdout that adds no colours of its own, and none at all if NO_COLOR is set."""
    return Console(highlight=False, markup=False, emoji=False)


def print_columns(console: Console, label: Text, value: Text) -> None:
    """Print a label and a value, which is wrapped in a column of its own."""
    width = max(MIN_VALUE_WIDTH, console.width - label.cell_len)
    for line in value.wrap(console, width, overflow="fold") or [Text()]:
        row = Text.assemble(label, line)
        row.rstrip()
        console.print(row, soft_wrap=True)
        label = Text(" " * label.cell_len)
