"""`conversas refs`: the refs that a provider lists, for `conversas export`."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import Run


def test_it_prints_refs_that_an_export_takes(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    code, out, err = command("refs", "superagentes", "--status", "UNRESOLVED", **sandbox.env)
    assert (code, err) == (0, "")
    refs = out.splitlines()
    assert refs
    assert all(ref.startswith("superagentes:conversation-id-") for ref in refs)
    (tmp_path / "refs.txt").write_text(out, "utf-8")
    code, _, _ = command("export", str(tmp_path / "refs.txt"), "--to", str(tmp_path / "out"), **sandbox.env)
    assert code == 0


def test_it_sends_the_filters_and_nothing_else(command: Run, sandbox: Sandbox) -> None:
    command("refs", "superagentes", **sandbox.env)
    command("refs", "superagentes", "--status", "RESOLVED", "--agent-id", "a", **sandbox.env)
    assert [urlsplit(each.target).query for each in sandbox.requests] == ["", "agentId=a&status=RESOLVED"]


@pytest.mark.parametrize(("neutral", "word"), [("open", "UNRESOLVED"), ("waiting", "HUMAN_REQUESTED")])
def test_a_status_in_neutral_words_is_sent_in_those_of_the_provider(
    command: Run, sandbox: Sandbox, neutral: str, word: str
) -> None:
    _, by_neutral, _ = command("refs", "superagentes", "--status", neutral, **sandbox.env)
    _, by_word, _ = command("refs", "superagentes", "--status", word, **sandbox.env)
    assert by_neutral == by_word != ""


def test_a_status_that_is_not_documented_is_told_if_it_finds_nothing(command: Run, sandbox: Sandbox) -> None:
    code, out, err = command("refs", "superagentes", "--status", "UNRESLVED", **sandbox.env)
    assert (code, out) == (0, "")
    assert "lists no such conversation; it documents these statuses: open (UNRESOLVED), waiting (HUMAN_REQ" in err


def test_a_list_that_is_empty_for_another_reason_is_told_without_statuses(command: Run, sandbox: Sandbox) -> None:
    code, out, err = command("refs", "superagentes", "--agent-id", "nobody", **sandbox.env)
    assert (code, out, err) == (0, "", "superagentes lists no such conversation\n")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["zild"], "zild: its spec has no operation that lists conversations"),
        (["other"], "the provider must be one of zild, superagentes"),
    ],
)
def test_a_provider_without_a_list_is_told(command: Run, sandbox: Sandbox, arguments: list[str], part: str) -> None:
    code, out, err = command("refs", *arguments, **sandbox.env)
    assert (code, out) == (2, "")
    assert part in err


def test_a_provider_that_is_not_configured_is_told(command: Run) -> None:
    code, _, err = command("refs", "superagentes")
    assert code == 2
    assert "set SUPERAGENTES_TOKEN" in err


def test_a_failure_ends_with_1(command: Run) -> None:
    with Sandbox(rules=[Rule(Fault.FORBIDDEN)]) as sandbox:
        code, out, err = command("refs", "superagentes", **sandbox.env)
    assert (code, out) == (1, "")
    assert "list of conversations" in err
