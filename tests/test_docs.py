"""README and docs: their Python runs and prints what they say, their links and commands lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import leading_to

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("openapi/*.md")])


PAGES_OF_ENGINES = {ROOT / "docs" / "pipelines.md"}
"""Pages whose examples tests/engines runs, with the engines."""
PAGES_TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.fixture(params=sorted({*PAGES} - PAGES_OF_ENGINES), ids=lambda page: page.relative_to(ROOT).as_posix())
def page_to_run(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_python_example_runs_and_prints_what_the_page_says(
    page_to_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def compare(example: Example) -> None:
        assert capsys.readouterr().out == example.parsed

    (tmp_path / "openapi").symlink_to(ROOT / "openapi")  # what the pages read; what they write is gone afterwards
    monkeypatch.chdir(tmp_path)
    sybil = Sybil([PythonCodeBlockParser(), CodeBlockParser(language="text", evaluator=compare)])
    document: Document = sybil.parse(page_to_run)
    with Sandbox(rules=[Rule(Fault.NOT_FOUND, ids=["unknown"])]) as sandbox:
        for name, value in {**leading_to(sandbox), "NO_PROXY": "127.0.0.1"}.items():
            monkeypatch.setenv(name, value)
        for example in document.examples():
            example.evaluate()


def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_script_that_a_page_names_can_be_run(page: Path) -> None:
    names = set(re.findall(r"(?<![\w/])(?:\./)?scripts/([\w-]+)(?![\w/.-])", page.read_text("utf-8")))
    assert [name for name in names if not os.access(ROOT / "scripts" / name, os.X_OK)] == []


def test_the_fuzzer_of_contributing_runs() -> None:
    command = re.search(r"^PYTHONPATH=tests \S+ (tests/fuzz.py) \d+ \d+$", PAGES_TEXT, re.MULTILINE)
    assert command
    result = subprocess.run(
        [sys.executable, command[1], "100"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
    )
    assert "100 examples, nothing found" in result.stdout, result.stderr


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "./scripts/test" in (ROOT / "README.md").read_text("utf-8")
    assert "\n./scripts/test\n" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_each_promise_of_the_page_on_faults_is_held_by_a_test() -> None:
    rows = (ROOT / "docs" / "reliability.md").read_text("utf-8").splitlines()
    promises = [row for row in rows if row.startswith("| ") and not row.startswith("| fault")]
    assert len(promises) > 30
    for promise in promises:
        name, file = re.findall(r"\[`(\w+)`\]\(\.\./([^)]+)\) \|$", promise)[0]
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), promise
