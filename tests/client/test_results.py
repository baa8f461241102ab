"""The results of a run of many: how they are polled, and what is left when they end."""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from conversas import AuthenticationError, Client, ConversasError, Fetched, Retry
from support.client_kinds import Kind, each_client, each_engine
from support.http_server import GUARD_SECONDS, HttpServer
from support.providers import zild
from support.refs import endless
from support.scripts import run_script, script_for, start_script, without_slowness

SIX = [f"zild:{number}" for number in range(6)]


# Polls


def test_a_run_is_polled_for_so_many_seconds(keeper: HttpServer) -> None:
    keeper.hold("2")
    with Client(zild(keeper)) as client, client.get_many(["zild:1", "zild:1", "zild:2"], concurrency=2) as run:
        first = run.next()
        assert isinstance(first, Fetched)
        assert first.ref.id == "1"
        keeper.wait_until(lambda: keeper.held == 1)
        assert [run.next(timeout=0), run.next(timeout=-1), run.next(timeout=0.01)] == [None] * 3
        keeper.release()
        last = run.next(timeout=1e300)
        assert isinstance(last, Fetched)
        assert last.ref.id == "2"
        for seconds in (0.1, None):
            with pytest.raises(StopIteration):
                run.next(timeout=seconds)


def test_a_poll_reads_refs_no_longer_than_it_may_take(keeper: HttpServer) -> None:
    read: list[str] = []
    refs = (read.append(ref) or ref for ref in map("zild:{}".format, count()))
    with Client(zild(keeper)) as client, client.get_many(refs, concurrency=100) as run:
        run.next(timeout=0)
        assert len(read) == 1
        run.next(timeout=GUARD_SECONDS)
        assert len(read) > 100


def test_a_poll_waits_for_its_turn_no_longer_than_it_may_take(keeper: HttpServer) -> None:
    asked, go_on = Event(), Event()

    def refs() -> Iterator[str]:
        asked.set()
        assert go_on.wait(GUARD_SECONDS)
        yield "zild:1"

    with Client(zild(keeper)) as client, ThreadPoolExecutor(1) as pool:
        run = client.get_many(refs())
        first = pool.submit(next, run)
        assert asked.wait(GUARD_SECONDS)
        assert run.next(timeout=0.01) is None
        go_on.set()
        assert str(first.result(GUARD_SECONDS).ref) == "zild:1"


def test_polling_a_run_that_was_stopped_raises_its_error(keeper: HttpServer) -> None:
    keeper.reply = lambda _: (401, b"", {})
    with Client(zild(keeper)) as client, client.get_many(SIX) as run, pytest.raises(AuthenticationError):
        run.next(timeout=GUARD_SECONDS)


# Ends

# A script goes through all of them, each with a client of its own.
ENDS = """
async def by_break(client):
    async for outcome in client.get_many(endless(), concurrency=4):
        break

async def by_leaving_its_block(client):
    async with client.get_many(endless(), concurrency=4) as run:
        await anext(run)
    assert left() == []
    assert [outcome async for outcome in run] == []

async def by_an_error_in_its_block(client):
    try:
        async with client.get_many(endless(), concurrency=4) as run:
            async for outcome in run:
                raise KeyError
    except KeyError:
        assert left() == []

async def by_an_error_of_the_consumer(client):
    try:
        async for outcome in client.get_many(endless(), concurrency=4):
            raise KeyError
    except KeyError:
        pass

async def by_closing_it(client):
    run = client.get_many(endless(), concurrency=4)
    await anext(run)
    await run.close()
    assert left() == []
    await run.close()
    assert [outcome async for outcome in run] == []

async def by_closing_it_within_its_loop(client):
    run, taken = client.get_many(endless(), concurrency=4), 0
    async for outcome in run:
        taken += 1
        await run.close()
    assert taken == 1
    assert left() == []

async def by_closing_the_client(client):
    run = client.get_many(endless(), concurrency=4)
    await anext(run)
    await client.close()
    assert left() == []
    assert [outcome async for outcome in run] == []

async def by_leaving_the_client(client):
    run = client.get_many(endless(), concurrency=4)
    await anext(run)

async def by_another_client_that_is_gone(client):
    run = AsyncClient(Zild(url, "token"))
    async with run:
        async for outcome in run.get_many(endless(), concurrency=2):
            break
"""


WAYS = re.findall(r"def (by_\w+)", ENDS)
ENDING = """
async def main():
    for end in (%s):
        async with AsyncClient(zild) as client:
            await end(client)
        assert left() == [], (end, left())
        wait()
        gc.collect()
"""


@each_client
@pytest.mark.parametrize("held", [False, True], ids=["quick", "held"])
def test_the_end_of_a_run_leaves_nothing(
    keeper: HttpServer,
    tmp_path: Path,
    kind: Kind,
    held: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    def hold() -> None:
        if held:
            keeper.hold(*map(str, range(1, 32)))

    hold()
    with start_script(script_for(kind, ENDS + ENDING % ", ".join(WAYS)), keeper.url, cwd=tmp_path) as process:
        try:
            for way in WAYS:
                assert process.stdout.readline() == "ended\n", (way, process.communicate())  # type: ignore[union-attr]
                asked = len(keeper.requests)
                keeper.release()
                keeper.wait_until(lambda: keeper.open == 0)  # while the program goes on
                assert len(keeper.requests) <= asked + 16, way  # what was under way may be read late
                hold()
                process.stdin.write("\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            out, err = process.communicate(timeout=2 * GUARD_SECONDS)
            assert (process.returncode, out, without_slowness(err)) == (0, "", "")
        finally:
            process.kill()


@each_engine
def test_cancelling_the_consumer_leaves_nothing(keeper: HttpServer, tmp_path: Path, engine: str) -> None:
    code = """
async def consume(client, consuming):
    async for outcome in client.get_many(endless(), concurrency=4):
        consuming.set()

async def main():
    async with AsyncClient(zild) as client:
        consuming = asyncio.Event()
        consumer = asyncio.create_task(consume(client, consuming))
        await consuming.wait()
        consumer.cancel()
        await asyncio.wait([consumer])
        assert consumer.cancelled()
        del consumer
    assert left() == []

asyncio.run(main())
"""
    run_script(code, keeper.url, engine, cwd=tmp_path)
    keeper.wait_until(lambda: keeper.open == 0)


@each_client
@each_engine
def test_a_keyboard_interrupt_leaves_nothing(keeper: HttpServer, tmp_path: Path, kind: Kind, engine: str) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        async for outcome in client.get_many(endless(), concurrency=4):
            pass
"""
    code = script_for(kind, code).replace("\nasyncio.run(main())", "\nstart(lambda: asyncio.run(main()))")
    code = code.replace("\nmain()", "\nstart(main)")
    start = """
def start(run):
    try:
        run()
    except KeyboardInterrupt:
        assert left() == []
        wait()
"""
    keeper.hold("30")
    with start_script(start + code, keeper.url, cwd=tmp_path) as process:
        keeper.wait_until(lambda: len(keeper.requests) > 30)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ended\n"  # type: ignore[union-attr]
        keeper.release()
        keeper.wait_until(lambda: keeper.open == 0)
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("", "")


@each_client
def test_ending_a_run_as_it_comes_to_its_end_leaks_nothing(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        for _ in range(10):
            async with client.get_many(map("zild:{}".format, range(8)), concurrency=8) as run:
                for _ in range(8):
                    await anext(run)
            gc.collect()
    assert left() == []
"""
    run_script(script_for(kind, code), keeper.url, cwd=tmp_path)
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_program_that_ends_in_the_middle_of_a_run_ends(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
client = Client(zild)
run = client.get_many(endless())
next(run)
"""
    with start_script(code, keeper.url, cwd=tmp_path) as process:
        process.communicate(timeout=2 * GUARD_SECONDS)
    assert process.returncode == 0


# Retry has no part here; a client of one attempt is as good.
ONCE = Retry(attempts=1)


def test_a_run_ends_while_a_user_holds_its_error(keeper: HttpServer) -> None:
    keeper.reply = lambda _: (401, b"", {})
    with Client(zild(keeper), retry=ONCE) as client:
        run = client.get_many(endless(), concurrency=2)
        with pytest.raises(ConversasError):
            list(run)
        assert list(run) == []
    keeper.wait_until(lambda: keeper.open == 0)
