"""A browser opens pages of conversations: nothing planted runs, nothing is asked for, and judges find nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conversas import Contact, Conversation, gallery_html, transcript_html
from support.examples import OUTCOMES, example
from support.planted import SCRIPTS, planted
from support.processes import NODE_TOOLS, ROOT, output

TRY = ROOT / "scripts" / "node" / "try-transcripts.mjs"
CLEAN = {"light": [], "dark": [], "complaints": [], "requests": [], "ran": False}


def conversations() -> list[Conversation]:
    """Return a conversation for each script, with it in every text field, then all examples."""
    return [*(planted(script) for script in SCRIPTS), *map(example, OUTCOMES)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pages")
    everything = planted(SCRIPTS[0])
    messages = tuple(message for script in SCRIPTS for message in planted(script).messages)
    texts = [
        gallery_html(conversations(), title=SCRIPTS[0], language="pt-BR", timezone="America/Sao_Paulo"),
        transcript_html(evolve(everything, messages=messages, contacts=tuple(Contact(name=each) for each in SCRIPTS))),
    ]
    files = [folder / f"{number}.html" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "utf-8")
    return files


def opened(files: list[Path]) -> list[dict[str, Any]]:
    browser = shutil.which("chromium")
    assert browser
    found: list[dict[str, Any]] = json.loads(
        output("node", TRY, browser, json.dumps([*map(str, files)]), cwd=files[0].parent)
    )
    return found


@pytest.mark.node("playwright-core", "html-validate")
@pytest.mark.program("chromium")
def test_nothing_that_is_planted_runs_and_axe_finds_nothing_in_light_and_dark(pages: list[Path]) -> None:
    found = opened(pages)
    assert found == [{**CLEAN, "opened": count} for count in (len(conversations()), 1)]


@pytest.mark.node("html-validate")
def test_html_validate_finds_nothing(pages: list[Path]) -> None:
    config = pages[0].parent / ".htmlvalidate.json"
    config.write_text(json.dumps({"root": True, "extends": ["html-validate:recommended"]}), "utf-8")
    assert output(NODE_TOOLS / "html-validate", "--max-warnings=0", "--config", config, *pages, cwd=ROOT) == ""
