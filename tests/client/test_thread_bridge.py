"""Memory of a run of many: outcomes that wait are bounded by the bytes of their bodies, and what is taken is freed."""

import asyncio
import gc

from conversas import AsyncClient, Client, Conversation
from conversas.client.thread_bridge import MAX_WAITING_BYTES
from support.http_server import BODY, HttpServer, always
from support.providers import zild
from support.refs import endless

LARGE = BODY + b" " * (MAX_WAITING_BYTES // 2)
CONCURRENCY = 8
TAKEN, WAITING = 1, 2
MOST_REQUESTS = TAKEN + WAITING + CONCURRENCY


def test_outcomes_that_wait_are_bounded_by_their_bytes(keeper: HttpServer) -> None:
    keeper.reply = always(200, LARGE)
    with Client(zild(keeper)) as client, client.get_many(endless(), concurrency=CONCURRENCY) as run:
        next(run)
        keeper.wait_until(lambda: len(keeper.requests) == MOST_REQUESTS)
        client.get("zild:1")  # there is time for more
        assert len(keeper.requests) == MOST_REQUESTS + 1
        for _ in range(20):  # more than waited: the run goes on
            next(run)


def test_outcomes_that_wait_for_a_coroutine_are_bounded_by_their_bytes(keeper: HttpServer) -> None:
    keeper.reply = always(200, LARGE)

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client, client.get_many(endless(), concurrency=CONCURRENCY) as run:
            await anext(run)
            await asyncio.to_thread(keeper.wait_until, lambda: len(keeper.requests) == MOST_REQUESTS)
            await client.get("zild:1")  # there is time for more
            assert len(keeper.requests) == MOST_REQUESTS + 1
            for _ in range(20):
                await anext(run)

    asyncio.run(main())


def test_a_run_that_waits_holds_no_conversation_that_was_taken(keeper: HttpServer) -> None:
    def count_conversations() -> int:
        return sum(isinstance(item, Conversation) for item in gc.get_objects())

    keeper.hold("99")
    with Client(zild(keeper)) as client:
        before = count_conversations()
        refs = [*map("zild:{}".format, range(1, 21)), "zild:99"]
        with client.get_many(refs, concurrency=CONCURRENCY) as run:
            for _ in range(20):
                next(run)
            assert count_conversations() == before
            keeper.release()
