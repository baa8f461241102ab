"""Exports that something ends before all refs are fetched, and the next run of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import (
    AuthenticationError,
    Client,
    Export,
    ExportSummary,
    RateLimitedError,
    Retry,
    TransportError,
    TransportErrorReason,
    export,
)
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import exported, fetched, outcomes
from support.export_totals import totals

QUICK = Retry(initial_backoff_seconds=0.001, max_backoff_seconds=0.01)
REFS = [f"zild:{number}" for number in range(1, 21)] + ["superagentes:a", "superagentes:b/c?d"]


def many() -> Iterator[str]:
    return (f"zild:{number}" for number in range(1, 10_001))


def test_a_dead_token_stops_a_run_and_the_next_one_goes_on(folder: Path, sandbox: Sandbox) -> None:
    with Client(sandbox.zild, retry=QUICK) as client:
        export(["zild:1"], to=folder, client=client)
        assert Export(folder).status().complete
        sandbox.revoke(str(sandbox.zild.token))
        with pytest.raises(AuthenticationError) as stopped:
            export(many(), to=folder, client=client)
    assert sandbox.counts.requests < 100
    assert stopped.value.__notes__ == ["the run stopped for zild; a later run can fetch what is left"]
    assert outcomes(folder) == {"zild:1": "fetched"}
    assert Export(folder).verify() == []
    assert not Export(folder).status().complete
    Export(folder).erase(["zild:2"])
    assert not Export(folder).status().complete  # an erasure fetches nothing
    with Client(sandbox.zild) as client:
        export(["zild:1"], to=folder, client=client)
    assert Export(folder).status().complete


def test_a_dead_host_stops_a_run(folder: Path, sandbox: Sandbox) -> None:
    zild = sandbox.zild
    sandbox.__exit__(None, None, None)
    with Client(zild, retry=Retry(attempts=2, initial_backoff_seconds=0.01)) as client, pytest.raises(TransportError):
        export(many(), to=folder, client=client)
    assert outcomes(folder) == {}


def test_a_long_retry_after_stops_a_run_and_the_next_one_goes_on(run: Any, folder: Path, sandbox: Sandbox) -> None:
    def refs() -> Iterator[str]:
        yield from (f"zild:{number}" for number in range(1, 41))
        sandbox.wait_for_requests(40)
        sandbox.rules = [Rule(Fault.TOO_MANY_REQUESTS, retry_after=3600)]
        yield from (f"zild:{number}" for number in range(41, 10_001))

    with pytest.raises(RateLimitedError):
        run(refs())
    assert sandbox.counts.requests <= 40 + 40
    done, sandbox.rules = fetched(folder), []
    assert len(done) > 0
    run(f"zild:{number}" for number in range(1, 101))
    assert len(fetched(folder)) == 100
    assert sum(sandbox.counts.refs[ref] for ref in done) <= len(done) + 1  # one of them asked if others succeed
    assert Export(folder).verify() == []


def test_an_outage_is_waited_out_and_nothing_fails(run: Any, folder: Path, sandbox: Sandbox) -> None:
    def refs() -> Iterator[str]:
        yield from (f"zild:{number}" for number in range(1, 41))
        sandbox.wait_for_requests(40)
        sandbox.rules = [Rule(Fault.UNAVAILABLE)]
        yield from (f"zild:{number}" for number in range(41, 51))
        sandbox.wait_for_requests(sandbox.counts.requests + 60)  # more than their attempts
        sandbox.rules = []
        yield from (f"zild:{number}" for number in range(51, 201))

    assert totals(run(refs(), outage_seconds=60)) == (200, 0, 0)
    assert Export(folder).verify() == []


@pytest.mark.parametrize("place", [1, 500, 998])
def test_odd_answers_to_three_refs_of_a_thousand_leave_998(run: Any, sandbox: Sandbox, place: int) -> None:
    first, second, third = (str(place + each) for each in range(3))
    sandbox.rules = [
        Rule(Fault.UNAUTHORIZED, ids=[first]),
        Rule(Fault.UNAUTHORIZED, ids=[second], times=1),
        Rule(Fault.TOO_MANY_REQUESTS, ids=[third], retry_after=3600),
    ]
    assert totals(run(f"zild:{number}" for number in range(1, 1001))) == (998, 2, 0)


@pytest.mark.parametrize("concurrency", [1, 32])
def test_refs_that_are_refused_in_each_run_do_not_stop_the_next_one_before_it_comes_to_others(
    run: Any, sandbox: Sandbox, concurrency: int
) -> None:
    refused, others, new = ([f"zild:{number}" for number in range(start, start + 60)] for start in (1, 101, 201))
    sandbox.rules = [
        Rule(Fault.UNAUTHORIZED, ids=[str(number) for number in range(1, 61, 2)]),
        Rule(Fault.TOO_MANY_REQUESTS, ids=[str(number) for number in range(2, 61, 2)], retry_after=3600),
    ]
    assert totals(run([*others, *refused], concurrency=concurrency)) == (60, 60, 0)
    assert totals(run([*refused, *others, *new], concurrency=concurrency)) == (60, 60, 60)
    sandbox.revoke(str(sandbox.zild.token))
    before = sandbox.counts.requests
    with pytest.raises(AuthenticationError):
        run([*refused, *(f"zild:{number}" for number in range(301, 10_000))], concurrency=concurrency)
    assert sandbox.counts.requests - before <= 40


def test_a_run_ends_in_time_and_the_next_one_goes_on(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.HANG, ids=["30"], seconds=60)]
    refs = [f"zild:{number}" for number in range(1, 41)]
    with pytest.raises(TransportError) as ended:
        run(refs, total_seconds=2)
    assert ended.value.reason is TransportErrorReason.RUN_TIMEOUT
    assert fetched(folder) == {*refs} - {"zild:30"}
    assert Export(folder).verify() == []
    sandbox.rules = []
    assert totals(run(refs)) == (1, 0, 39)


def test_an_interrupted_run_keeps_what_it_has(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.HANG, ids=["7"], seconds=60)]

    def interrupt(summary: ExportSummary) -> None:
        if summary.fetched == len(REFS) - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(REFS, on_progress=interrupt)
    assert fetched(folder) == {*REFS} - {"zild:7"}
    sandbox.rules = []
    assert totals(run(REFS)) == (1, 0, len(REFS) - 1)
    assert exported(folder) == dict.fromkeys(REFS, 1)
