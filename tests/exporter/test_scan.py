"""A run over a range of ids: those that are not there are no failures, and the newest are asked for again."""

from pathlib import Path

import pytest

from conversas import Client, ExportSummary, Retry, export
from conversas.records.ref import ConversationRef, ScannedRef
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import outcomes

NO_RETRY = Retry(attempts=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def scan(sandbox: Sandbox, folder: Path, ids: range, *, absent: set[int], **options: str) -> ExportSummary:
    """Export a range of which some ids are not there."""
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=[str(id_) for id_ in absent])] if absent else []
    refs = (ScannedRef("zild", str(id_)) for id_ in ids)
    with Client(sandbox.zild) as client:
        return export(refs, to=folder, client=client, **options)  # type: ignore[arg-type]


def asked(sandbox: Sandbox, since: int) -> set[int]:
    return {int(request.target.rpartition("/")[2]) for request in list(sandbox.requests)[since:]}


def test_ids_that_are_not_there_are_counted_apart(folder: Path) -> None:
    with Sandbox() as sandbox:
        summary = scan(sandbox, folder, range(1, 11), absent={3, 9, 10})
    assert (summary.fetched, summary.failed, summary.not_there, summary.done) == (7, 0, 3, 10)
    assert outcomes(folder)["zild:3"] == "NotFoundError"


def test_a_ref_that_comes_twice_and_is_fetched_again_is_no_earlier_failure(folder: Path) -> None:
    refs = ["zild:1", "zild:2", "zild:1"]
    with Sandbox(rules=[Rule(Fault.UNAVAILABLE, ids=["1"])]) as sandbox, Client(sandbox.zild, retry=NO_RETRY) as client:
        assert export(refs, to=folder, client=client).failed == 1
        sandbox.rules = []
        summary = export(refs, to=folder, client=client)
    assert (summary.fetched, summary.skipped, summary.failed_earlier) == (1, 2, 0)


def test_those_beyond_the_highest_found_are_asked_for_again_and_those_below_are_not(folder: Path) -> None:
    with Sandbox() as sandbox:
        scan(sandbox, folder, range(1, 11), absent={3, 8, 9, 10})
        before = len(sandbox.requests)
        summary = scan(sandbox, folder, range(1, 11), absent={3, 8, 10})
        assert asked(sandbox, before) == {8, 9, 10}
        assert (summary.fetched, summary.not_there, summary.skipped) == (1, 2, 7)
        before = len(sandbox.requests)
        summary = scan(sandbox, folder, range(1, 11), absent={3, 8, 10})
        assert asked(sandbox, before) == {10}  # 8 is below 9, which was found
        assert (summary.fetched, summary.not_there, summary.skipped) == (0, 1, 9)


def test_a_ref_that_was_named_is_a_failure_and_is_not_asked_for_again(folder: Path) -> None:
    with Sandbox(rules=[Rule(Fault.NOT_FOUND, ids=["9"])]) as sandbox, Client(sandbox.zild) as client:
        for failed in (1, 0):
            summary = export(["zild:1", ConversationRef("zild", "9")], to=folder, client=client)
            assert (summary.failed, summary.not_there) == (failed, 0)


def test_one_that_was_named_and_was_not_there_is_asked_for_again_by_a_scan_beyond_the_highest(folder: Path) -> None:
    with Sandbox(rules=[Rule(Fault.NOT_FOUND, ids=["9"])]) as sandbox, Client(sandbox.zild) as client:
        export(["zild:1", "zild:9"], to=folder, client=client)
        before = len(sandbox.requests)
        scan(sandbox, folder, range(1, 11), absent=set())
        assert asked(sandbox, before) == set(range(2, 11))


def test_refresh_failed_asks_for_all_of_them_again(folder: Path) -> None:
    with Sandbox() as sandbox:
        scan(sandbox, folder, range(1, 6), absent={2, 5})
        before = len(sandbox.requests)
        scan(sandbox, folder, range(1, 6), absent=set(), refresh="failed")
        assert asked(sandbox, before) == {2, 5}


def test_other_failures_of_a_scan_are_failures(folder: Path) -> None:
    with Sandbox(rules=[Rule(Fault.FORBIDDEN, ids=["2"])]) as sandbox, Client(sandbox.zild) as client:
        summary = export([ScannedRef("zild", str(id_)) for id_ in (-1, 1, 2)], to=folder, client=client)
    assert (summary.fetched, summary.failed, summary.not_there) == (2, 1, 0)
