"""A browser opens pages of conversations: nothing planted runs, nothing is asked for, and judges find nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conversas import (
    Agent,
    Completeness,
    Contact,
    Conversation,
    ConversationRef,
    Message,
    Queue,
    Rating,
    Role,
    Status,
    Tag,
    Verdict,
    gallery_html,
    transcript_html,
)
from support.examples import OUTCOMES, at, example
from support.planted import SCRIPTS, planted
from support.processes import NODE_TOOLS, ROOT, output

TRY = ROOT / "scripts" / "node" / "try-transcripts.mjs"
USE = ROOT / "scripts" / "node" / "use-gallery.mjs"
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


def review(number: int, text: str, *, agent: str, queue: str, tag: str, rating: Rating | None = None) -> Conversation:
    """Return a conversation to find: an odd one is closed and complete."""
    is_odd = number % 2 == 1
    return Conversation(
        provider="zild",
        ref=ConversationRef("zild", str(number)),
        status=Status.CLOSED if is_odd else Status.OPEN,
        completeness=Completeness(verdict=Verdict.COMPLETE if is_odd else Verdict.TRUNCATED),
        created_at=at(2026, 1, number, 1),
        agent=Agent(name=agent),
        queue=Queue(name=queue),
        tags=(Tag(name=tag),),
        messages=(Message(role=Role.AGENT, text=text, rating=rating),),
    )


FOUND_BY = {
    ("search", "CONEXAO"): [1, 3],
    ("status", "open"): [2],
    ("verdict", "incomplete"): [2],
    ("agent", "Bia"): [2],
    ("queue", "Vendas"): [3],
    ("tag", "troca"): [1],
    ("rating", "bad"): [2],
    ("rating", "unrated"): [3],
    ("from", "2026-01-02"): [3],
    ("to", "2026-01-01"): [1, 2],
    ("search", "conexão"): [1, 3],
}
"""The conversations that each control finds. Their days are those of São Paulo, where it is still the day before."""


@pytest.mark.node("playwright-core")
@pytest.mark.program("chromium")
def test_conversations_are_found_by_every_control_key_and_link(tmp_path: Path) -> None:
    conversations = [
        review(1, "A conexão caiu", agent="Ana", queue="Suporte", tag="troca", rating=Rating.GOOD),
        review(2, "Tudo certo", agent="Bia", queue="Suporte", tag="outro", rating=Rating.BAD),
        review(3, "Sem conexa\u0303o, de novo: 👍🏽 CONEXÃO", agent="Ana", queue="Vendas", tag="outro"),
    ]
    file = tmp_path / "gallery.html"
    file.write_text(gallery_html(conversations, timezone="America/Sao_Paulo"), "utf-8")
    browser = shutil.which("chromium")
    assert browser
    seen = json.loads(output("node", USE, browser, file, json.dumps([*FOUND_BY]), cwd=tmp_path))
    assert dict(zip(FOUND_BY, seen.pop("filters"), strict=True)) == {
        control: [f"zild:{number}" for number in numbers] for control, numbers in FOUND_BY.items()
    }
    assert seen == {
        "marked": ["conexão"],
        "keys": ["zild:2", "zild:3", "zild:2"],
        "address": "#zild%3A2",
        "focus": "search",
        "linked": "zild:3",
        "print": [False, True],
        "phone": [False, True],
        "back": [True, False],
    }
