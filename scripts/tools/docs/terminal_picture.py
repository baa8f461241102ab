"""Picture of a terminal for the README, docs/images/terminal.svg, with commands and their output."""

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tools.docs.cli_output import shell

PICTURE = Path(__file__).parents[3] / "docs" / "images" / "terminal.svg"
COMMANDS = (
    "conversas export zild:1..100 --to calls --format parquet",
    "conversas status calls",
    "conversas get zild:7",
)
COLUMNS = 92
_COLOURS = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)


def draw() -> str:
    """Return the picture as SVG. It uses no web font, so it makes no network request."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    with shell(("zild",), **_COLOURS) as run:
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            console.print(Text.from_ansi(run(command)), "")
    return _WEB_FONT.sub("", console.export_svg(title="conversas", theme=MONOKAI, unique_id="terminal"))


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(), "utf-8")
