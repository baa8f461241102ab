"""`conversas status --failed`: each failure of an export."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import fields

from conversas import ExportFailure
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import Run, leading_to, one_line
from support.export_reader import ask


@pytest.fixture
def folder(command: Run, sandbox: Sandbox, tmp_path: Path) -> Path:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["2"]), Rule(Fault.TRUNCATED_JSON, ids=["3"])]
    folder = tmp_path / "export"
    assert command("export", "zild:1", "zild:2", "zild:3", "--to", str(folder), **leading_to(sandbox))[0] == 1
    return folder


def test_each_failure_is_a_line(command: Run, folder: Path) -> None:
    code, out, err = command("status", str(folder), "--failed")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first.startswith("zild:2  NotFoundError: ")
    assert second.startswith("zild:3  DecodeError: the body is not a conversation (not_json), 1 attempt, 20")
    assert first.endswith("+00:00, fetched again with --refresh failed")
    (body,) = (folder / "undecodable").iterdir()
    assert second.endswith(f"+00:00, fetched again by the next run, body in undecodable/{body.name}")


def test_a_failed_refresh_is_told(command: Run, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["1", "3"])]
    code, _, _ = command("export", "zild:1", "--to", str(folder), "--refresh", "all", **leading_to(sandbox))
    assert code == 1
    assert (
        "1 not refreshed, DecodeError: the body is not a conversation (not_json), e.g. zild:1, fetched again"
        in (command("status", str(folder))[1])
    )
    refreshed, *_ = command("status", str(folder), "--failed")[1].splitlines()
    assert "+00:00, the older conversation is kept, fetched again by the next run, body in undecodable/" in refreshed


def test_each_failure_is_an_object_of_json(command: Run, folder: Path) -> None:
    code, out, err = command("status", str(folder), "--failed", "--json")
    assert (code, err) == (0, "")
    failures = [json.loads(line) for line in out.splitlines()]
    assert [(failure["ref"], failure["error"], failure["fetch_again"]) for failure in failures] == [
        ("zild:2", "NotFoundError", False),
        ("zild:3", "DecodeError", True),
    ]
    for failure in failures:
        assert failure.keys() == {field.name for field in fields(ExportFailure)}
        assert failure["attempts"] == 1
        assert datetime.fromisoformat(failure["time"]) <= datetime.now(UTC)


def test_a_ref_cannot_break_its_line(command: Run, folder: Path) -> None:
    ask(folder, "UPDATE outcomes SET ref = 'zild:2' || char(10, 27, 8232) || 'x' WHERE ref = 'zild:2'")
    for options in ([], ["--json"]):
        _, out, _ = command("status", str(folder), "--failed", *options)
        assert (len(out.splitlines()), "\x1b" in out) == (2, False)


def test_json_is_for_the_failures_only(command: Run, folder: Path) -> None:
    code, _, err = command("status", str(folder), "--json")
    assert (code, one_line(err)) == (
        2,
        "error: --json is for the failures; also pass --failed; see conversas status --help",
    )


def test_an_export_without_failures_prints_nothing(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    assert command("export", "zild:1", "--to", folder, **leading_to(sandbox))[0] == 0
    assert command("status", folder, "--failed") == (0, "", "")
