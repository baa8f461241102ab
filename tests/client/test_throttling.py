"""Rate limits: how a client keeps to those of its user, and to those that a platform tells."""

import asyncio
import logging
import math
from typing import Any

import pytest

from conversas import AsyncClient, ConfigurationError, Fetched, Retry, Timeout
from support.broken_responses import WHOLE
from support.byte_server import LONGEST_STALL_SECONDS, Peer, Play, Wire, answer
from support.client_kinds import Kind, each_client, get_many, quick, stopped
from support.client_logs import seeing
from support.examples import without_id
from support.http_server import GUARD_SECONDS, HttpServer, always
from support.providers import superagentes, zild
from support.refs import refs_of

SAMPLE = without_id("superagentes/sample")
SAMPLE_OF_ZILD = without_id("zild/sample")
ONCE = Retry(attempts=1)


# A 429


@each_client
def test_one_429_holds_all_requests_to_its_platform_back(
    kind: Kind, server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    def after_the_429(peer: Peer) -> None:
        refused.wait(LONGEST_STALL_SECONDS)
        peer.send(WHOLE)

    plays: list[Play] = [answer(b"", 429, retry_after="0.5"), after_the_429, after_the_429, after_the_429]
    caplog.set_level(logging.INFO, "conversas")
    with seeing("429") as refused, Wire(plays, answer(SAMPLE)) as wire:
        outcomes = get_many(kind, refs_of("superagentes", 12), superagentes(wire), concurrency=4)
        assert {type(outcome) for outcome in outcomes} == {Fetched}
        assert len(wire.requests) == 13
        asked = wire.requests[0].at
        assert min(request.at for request in wire.requests[4:]) - asked >= 0.5


@each_client
def test_a_429_of_one_platform_does_not_hold_the_other_back(kind: Kind, server: HttpServer) -> None:
    with (
        Wire([answer(b"", 429, retry_after="1")], answer(SAMPLE_OF_ZILD)) as slow,
        HttpServer(always(200, SAMPLE)) as other,
    ):
        refs = ["zild:1", *refs_of("superagentes", 20)]
        outcomes = get_many(kind, refs, zild(slow), superagentes(other), concurrency=2)
        assert [str(outcome.ref) for outcome in outcomes][-1] == "zild:1"


@each_client
def test_a_503_holds_back_its_own_conversation_alone(kind: Kind, server: HttpServer) -> None:
    with Wire([answer(b"", 503, retry_after="1")], answer(SAMPLE)) as wire:
        outcomes = get_many(kind, refs_of("superagentes", 20), superagentes(wire), concurrency=2)
        assert len(outcomes) == 20
        assert wire.requests[0].target == wire.requests[-1].target


def test_a_429_in_a_run_holds_back_what_else_the_client_gets(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with AsyncClient(superagentes(wire)) as client:
            running = asyncio.ensure_future(anext(client.get_many(["superagentes:1"])))
            assert await asyncio.to_thread(refused.wait, GUARD_SECONDS)
            await client.get("superagentes:2")  # the run has come to its pause by now
            await running

    caplog.set_level(logging.INFO, "conversas")
    with seeing("429") as refused, Wire([answer(b"", 429, retry_after="0.5")], answer(SAMPLE)) as wire:
        asyncio.run(run())
    assert min(request.at for request in wire.requests[1:]) - wire.requests[0].at >= 0.5


@each_client
def test_a_429_that_is_not_tried_again_holds_back_the_next_conversation(kind: Kind) -> None:
    with Wire([answer(b"", 429, retry_after="0.5")], answer(SAMPLE)) as wire:
        refs = ["superagentes:1", "superagentes:2"]
        outcomes = get_many(kind, refs, superagentes(wire), retry=ONCE, concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Fetched, Fetched]  # the first one once the other was answered
    assert wire.requests[1].at - wire.requests[0].at >= 0.5


def test_a_429_that_asks_for_no_wait_holds_back_its_own_conversation_alone(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        days = Retry(initial_backoff_seconds=1e6, max_backoff_seconds=1e6)
        async with AsyncClient(superagentes(server), retry=days, timeout=1e7) as client:
            waiting = asyncio.ensure_future(client.get("superagentes:1"))
            assert await asyncio.to_thread(refused.wait, GUARD_SECONDS)
            await asyncio.wait_for(client.get("superagentes:2"), GUARD_SECONDS)
            assert waiting.cancel()

    caplog.set_level(logging.INFO, "conversas")
    server.first = [(429, b"", {})]
    server.answer(200, SAMPLE)
    with seeing("429") as refused:
        asyncio.run(run())


# Requests per second


@each_client
def test_waiting_for_others_spends_no_time_of_a_conversation(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    options: dict[str, Any] = {"requests_per_second": 3.0, "timeout": Timeout(total_seconds=1.5), "concurrency": 8}
    outcomes = get_many(kind, refs_of("superagentes", 8), superagentes(server), **options)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 8
    assert len(server.requests) == 8


@each_client
def test_requests_per_second_are_kept(kind: Kind, server: HttpServer) -> None:
    with Wire(standing=answer(SAMPLE)) as wire:
        refs = refs_of("superagentes", 9)
        get_many(kind, refs, superagentes(wire), concurrency=4, requests_per_second=10.0)
        times = sorted(request.at for request in wire.requests)
        assert len(times) == 9
        assert times[-1] - times[0] >= 0.8 - 0.3  # the first may have been late


@each_client
def test_attempts_count_for_requests_per_second(kind: Kind, server: HttpServer) -> None:
    with Wire(standing=answer(b"", 500)) as wire:
        get_many(kind, refs_of("superagentes", 1), superagentes(wire), retry=quick(7), requests_per_second=10.0)
        assert len(wire.requests) == 7
        assert sum(wire.gaps) >= 0.6 - 0.3


@each_client
@pytest.mark.parametrize("rate", [0, -1, math.nan, "2", True], ids=repr)
def test_a_rate_that_is_none_is_refused(kind: Kind, rate: Any, server: HttpServer) -> None:
    error, _ = stopped(kind, iter(["superagentes:a"]), superagentes(server), requests_per_second=rate)
    assert type(error) is ConfigurationError
    assert server.requests == []
