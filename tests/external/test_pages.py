"""A browser judges the pages for people: opened from disk without network, they show all that the specs say."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.generated import PROVIDERS
from support.processes import ROOT, output
from tools.docs import reference_pages
from tools.regenerate.spec import load_yaml

LOOK = ROOT / "scripts" / "node" / "look-at-pages.mjs"


def words(spec: Path) -> Iterator[str]:
    """Yield what a page has to show: the operation, each property and each value of an enum."""
    document: Any = load_yaml(spec)
    yield from document["paths"]
    for schema in document["components"]["schemas"].values():
        yield from schema.get("properties", ())
        yield from (json.dumps(value) for value in schema.get("enum", ()))


@pytest.mark.node("redocly", "playwright-core")
@pytest.mark.program("chromium")
def test_a_page_shows_every_word_of_its_spec_and_asks_for_nothing_else(tmp_path: Path) -> None:
    wanted: dict[Path, list[str]] = {}
    for provider in PROVIDERS:
        spec, page = ROOT / "openapi" / f"{provider}.yaml", tmp_path / f"{provider}.html"
        reference_pages.build(spec, page)
        wanted[page] = list(words(spec))
    browser = shutil.which("chromium")
    assert browser
    arguments = json.dumps([(str(page), shown) for page, shown in wanted.items()])
    assert json.loads(output("node", LOOK, browser, arguments, cwd=tmp_path)) == [
        {"missing": [], "complaints": [], "requests": [page.as_uri()], "refused": reference_pages.POLICY}
        for page in wanted
    ]


def test_the_readme_says_where_the_pages_are() -> None:
    place = (reference_pages.REFERENCE / "<provider>.html").relative_to(ROOT).as_posix()
    assert all((ROOT / "openapi" / f"{provider}.yaml").exists() for provider in PROVIDERS)
    assert place in (ROOT / "README.md").read_text("utf-8")
