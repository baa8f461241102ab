"""Runs and clients that are given up or closed in the middle: nothing is left of them."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from threading import Event
from typing import Any

import pytest

from conversas import AsyncClient, Client, Fetched
from conversas.client.batch import Producer, Refs, Sink
from conversas.transport.network import Network
from conversas.transport.selection import open_async_transport
from support.byte_server import Peer, Wire, answer
from support.http_server import GUARD_SECONDS, HttpServer
from support.messages import request_to, whole_response
from support.providers import superagentes, zild
from support.refs import endless

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


FIRST, SECOND = b'{"id": 1, "messages": []}', b'{"id": 2, "messages": []}'


# Answers


def test_the_answer_to_a_request_that_was_given_up_is_not_that_to_the_next(server: HttpServer) -> None:
    def answer_with_the_next(peer: Peer) -> None:
        asked.set()
        peer.next_target()  # none comes where the connection is closed with its request
        peer.send(whole_response(FIRST))

    async def run() -> Any:
        async with AsyncClient(zild(wire)) as client:
            async with client.get_many(["zild:1"]) as given_up:
                waiting = asyncio.ensure_future(anext(given_up))
                assert await asyncio.to_thread(asked.wait, GUARD_SECONDS)
            with pytest.raises(StopAsyncIteration):
                await waiting
            return await anext(client.get_many(["zild:2"]))

    asked = Event()
    with Wire([answer_with_the_next], answer(SECOND)) as wire:
        outcome = asyncio.run(run())
    assert isinstance(outcome, Fetched)
    assert (str(outcome.ref), outcome.conversation.raw) == ("zild:2", SECOND)
    assert [received.target.rpartition("/")[2] for received in wire.requests] == ["1", "2"]


# Work


def test_the_work_of_a_run_ends_once_nobody_can_ask_for_more(keeper: HttpServer) -> None:
    async def run() -> None:
        async with AsyncClient(zild(keeper)) as client:
            async for _ in client.get_many(endless(), concurrency=2):
                break
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert left
            await asyncio.wait_for(asyncio.wait(left), GUARD_SECONDS)  # while the client is open

    asyncio.run(run())


@pytest.mark.parametrize("turns", range(6))
def test_closing_a_client_ends_the_runs_of_others_without_an_error(
    turns: int, keeper: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> list[Any]:
        go_on = asyncio.Event()

        async def refs() -> AsyncIterator[str]:
            await go_on.wait()
            yield "zild:1"

        async def consume() -> list[Any]:
            return [outcome async for outcome in client.get_many(refs(), concurrency=1)]

        async with AsyncClient(zild(keeper)) as client:
            await asyncio.gather(*(client.get("zild:2") for _ in range(10)))  # so that closing takes many turns
            consuming = asyncio.create_task(consume())
            await asyncio.sleep(0)
            closing = asyncio.create_task(client.close())
            for _ in range(turns):
                await asyncio.sleep(0)
            go_on.set()
            await closing
        return await consuming

    monkeypatch.setitem(sys.modules, "pycurl", None)  # httpx closes one connection after the other
    assert asyncio.run(run()) == []


# Connections


def test_once_a_transport_is_closed_its_connections_are(engine: str) -> None:
    async def run() -> None:
        transport = open_async_transport(Network(), [keeper.url])
        await transport.send(request_to(keeper.url))
        await transport.close()
        await asyncio.to_thread(keeper.wait_until, lambda: keeper.open == 0)

    with HttpServer(keep_alive=True) as keeper:
        asyncio.run(run())


def test_a_run_that_is_ended_as_it_closes_its_connections_closes_them_all(keeper: HttpServer) -> None:
    def cancelled_in_the_end(produce: Producer) -> Producer:
        async def cancelled(refs: Refs, sink: Sink) -> None:
            working = asyncio.ensure_future(produce(refs, sink))
            await asyncio.to_thread(keeper.wait_until, lambda: keeper.held == 1)
            while not working.done():
                working.cancel()
                await asyncio.sleep(0)

        return cancelled

    keeper.hold("2")
    with (
        HttpServer(keep_alive=True) as other,
        Client(zild(keeper), superagentes(other)) as client,
    ):
        run = client.get_many(["superagentes:1", "zild:2"], concurrency=1)
        run._producer = cancelled_in_the_end(run._producer)
        assert [str(outcome.ref) for outcome in run] == ["superagentes:1"]
        gc.collect()  # a connection that is left open is a ResourceWarning
        other.wait_until(lambda: other.open == 0)
