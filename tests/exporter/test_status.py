"""Summaries and statuses agree with the manifest."""

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conversas import AuthenticationError, Client, Export, ExportError, ExportSummary, PartLimits, export
from conversas.exporter.manifest import Manifest
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, outcomes

REFS = [f"zild:{number}" for number in range(1, 21)]
OTHERS = [f"superagentes:{number}" for number in range(20)]
COUNTS = """SELECT sum(outcome = 'fetched'), sum(outcome = 'failed'), sum(verdict <> 'complete'), sum(drift IS NOT NULL)
FROM outcomes"""


def facts(summary: ExportSummary) -> tuple[int, int, int, int]:
    return summary.fetched, summary.failed, summary.incomplete, summary.drifting


def refusing(commit: Callable[..., None], *, after: int) -> Callable[..., None]:
    """Return a commit that fails after some."""
    done = list[int]()

    def refused(*arguments: Any) -> None:
        done.append(1)
        if len(done) > after:
            raise ExportError("the disk is full")
        commit(*arguments)

    return refused


def test_what_was_not_committed_is_counted_no_longer(
    run: Any, folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.rules = [
        Rule(Fault.NOT_FOUND, ids=["5", "15"]),
        Rule(Fault.UNKNOWN_FIELD, ids=["6", "7", "16", "17", "18"]),
    ]
    told = list[ExportSummary]()
    monkeypatch.setattr(Manifest, "commit", refusing(Manifest.commit, after=1))
    with pytest.raises(ExportError, match="the disk is full"):
        run(
            REFS,
            concurrency=1,
            part=PartLimits(max_conversations=10, max_seconds=600),
            on_progress=lambda now: told.append(copy(now)),
        )
    assert [facts(told[-1])] == ask(folder, COUNTS) == [(9, 1, 2, 2)]


def test_a_version_that_could_not_be_had_again_and_was_not_committed_is_counted_no_longer(
    run: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(REFS)
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    told = list[ExportSummary]()
    monkeypatch.setattr(Manifest, "commit", refusing(Manifest.commit, after=0))
    with pytest.raises(ExportError, match="the disk is full"):
        run(REFS, refresh="all", on_progress=told.append)
    assert facts(told[-1]) == (0, 0, 0, 0)


def test_attempts_are_counted_of_what_failed_too(run: Any, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNAVAILABLE, ids=["1"], retry_after=0)]
    assert run(["zild:1"]).retried == 4
    sandbox.rules = [Rule(Fault.UNAVAILABLE, ids=["2"], times=2, retry_after=0)]
    assert run(["zild:1", "zild:2", "zild:3", "no ref"]).retried == 2


def test_each_conversation_that_drifts_counts_once(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_ENUM_VALUE, ids=["1", "2"]), Rule(Fault.UNKNOWN_FIELD, ids=["3"])]
    assert run(REFS).drifting == 3
    ((kinds,),) = ask(folder, "SELECT count(DISTINCT drift) FROM outcomes")
    assert kinds == 2
    assert Export(folder).status().drifting == 3


def test_the_last_thing_that_is_told_is_what_the_run_gives(run: Any) -> None:
    told = list[ExportSummary]()
    summary = run([*REFS, "no ref"], on_progress=lambda so_far: told.append(evolve(so_far)))
    assert facts(told[-1]) == facts(summary)
    assert told[-1].done == len(REFS) + 1


def test_the_last_thing_that_is_told_of_a_run_that_stopped_is_what_was_done(
    run: Any, folder: Path, sandbox: Sandbox
) -> None:
    sandbox.revoke(str(sandbox.zild.token))
    told = list[ExportSummary]()
    with pytest.raises(AuthenticationError):
        run(["zild:1", *OTHERS], on_progress=lambda so_far: told.append(evolve(so_far)))
    assert [facts(told[-1])] == ask(folder, COUNTS)
    assert told[-1].fetched == len(OTHERS)


def test_what_had_no_platform_is_fetched_once_it_has_one(run: Any, folder: Path, sandbox: Sandbox) -> None:
    refs = ["zild:1", "superagentes:1"]
    with Client(sandbox.zild) as client:
        export(refs, to=folder, client=client)
    assert outcomes(folder) == {"zild:1": "fetched", "superagentes:1": "ConfigurationError"}
    assert run(refs).fetched == 1
    assert set(outcomes(folder).values()) == {"fetched"}


def test_a_text_that_is_no_ref_is_told_by_each_run(run: Any) -> None:
    refs = [*REFS, "zild:007"]
    assert run(refs, concurrency=1).failed == 1
    assert run(refs, concurrency=1).failed == 1


def test_what_is_given_again_in_the_same_run_is_asked_for_once(run: Any, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["20"])]
    run(REFS)
    before = sandbox.counts.refs
    summary = run(REFS * 3, refresh="all", concurrency=1, part=PartLimits(max_conversations=1))
    assert (summary.fetched, summary.failed, summary.skipped) == (19, 1, 40)
    assert sandbox.counts.refs - before == dict.fromkeys(REFS, 1)


def test_each_problem_names_what_to_fetch_again(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["3"])]
    run(REFS, raw=True)
    (body,) = (folder / "undecodable").iterdir()
    body.unlink()
    ask(folder, f"UPDATE outcomes SET sha256 = '{'0' * 64}' WHERE ref = 'zild:1'")
    refs = {problem.text: problem.refs for problem in Export(folder).verify() if "SHA256SUMS" not in problem.text}
    assert refs == {
        f"undecodable/{body.name} is missing or damaged": {"zild:3"},
        "raw/part-000001.zip does not hold the bodies that the manifest lists": {*REFS} - {"zild:3"},
    }
