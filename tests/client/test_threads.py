"""Threads and tasks that share a client, or a run of many."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from conversas import AsyncClient, Client, ConfigurationError, ConversasError, Conversation, TransportError
from support.client_kinds import QUICK, get_many
from support.http_server import GUARD_SECONDS, HttpServer
from support.providers import zild
from support.scripts import run_script

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


TOGETHER = 16
SIX = [f"zild:{number}" for number in range(6)]


# One client


def test_threads_share_one_pool(keeper: HttpServer) -> None:
    barrier = Barrier(TOGETHER)

    def work(client: Client, number: int) -> list[str | None]:
        barrier.wait(GUARD_SECONDS)
        return [client.get(f"zild:{100 * number + each}").id for each in range(10)]

    with Client(zild(keeper)) as client, ThreadPoolExecutor(TOGETHER) as threads:
        results = list(threads.map(partial(work, client), range(TOGETHER)))
    assert [len(result) for result in results] == [10] * TOGETHER
    assert sorted(keeper.ids) == sorted(f"{100 * number + each}" for number in range(TOGETHER) for each in range(10))
    assert keeper.connections <= TOGETHER
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_connection_is_used_again(keeper: HttpServer) -> None:
    with Client(zild(keeper)) as client:
        for _ in range(5):
            client.get("zild:1")
    assert keeper.connections == 1


def test_many_tasks_share_one_client(keeper: HttpServer) -> None:
    async def main() -> list[Conversation]:
        async with AsyncClient(zild(keeper)) as client:
            return await asyncio.gather(*(client.get(f"zild:{number}") for number in range(50)))

    assert len(asyncio.run(main())) == 50
    assert sorted(map(int, keeper.ids)) == list(range(50))
    keeper.wait_until(lambda: keeper.open == 0)


def test_closing_a_client_ends_what_other_threads_get(keeper: HttpServer) -> None:
    keeper.hold()
    client = Client(zild(keeper), retry=QUICK)
    with ThreadPoolExecutor(8) as threads:
        gets = [threads.submit(client.get, f"zild:{number}") for number in range(8)]
        keeper.wait_until(lambda: keeper.held == 8)
        client.close()
        keeper.release()
        errors = [each.exception(GUARD_SECONDS) for each in gets]
    assert [error for error in errors if not isinstance(error, ConversasError | None)] == []
    keeper.wait_until(lambda: keeper.open == 0)


def test_closing_a_client_at_any_moment_is_no_other_error(keeper: HttpServer) -> None:
    def work(client: Client) -> BaseException:
        try:
            while True:
                client.get("zild:1")
        except Exception as error:  # noqa: BLE001  # which one is the test
            return error

    for _ in range(8):
        client, before = Client(zild(keeper), retry=QUICK), len(keeper.requests)
        with ThreadPoolExecutor(8) as threads:
            errors = [threads.submit(work, client) for _ in range(8)]
            keeper.wait_until(partial(lambda until: len(keeper.requests) > until, before + 20))
            client.close()
        assert {type(each.result()) for each in errors} <= {ConfigurationError, TransportError}
    keeper.wait_until(lambda: keeper.open == 0)


def test_closing_an_awaiting_client_at_any_moment_is_no_other_error(keeper: HttpServer) -> None:
    async def work(client: AsyncClient) -> BaseException:
        try:
            while True:
                await client.get("zild:1")
        except Exception as error:  # noqa: BLE001  # which one is the test
            return error

    async def main() -> set[type[BaseException]]:
        client = AsyncClient(zild(keeper), retry=QUICK)
        async with client:
            working = [asyncio.create_task(work(client)) for _ in range(8)]
            await asyncio.gather(*(client.get("zild:2") for _ in range(20)))
        return {type(error) for error in await asyncio.gather(*working)}

    for _ in range(5):
        assert asyncio.run(main()) <= {ConfigurationError, TransportError}
    keeper.wait_until(lambda: keeper.open == 0)


# One run


def test_threads_share_the_outcomes_of_a_run(keeper: HttpServer) -> None:
    refs = [f"zild:{number}" for number in range(60)]
    begin = Barrier(4)

    def rest(run: Iterator[Any]) -> list[str]:
        begin.wait()
        return [str(outcome.ref) for outcome in run]

    with Client(zild(keeper)) as client, ThreadPoolExecutor(4) as pool:
        run = client.get_many(iter(refs), concurrency=4)
        shares = [pool.submit(rest, run) for _ in range(4)]
        assert sorted(ref for share in shares for ref in share.result(GUARD_SECONDS)) == sorted(refs)


def test_refs_are_read_in_the_thread_of_the_caller(keeper: HttpServer) -> None:
    import threading

    readers = set[int]()
    refs = (readers.add(threading.get_ident()) or ref for ref in SIX)
    assert len(get_many(Client, refs, zild(keeper), concurrency=1)) == 6
    assert readers == {threading.get_ident()}


def test_a_run_that_another_thread_closes_as_it_starts_ends(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    for _ in range(30):
        run = client.get_many(endless(), concurrency=4)
        thread = threading.Thread(target=list, args=(run,))
        thread.start()
        while not any(each.name == "conversas" for each in threading.enumerate()):
            pass
        run.close()
        thread.join()
        assert left() == []
"""
    run_script(code, keeper.url, cwd=tmp_path)


def test_a_run_that_another_thread_closes_ends_for_the_one_that_waits(keeper: HttpServer) -> None:
    keeper.hold()
    with Client(zild(keeper)) as client:
        run = client.get_many(SIX)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(list, run)
            keeper.wait_until(lambda: keeper.held == 6)
            run.close()
            assert waiting.result(GUARD_SECONDS) == []


def test_a_run_that_another_task_closes_ends_for_those_that_wait(keeper: HttpServer) -> None:
    async def rest(run: AsyncIterator[Any]) -> list[Any]:
        return [outcome async for outcome in run]

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client, asyncio.timeout(GUARD_SECONDS):
            run = client.get_many(SIX)
            waiting = [asyncio.create_task(rest(run)) for _ in range(3)]
            await asyncio.to_thread(keeper.wait_until, lambda: keeper.held == 6)
            await run.close()
            assert await asyncio.gather(*waiting) == [[], [], []]

    keeper.hold()
    asyncio.run(main())


def test_runs_start_in_some_threads_while_another_closes_the_client(keeper: HttpServer) -> None:  # noqa: C901
    stop, errors = Event(), list[BaseException]()

    def work(client: Client) -> None:
        while not stop.is_set():
            try:
                kept = [client.get_many(SIX) for _ in range(50)]
                list(kept[0])
            except ConfigurationError:
                pass
            except BaseException as error:  # noqa: BLE001  # it is what the test looks for
                errors.append(error)

    client = Client(zild(keeper))
    threads = [Thread(target=work, args=(client,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(15):
            with client:
                pass
    except RuntimeError as error:
        errors.append(error)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        client.close()
    assert errors == []
    keeper.wait_until(lambda: keeper.open == 0)
