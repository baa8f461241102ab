"""README and docs: their Python runs and prints what they say, their links and commands lead somewhere."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from inspect import signature
from pathlib import Path

import click
import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import conversas
from conversas.cli.app import LAZY_SUBCOMMANDS
from conversas.cli.app import conversas as app
from conversas.providers import PROVIDERS
from conversas.providers.base import env_prefix
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import leading_to
from tools.docs import record_page, terminal_picture

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


def test_every_anchor_is_a_heading_of_its_page(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text("utf-8"))
    assert [
        (file, anchor) for file, anchor in links if anchor not in anchors(page.parent / file if file else page)
    ] == []


def anchors(page: Path) -> set[str]:
    """Return the anchor of each heading, as the site and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_script_that_a_page_names_can_be_run(page: Path) -> None:
    names = set(re.findall(r"(?<![\w/])(?:\./)?scripts/([\w-]+)(?![\w/.-])", page.read_text("utf-8")))
    assert [name for name in names if not os.access(ROOT / "scripts" / name, os.X_OK)] == []


def test_every_command_that_a_page_names_has_these_options(page: Path) -> None:
    written = re.findall(r"\bconversas ([a-z]+)( [^`;|\n]*)", page.read_text("utf-8"))
    used = [(name, set(re.findall(r"(?<= )--[a-z-]+", rest))) for name, rest in written if name in LAZY_SUBCOMMANDS]
    assert [(name, options - options_of(name)) for name, options in used if options - options_of(name)] == []


def options_of(name: str) -> set[str]:
    command = app.get_command(click.Context(app), name)
    assert command
    return {"--help"}.union(*(parameter.opts for parameter in command.params))


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


@pytest.mark.parametrize(
    ("page", "at_least"), [(ROOT / "docs" / "reliability.md", 30), (ROOT / "README.md", 8)], ids=str
)
def test_each_promise_of_a_page_is_held_by_a_test(page: Path, at_least: int) -> None:
    promises = re.findall(r"^\|.* \| \[`(test_\w+)`\]\(([^)]+)\) \|$", page.read_text("utf-8"), re.MULTILINE)
    assert len(promises) > at_least
    assert len(promises) == page.read_text("utf-8").count("[`test_")
    for name, file in promises:
        assert f"def {name}(" in (page.parent / file).read_text("utf-8"), name


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_the_picture_of_the_readme_shows_what_the_commands_print() -> None:
    assert terminal_picture.PICTURE.read_text("utf-8") == terminal_picture.draw(), "run scripts/docs"


def test_the_picture_makes_no_request() -> None:
    text = terminal_picture.PICTURE.read_text("utf-8")
    assert re.findall(r"url\((?!#)|href=|@import|<script|<image", text) == []


def test_the_page_of_the_record_has_what_the_schema_says() -> None:
    text = record_page.PAGE.read_text("utf-8")
    assert record_page.refresh_tables(text) == text, "run scripts/docs"


def test_the_page_of_errors_has_each_error_and_each_reason() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE)
    errors = [
        name for name in conversas.__all__ if name.endswith("Error") and name not in {"ConversasError", "MessageError"}
    ]
    assert sorted(listed) == sorted([*errors, *conversas.TransportErrorReason, *conversas.DecodeErrorReason])


def test_the_page_of_the_api_has_each_public_name_and_no_other() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert sorted(re.findall(r"^\.\. auto\w+:: (\w+)$", page, re.MULTILINE)) == sorted(conversas.__all__)


def test_the_page_of_the_api_has_each_argument_of_a_client() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    arguments = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert (
        arguments == list(signature(conversas.Client).parameters) == list(signature(conversas.AsyncClient).parameters)
    )


def test_the_page_of_variables_has_those_of_each_provider() -> None:
    page = (ROOT / "docs" / "environment.md").read_text("utf-8")
    suffixes = ("BASE_URL", "TOKEN", "TOKEN_FILE", "TIMEZONE", "ACCOUNT")
    wanted = {f"{env_prefix(name)}_{suffix}" for name in PROVIDERS for suffix in suffixes}
    assert wanted <= set(re.findall(r"`([A-Z_]+)`", page))


def test_each_query_of_the_page_of_the_manifest_runs(tmp_path: Path) -> None:
    with Sandbox() as sandbox, conversas.Client(sandbox.zild) as client:
        conversas.export(["zild:1", "zild:10"], to=tmp_path, client=client)
    queries = re.findall(r"\| `(SELECT [^`]+)` \|", (ROOT / "docs" / "manifest.md").read_text("utf-8"))
    with closing(sqlite3.connect(tmp_path / "manifest.sqlite")) as manifest:
        assert [len(manifest.execute(query).fetchall()) for query in queries] == [0, 1, 0, 1, 0, 0, 1, 1]


def test_words_that_people_search_for_are_on_the_pages() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES).lower()
    words = (
        "rate limit, resume, backoff, jitter, thread-safe, atomic, dataframe, pandas, polars, duckdb, jupyter, cron, "
        "proxy, environment variable, personal data, lgpd, circuit breaker, deadline, checksum, retry-after, exit code"
    )
    assert [word for word in words.split(", ") if word.strip() not in text] == []
