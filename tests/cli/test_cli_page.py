"""docs/cli.md says what the command line prints."""

import re
from pathlib import Path

import pytest

from consoles import PAGES, written_anew
from conversas.cli.program import COMMANDS

TEXT = PAGES[0].read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_what_each_of_its_commands_prints(page: Path) -> None:
    text = page.read_text("utf-8")
    without = re.sub(r"(?<=```console\n)(\$ [^\n]*)\n.*?(?=```)", r"\1\nspoiled\n", text, flags=re.DOTALL)
    assert without.count("\nspoiled\n") == text.count("```console")
    assert written_anew(without) == text, "run scripts/docs"


def test_the_page_has_the_help_of_every_command() -> None:
    shown = re.findall(r"^\$ conversas (?:(\w+) )?--help$", TEXT, re.MULTILINE)
    assert shown == ["", *COMMANDS]
    assert re.findall(r"^## (\w+)$", TEXT, re.MULTILINE) == list(COMMANDS)
