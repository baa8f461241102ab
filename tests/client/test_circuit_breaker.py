"""What stops a run of many for a platform, and what does not: refused connections, refusals, tokens, and a limit."""

import asyncio
import logging
from collections.abc import Callable
from itertools import count
from threading import Event
from typing import Any

import httpx
import pytest

from conversas import (
    AsyncClient,
    AuthenticationError,
    Client,
    Failed,
    Fetched,
    PermissionDeniedError,
    Retry,
    Superagentes,
    TransportError,
    Zild,
)
from conversas.client.batch import REFUSALS_IN_A_ROW
from conversas.client.rate_limiter import SLACK_SECONDS, Limiter
from support.byte_server import Wire, answer
from support.client_kinds import Kind, each_client, get_many
from support.client_logs import seeing
from support.examples import body_of
from support.http_server import Loopback
from support.keepalive_server import GUARD_SECONDS, KeepAlive
from support.providers import NO_CERTIFICATES, superagentes, zild

SAMPLE = body_of("superagentes/sample")
ONCE = Retry(attempts=1)


# Connections that are refused


class Scripted(httpx.BaseTransport):
    """Does for each conversation one thing after the other, and takes no connection where there is none left."""

    def __init__(self, **does: list[Callable[[], httpx.Response]]) -> None:
        self._does = does

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        left = self._does.get(request.url.path.rpartition("/")[2])
        return left.pop(0)() if left else refuse()


def refuse() -> httpx.Response:
    raise httpx.ConnectError("refused")


def responding(status: int) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(status, content=SAMPLE)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_refused_connection_does_not_stop_a_run_whose_platform_answered_meanwhile(status: int) -> None:
    answered = Event()

    def refuse_later() -> httpx.Response:
        answered.wait(GUARD_SECONDS)
        return refuse()

    transport = Scripted(a=[refuse_later], b=[responding(status)])
    with Client(Superagentes("key"), transport=transport, retry=ONCE) as client:
        run = client.get_many(["superagentes:a", "superagentes:b"], concurrency=2)
        first = next(run)
        answered.set()
        (second,) = run
    assert [first.ref.id, second.ref.id] == ["b", "a"]
    assert isinstance(second, Failed)
    assert type(second.error) is TransportError


def test_a_refused_connection_does_not_stop_a_run_where_an_attempt_before_it_was_answered() -> None:
    transport = Scripted(a=[responding(503), refuse], b=[responding(200)])
    with Client(Superagentes("key"), transport=transport, retry=Retry(attempts=2, first_wait_seconds=0.001)) as client:
        outcomes = list(client.get_many(["superagentes:a", "superagentes:b"], concurrency=1))
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]


def test_a_platform_that_is_gone_in_the_middle_stops_a_run() -> None:
    transport = Scripted(a=[responding(200)], c=[responding(200)])
    with Client(Superagentes("key"), transport=transport, retry=ONCE) as client:
        run = client.get_many([f"superagentes:{name}" for name in "abc"], concurrency=1)
        assert next(run).ref.id == "a"
        with pytest.raises(TransportError, match="ConnectError") as raised:
            next(run)
    assert any("stopped for superagentes" in note for note in raised.value.__notes__)


@each_client
def test_a_proxy_that_refuses_stops_a_run(kind: Kind, server: Loopback) -> None:
    outcomes: list[Fetched | Failed] = []
    with Wire(standing=answer(b"", 407)) as proxy:
        options: dict[str, Any] = {"proxy": proxy.url, "verify": NO_CERTIFICATES, "retry": ONCE}
        with pytest.raises(TransportError) as raised:
            get_many(kind, map("superagentes:{}".format, count()), Superagentes("key"), into=outcomes, **options)
    assert (raised.value.reason, outcomes) == ("ProxyError", [])


# Refusals


@each_client
@pytest.mark.parametrize("other", [200, 404])
def test_refusals_with_others_between_them_do_not_stop_a_run(kind: Kind, other: int, server: Loopback) -> None:
    server.first = [(403, b"", {}), (other, SAMPLE, {})] * 30
    refs = [f"superagentes:{number}" for number in range(60)]
    outcomes = get_many(kind, refs, superagentes(server), concurrency=1, verify=NO_CERTIFICATES)
    assert len(outcomes) == len(server.requests) == 60


@each_client
def test_so_many_refusals_in_a_row_stop_a_run_and_no_fewer(kind: Kind, server: Loopback) -> None:
    outcomes: list[Fetched | Failed] = []
    server.first = [(200, SAMPLE, {}), *[(403, b"", {})] * (REFUSALS_IN_A_ROW - 1), (200, SAMPLE, {})]
    server.answer(403)
    refs = map("superagentes:{}".format, count())
    with pytest.raises(PermissionDeniedError):
        get_many(kind, refs, superagentes(server), concurrency=1, into=outcomes, verify=NO_CERTIFICATES)
    refused = [Failed] * (REFUSALS_IN_A_ROW - 1)
    assert [type(outcome) for outcome in outcomes] == [Fetched, *refused, Fetched, *refused]
    assert len(server.requests) == len(outcomes) + 1


# Tokens


def test_a_token_that_is_waited_for_holds_no_other_platform_back() -> None:
    served = Event()

    def serve(_: object) -> tuple[int, bytes, dict[str, str]]:
        served.set()
        return 200, SAMPLE, {}

    def token() -> str:
        assert served.wait(GUARD_SECONDS), "the other platform was not asked meanwhile"
        return "token"

    with KeepAlive() as slow, KeepAlive(answer=serve) as quick:
        outcomes = get_many(
            Client, ["zild:1", "superagentes:1"], zild(slow, token), superagentes(quick), verify=NO_CERTIFICATES
        )
    assert [str(outcome.ref) for outcome in outcomes] == ["superagentes:1", "zild:1"]


@each_client
def test_a_renewed_token_is_no_attempt(kind: Kind, server: Loopback) -> None:
    server.first = [(401, b"", {}), (503, b"", {})]
    server.answer(200, SAMPLE)
    retry = Retry(attempts=2, first_wait_seconds=0.001)
    (outcome,) = get_many(
        kind, ["superagentes:1"], superagentes(server, lambda: "token"), retry=retry, verify=NO_CERTIFICATES
    )
    assert isinstance(outcome, Fetched)
    assert len(server.requests) == 3


@each_client
def test_a_timeout_of_a_source_is_not_the_end_of_the_time_for_the_run(kind: Kind, server: Loopback) -> None:
    def token() -> str:
        raise TimeoutError("no vault")

    with pytest.raises(TimeoutError, match="no vault"):
        get_many(kind, ["zild:1"], zild(server, token), total_seconds=60, verify=NO_CERTIFICATES)


def test_an_error_of_a_source_ends_a_run_whose_other_answers_do_not_come(server: Loopback) -> None:
    def token() -> str:
        keeper.wait_until(lambda: keeper.held == 1)
        raise LookupError("no vault")

    async def run() -> None:
        async with AsyncClient(zild(keeper), superagentes(server, token), verify=NO_CERTIFICATES) as client:
            await asyncio.wait_for(anext(client.get_many(["zild:1", "superagentes:1"])), GUARD_SECONDS)

    with KeepAlive() as keeper:
        keeper.hold()
        with pytest.raises(LookupError, match="no vault"):
            asyncio.run(run())


def test_what_stopped_a_run_is_told_also_where_its_time_is_over() -> None:
    async def refuse_zild_alone(request: httpx.Request) -> httpx.Response:
        if request.url.host != "zild.example":
            await asyncio.Event().wait()
        return httpx.Response(401)

    async def run() -> None:
        platforms = [Zild("https://zild.example", "token"), Superagentes("key")]
        async with AsyncClient(*platforms, transport=httpx.MockTransport(refuse_zild_alone)) as client:
            await anext(client.get_many(["zild:1", "superagentes:1"], total_seconds=1))

    with pytest.raises(AuthenticationError) as raised:
        asyncio.run(run())
    assert any("the time for the run is over" in note for note in raised.value.__notes__)


# A limit


def test_a_429_in_a_run_holds_back_what_else_the_client_gets(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with AsyncClient(superagentes(wire), verify=NO_CERTIFICATES) as client:
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
        outcomes = get_many(kind, ["superagentes:1", "superagentes:2"], superagentes(wire), retry=ONCE, concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]
    assert wire.requests[1].at - wire.requests[0].at >= 0.5


def test_a_429_that_asks_for_no_wait_holds_back_its_own_conversation_alone(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        days = Retry(first_wait_seconds=1e6, longest_wait_seconds=1e6)
        async with AsyncClient(superagentes(server), retry=days, timeout=1e7, verify=NO_CERTIFICATES) as client:
            waiting = asyncio.ensure_future(client.get("superagentes:1"))
            assert await asyncio.to_thread(refused.wait, GUARD_SECONDS)
            await asyncio.wait_for(client.get("superagentes:2"), GUARD_SECONDS)
            assert waiting.cancel()

    caplog.set_level(logging.INFO, "conversas")
    server.first = [(429, b"", {})]
    server.answer(200, SAMPLE)
    with seeing("429") as refused:
        asyncio.run(run())


def test_after_a_time_in_which_nobody_asked_the_rate_is_measured_anew_and_half_of_it_may_be_a_burst() -> None:
    limiter = Limiter()
    limiter.wait_seconds(0.0)
    limiter.note_refused(1.0)
    for begin, taken in {1.0: 300, 600.0: 100}.items():
        limiter.wait_seconds(begin)
        for _ in range(taken):
            limiter.note_taken()
    limiter.note_refused(610.0)
    now, places = 610.0, 0
    while now < 612.0:
        if wait := limiter.wait_seconds(now):
            now += wait + 1e-6
        else:
            places += 1
    assert 8 <= places <= 12  # in two seconds, of 100 in ten


def test_who_wakes_up_late_makes_up_for_a_little_of_it() -> None:
    limiter = Limiter(requests_per_second=10)
    assert [limiter.wait_seconds(now) for now in (0.0, 0.14)] == [0.0, 0.0]
    assert limiter.wait_seconds(0.14) == pytest.approx(0.06)
    assert limiter.wait_seconds(1.0) == 0.0
    assert limiter.wait_seconds(1.0) == pytest.approx(0.1 - SLACK_SECONDS)
