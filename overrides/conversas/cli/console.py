"""How what is to be read is printed: nothing in a text is markup, and a long text is wrapped below itself."""

from rich.console import Console
from rich.text import Text

NARROWEST = 20  # columns for a text beside its label


def plain_console() -> Console:
    """Give stdout as it is: nothing is coloured but by us, and not where colours are not wanted."""
    return Console(highlight=False, markup=False, emoji=False)


def print_beside(console: Console, label: Text, value: Text) -> None:
    """Print a value beside its label; further lines of it stand below the first."""
    width = max(NARROWEST, console.width - label.cell_len)
    for line in value.wrap(console, width, overflow="fold") or [Text()]:
        whole = Text.assemble(label, line)
        whole.rstrip()
        console.print(whole, soft_wrap=True)
        label = Text(" " * label.cell_len)
