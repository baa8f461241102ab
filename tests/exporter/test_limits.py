"""Limits of a run and its parts: concurrency, rate, and when a part is committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Export, ExportSummary, PartLimits, Zild, export
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, outcomes
from support.http_server import HttpServer

MIB = 1024 * 1024
PATIENT = 600.0  # seconds, which no test takes


@pytest.mark.parametrize("concurrency", [1, 3, 40])
def test_so_many_are_fetched_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch, concurrency: int) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    seen = list[int]()

    def release_once_it_stays(_: ExportSummary) -> None:
        """Look ten times a second, until nothing changed for half a second, or after a minute."""
        seen.append(server.held)
        if (server.held >= concurrency and len(set(seen[-5:])) == 1) or len(seen) > 600:
            server.release()

    with HttpServer(keep_alive=True) as server, Client(Zild(server.url, token="token")) as client:
        server.hold()
        refs = [f"zild:{number}" for number in range(1, 61)]
        export(refs, to=folder, client=client, concurrency=concurrency, on_progress=release_once_it_stays)
    assert max(seen) == concurrency


def test_so_many_are_fetched_a_second(run: Any) -> None:
    summary = run([f"zild:{number}" for number in range(1, 22)], requests_per_second=20)
    assert summary.elapsed_seconds > 0.9
    assert summary.fetched == 21


def test_a_part_is_committed_in_time_also_while_outcomes_flow(run: Any, folder: Path) -> None:
    summary = run(
        until_something_is_committed(folder), part=PartLimits(max_mib=1_000, max_conversations=100_000, max_seconds=0.5)
    )
    assert summary.fetched < 10_000
    assert Export(folder).verify() == []


def until_something_is_committed(folder: Path) -> Iterator[str]:
    """Yield refs without a pause."""
    for number in range(1, 10_001):
        if number % 50 == 0 and ask(folder, "SELECT 1 FROM outcomes LIMIT 1"):
            return
        yield f"zild:{number}"


def test_failures_alone_are_committed_by_their_number(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    summary = run(until_something_is_committed(folder), part=PartLimits(max_conversations=10, max_seconds=PATIENT))
    assert 0 < summary.failed < 10_000
    assert set(outcomes(folder).values()) == {"NotFoundError"}


def test_failures_alone_are_committed_in_time(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["1"]), Rule(Fault.HANG, ids=["2"], seconds=60)]
    seen = list[dict[str, str]]()

    def end_once_committed(_: ExportSummary) -> None:
        seen.append(outcomes(folder))
        if seen[-1] or len(seen) > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["zild:1", "zild:2"], part=PartLimits(max_seconds=0.05), on_progress=end_once_committed)
    assert seen[-1] == {"zild:1": "NotFoundError"}


@pytest.mark.parametrize(("raw", "parts"), [(False, 1), (True, 4)])
def test_the_bodies_count_for_the_size_of_a_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, raw: bool, parts: int
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    refs = [f"zild:{number}" for number in range(1, 5)]
    bodies = {ref: Sandbox().body(ref) + b" " * MIB for ref in refs}
    with Sandbox(bodies=bodies) as sandbox, Client(sandbox.zild) as client:
        export(refs, to=folder, client=client, raw=raw, part=PartLimits(max_mib=1, max_seconds=PATIENT))
    assert len(list((folder / "parts").iterdir())) == parts
