"""`refresh` selects refs by what an earlier run knows of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Export, Superagentes, Verdict, Zild, export
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask

BODY: dict[str, Any] = {
    "id": 1,
    "from": "5511987654321",
    "createdAt": "2026-01-05T12:00:00Z",
    "finishedAt": "2026-01-05T13:00:00Z",
    "messages": [{"id": 1, "from": "5511987654321", "content": "oi", "createdAt": "2026-01-05T12:00:00Z"}],
}
OPEN = {"finishedAt": None}
SCORED = {"score": 87, "checklistId": 3}


def send(folder: Path, bodies: dict[str, dict[str, Any]], **options: Any) -> tuple[int, int]:
    """Export these bodies; return how many were fetched and skipped."""
    served = {ref: json.dumps(body).encode() for ref, body in bodies.items()}
    with Sandbox(bodies=served) as sandbox:
        zild = Zild(sandbox.zild.base_url, sandbox.zild.token, account="loja")
        superagentes = Superagentes(sandbox.superagentes.token, sandbox.superagentes.base_url, account="loja")
        with Client(zild, superagentes) as client:
            summary = export(bodies, to=folder, client=client, **options)
    assert summary.failed == 0
    return summary.fetched, summary.skipped


def zild_bodies(*changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"zild:{number}": BODY | {"id": number} | change for number, change in enumerate(changes, 1)}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"messages": None}, Verdict.TRUNCATED),
        ({"messages": [*BODY["messages"], 7]}, Verdict.TRUNCATED),
        ({"messages": BODY["messages"] * 2}, None),
        ({}, Verdict.IN_PROGRESS),
    ],
    ids=["no-messages", "left-out", "duplicates", "open"],
)
def test_what_is_not_finished_is_fetched_again_whatever_its_verdict(
    folder: Path, change: dict[str, Any], verdict: Verdict | None
) -> None:
    send(folder, zild_bodies(OPEN | change, change))
    assert ask(folder, "SELECT verdict FROM outcomes WHERE ref = 'zild:1'") == [(verdict or Verdict.IN_PROGRESS,)]
    assert send(folder, zild_bodies({}, {}), refresh="in-progress") == (1, 1)
    assert send(folder, zild_bodies({}, {}), refresh="in-progress") == (0, 2)


def test_an_unresolved_one_is_fetched_again_and_one_of_an_unknown_status_is_not(
    folder: Path, sandbox: Sandbox, run: Any
) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_STATUS, ids=["a"])]
    refs = [f"superagentes:{name}" for name in "abcdefghij"]
    run(refs)
    open_refs = [ref for (ref,) in ask(folder, "SELECT ref FROM outcomes WHERE reasons LIKE '%not-resolved%'")]
    assert open_refs
    assert "superagentes:a" not in open_refs
    sandbox.rules = []
    assert run(refs, refresh="in-progress").fetched == len(open_refs)


def test_what_has_no_score_yet_is_fetched_again_until_it_has_one(folder: Path) -> None:
    assert send(folder, zild_bodies({}, SCORED, {"score": 0}, OPEN)) == (4, 0)
    assert send(folder, zild_bodies(SCORED, SCORED, {"score": 0}, OPEN)) == (0, 4)
    assert send(folder, zild_bodies(SCORED, SCORED, {"score": 0}, OPEN), refresh="unscored") == (3, 1)
    assert send(folder, zild_bodies(SCORED, SCORED, SCORED, SCORED), refresh="unscored") == (2, 2)
    assert send(folder, zild_bodies(SCORED, SCORED, SCORED, SCORED), refresh="unscored") == (0, 4)


def test_a_provider_without_scores_is_not_waited_for(run: Any) -> None:
    run(["superagentes:1"])
    assert run(["superagentes:1"], refresh="unscored").skipped == 1


def test_an_adoption_knows_what_has_a_score(folder: Path) -> None:
    send(folder, zild_bodies({}, SCORED))
    (folder / "manifest.sqlite").unlink()
    Export(folder).adopt()
    assert ask(folder, "SELECT ref, scored FROM outcomes ORDER BY ref") == [("zild:1", 0), ("zild:2", 1)]


def test_the_status_counts_by_verdict(folder: Path) -> None:
    send(
        folder, zild_bodies({}, OPEN, {"messages": None}, OPEN | {"messages": None}, {"messages": BODY["messages"] * 2})
    )
    status = Export(folder).status()
    counts = (status.fetched_complete, status.fetched_in_progress, status.fetched_truncated, status.fetched_unknown)
    assert counts == (1, 1, 2, 1)
    groups = {(group.verdict, group.reason): group.count for group in status.incomplete}
    assert groups == {
        (Verdict.IN_PROGRESS, "not-finished"): 1,
        (Verdict.TRUNCATED, "messages-missing"): 2,
        (Verdict.TRUNCATED, "not-finished"): 1,
        (Verdict.UNKNOWN, "duplicate-message-ids"): 1,
    }


@pytest.fixture
def not_refreshed(run: Any, folder: Path, sandbox: Sandbox) -> Path:
    """Return the body of a refresh that was not a conversation."""
    run(["zild:1", "zild:2"], raw=True)
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["1"])]
    summary = run(["zild:1", "zild:2"], raw=True, refresh="all")
    assert (summary.fetched, summary.failed) == (1, 1)
    assert len(list(Export(folder).conversations())) == 2
    (body,) = (folder / "undecodable").iterdir()
    return body


def test_the_next_run_repeats_a_failed_refresh(run: Any, folder: Path, sandbox: Sandbox, not_refreshed: Path) -> None:
    (failure,) = Export(folder).failures()
    assert (failure.ref, failure.fetch_again, failure.has_conversation) == ("zild:1", True, True)
    assert failure.body == f"undecodable/{not_refreshed.name}"
    sandbox.rules = []
    summary = run(["zild:1", "zild:2"], raw=True)
    assert (summary.fetched, summary.skipped) == (1, 1)
    assert list(Export(folder).failures()) == []
    assert not not_refreshed.exists()
    assert Export(folder).verify() == []


def test_the_body_of_a_failed_refresh_is_verified_and_erased(folder: Path, not_refreshed: Path) -> None:
    content = not_refreshed.read_bytes()
    not_refreshed.write_bytes(b"changed")
    assert [problem.text for problem in Export(folder).verify()] == [
        f"undecodable/{not_refreshed.name} is missing or damaged"
    ]
    not_refreshed.write_bytes(content)
    assert Export(folder).verify() == []
    Export(folder).erase(["zild:1"])
    assert not not_refreshed.exists()
    assert Export(folder).verify() == []


def test_the_body_of_a_failed_refresh_becomes_the_newer_version_once_it_can_be_decoded(
    folder: Path, not_refreshed: Path
) -> None:
    body = json.dumps(BODY | {"messages": []}).encode()
    sha256 = hashlib.sha256(body).hexdigest()
    not_refreshed.rename(not_refreshed.with_name(f"{sha256}.body")).write_bytes(body)
    ask(folder, f"UPDATE outcomes SET undecodable = '{sha256}' WHERE ref = 'zild:1'")
    assert Export(folder).redecode().recovered == 1
    messages = {str(each.ref): len(each.messages) for each in Export(folder).conversations()}
    assert messages["zild:1"] == 0
    assert list(Export(folder).failures()) == []
    assert list((folder / "undecodable").iterdir()) == []
    assert Export(folder).verify() == []
