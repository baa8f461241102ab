"""What stops a run of many for a platform, and what does not: refused connections, refusals, tokens, and a limit."""

import asyncio
import logging
from collections.abc import Callable
from itertools import count
from threading import Event

import httpx
import pytest

from conversas import (
    AsyncClient,
    Client,
    Failed,
    Fetched,
    PermissionDeniedError,
    Retry,
    Superagentes,
    TransportError,
)
from conversas.running import REFUSALS_IN_A_ROW
from examples import body_of
from keepalive import GUARD_SECONDS, KeepAlive
from loopback import Loopback
from plays import NO_CERTIFICATES, Wire, answer, superagentes, zild
from test_client_retry import Seen
from twins import Kind, each_client, get_many

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


# A limit


def test_a_429_in_a_run_holds_back_what_else_the_client_gets(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "conversas")
    seen = Seen("429")

    async def run() -> None:
        async with AsyncClient(superagentes(wire), verify=NO_CERTIFICATES) as client:
            running = asyncio.ensure_future(anext(client.get_many(["superagentes:1"])))
            assert await asyncio.to_thread(seen.event.wait, GUARD_SECONDS)
            await client.get("superagentes:2")  # the run has come to its pause by now
            await running

    logging.getLogger("conversas").addHandler(seen)
    try:
        with Wire([answer(b"", 429, retry_after="0.5")], answer(SAMPLE)) as wire:
            asyncio.run(run())
    finally:
        logging.getLogger("conversas").removeHandler(seen)
    assert min(request.at for request in wire.requests[1:]) - wire.requests[0].at >= 0.5
