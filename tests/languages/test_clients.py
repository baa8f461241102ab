"""Clients in other languages, generated and compiled as they are, and what they preserve of the sandbox's bodies.

A table in openapi/README.md has the outcome of each edge case. It must match what is seen here with a body for each,
and predict that of each body in openapi/examples.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conversas.sandbox import Sandbox
from conversas.sandbox.bodies import find_body_files
from languages.builds import ANNOTATIONS, PROVIDERS, README, build
from languages.differences import differences
from languages.edge_cases import EDGE_CASES, edge_cases, text_of
from support.cli import leading_to
from support.processes import ROOT

EXAMPLES = {
    ref: file for ref, file in find_body_files(README.parent / "examples").items() if ref.partition(":")[0] in PROVIDERS
}
EDGE_CASES_BY_REF = {f"{case.provider}:{number}": case for number, case in enumerate(EDGE_CASES, start=1_001)}
BODIES = {ref: file.read_bytes() for ref, file in EXAMPLES.items()} | {
    ref: each.body for ref, each in EDGE_CASES_BY_REF.items()
}

COLUMNS = {
    "typescript": {"contract": "TypeScript", "open form": "TypeScript"},
    "java": {"contract": "Java", "open form": "Java, open form"},
    "go": {"contract": "Go", "open form": "Go, open form"},
}
"""The column of the table for each language and form of the specs."""

Read = dict[str, dict[str, Any]]
"""By ref, what the program wrote: what came out of the client as `read`, or its error as `refused`."""


@pytest.mark.parametrize(
    "language",
    [
        pytest.param("typescript", marks=pytest.mark.node("openapi-typescript", "tsc")),
        pytest.param("java", marks=pytest.mark.program("java", "javac", ANNOTATIONS)),
        pytest.param("go", marks=pytest.mark.program("java", "go")),
    ],
)
def test_a_generated_client_gives_back_what_it_reads_as_far_as_the_table_says(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both forms are tried at once: the generator starts for both, and what Go compiles of its own serves both."""
    monkeypatch.setenv("GOPROXY", "off")  # what is generated needs nothing
    programs = build(language, tmp_path)
    assert programs.keys() == COLUMNS[language].keys()
    with Sandbox(bodies=BODIES) as sandbox:
        for name, value in leading_to(sandbox).items():
            monkeypatch.setenv(name, value)
        for form, program in programs.items():
            read = {line["ref"]: line for line in map(json.loads, program(BODIES).splitlines())}
            assert_reads_as_documented(read, table(COLUMNS[language][form]))


def assert_reads_as_documented(read: Read, documented: dict[str, str]) -> None:
    assert read.keys() == BODIES.keys()
    assert outcomes(read) == documented
    assert {ref: lost(ref, read) for ref in EXAMPLES} == {
        ref: predicted(file, documented) for ref, file in EXAMPLES.items()
    }


def table(column: str) -> dict[str, str]:
    """Return the outcome of each edge case in the table."""
    section = README.read_text("utf-8").partition("\n## Generators\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return {row[0]: row[head.index(column)] for row in rows}


def outcomes(read: Read) -> dict[str, str]:
    """Return the outcome seen for each edge case."""
    seen: dict[str, set[str]] = {}
    for ref, case in EDGE_CASES_BY_REF.items():
        seen.setdefault(case.kind, set()).add(outcome(lost(ref, read), case.location))
    return {kind: " or ".join(sorted(words)) for kind, words in seen.items()}


def outcome(pointers: list[str], location: str) -> str:
    """Return the outcome at a location, by the pointers of the values that were lost."""
    if pointers == ["refused"]:
        return "refused"
    within = [
        each for each in pointers if f"{each}/".startswith(f"{location}/") or f"{location}/".startswith(f"{each}/")
    ]
    return "lost" if within else "kept"


def lost(ref: str, read: Read) -> list[str]:
    """Return the JSON pointers of the values that changed."""
    line = read[ref]
    return ["refused"] if "refused" in line else sorted(differences(text_of(BODIES[ref]), line.get("read")))


def predicted(file: Path, documented: dict[str, str]) -> list[str]:
    """Return the JSON pointers that an example loses according to the table."""
    found = [(location, documented[kind]) for kind, location in edge_cases(f"{file.parent.name}/{file.stem}")]
    if any(word == "refused" for _, word in found):
        return ["refused"]
    return sorted({location for location, word in found if word == "lost"})


def test_the_page_names_the_versions_that_are_tried() -> None:
    page = README.read_text("utf-8").lower()
    tools = json.loads((ROOT / "scripts" / "node" / "package.json").read_text("utf-8"))["devDependencies"]
    for name in ("openapi-typescript", "openapi-fetch", "typescript"):
        assert f"{name} {tools[name]}" in page
    pinned = re.search(r'"openapi-generator-cli==(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert pinned
    assert page.count(f"openapi-generator {pinned[1]}") == 2
