"""Opening and closing clients, and the event loops that they belong to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from conversas import AsyncClient, Client, ConfigurationError, Fetched, Zild
from support.client_kinds import Kind, each_client, each_engine
from support.http_server import GUARD_SECONDS, HttpServer
from support.providers import zild
from support.scripts import run_script, script_for, start_script

SIX = [f"zild:{number}" for number in range(6)]


# Open and closed


def test_a_client_can_be_entered_again(keeper: HttpServer) -> None:
    client = Client(zild(keeper))
    for _ in range(2):
        with client:
            assert client.get("zild:1").provider == "zild"
            assert [type(outcome) for outcome in client.get_many(["zild:2"])] == [Fetched]
    assert keeper.ids == ["1", "2"] * 2
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_client_without_with_is_closed_by_hand(keeper: HttpServer) -> None:
    client = Client(zild(keeper))
    client.get("zild:1")
    client.close()
    client.close()
    keeper.wait_until(lambda: keeper.open == 0)
    with pytest.raises(ConfigurationError, match="closed: use it in a `with` block"):
        client.get("zild:1")


def test_a_client_that_was_closed_unused_gets_nothing(keeper: HttpServer) -> None:
    client = Client(zild(keeper))
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        client.get("zild:1")
    assert keeper.requests == []


@each_client
def test_a_client_is_not_entered_twice(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        try:
            async with client:
                print("no")
        except ConfigurationError as error:
            assert "already entered" in str(error)
        await client.get("zild:1")
"""
    assert run_script(script_for(kind, code), keeper.url, cwd=tmp_path) == []
    assert keeper.ids == ["1"]


@each_client
def test_a_closed_client_gets_nothing_until_it_is_entered_again(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        await client.get("zild:1")
    for attempt in (lambda: client.get("zild:2"), lambda: client.get_many(["zild:3"])):
        try:
            await attempt()
            print("no")
        except ConfigurationError as error:
            assert "the client is closed" in str(error)
    async with client:
        await client.get("zild:4")
"""
    assert run_script(script_for(kind, code), keeper.url, cwd=tmp_path) == []
    assert keeper.ids == ["1", "4"]


@each_client
def test_a_client_that_gets_nothing_leaves_nothing(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    AsyncClient(zild)
    async with AsyncClient(zild) as client:
        client.get_many(endless())
        gc.collect()
        run = client.get_many(endless())
    assert left() == []
    assert [outcome async for outcome in run] == []
"""
    assert run_script(script_for(kind, code), keeper.url, cwd=tmp_path) == []
    assert keeper.requests == []


def test_an_awaiting_client_that_is_closed_while_a_token_is_asked_for_says_so(keeper: HttpServer) -> None:
    async def main() -> None:
        asked, given = asyncio.Event(), asyncio.Event()

        async def token() -> str:
            asked.set()
            await given.wait()
            return "token"

        async with AsyncClient(Zild(keeper.url, token)) as client:
            getting = asyncio.create_task(client.get("zild:1"))
            await asked.wait()
        given.set()
        with pytest.raises(ConfigurationError, match="closed"):
            await getting

    asyncio.run(main())
    assert keeper.requests == []


# Event loops


def test_an_awaiting_client_serves_one_loop_after_the_other(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
client = AsyncClient(zild)

async def main():
    async with client:
        await client.get("zild:1")
        assert len([outcome async for outcome in client.get_many(["zild:2", "zild:3"])]) == 2

asyncio.run(main())
asyncio.run(main())
"""
    run_script(code, keeper.url, cwd=tmp_path)
    assert sorted(keeper.ids) == sorted(["1", "2", "3"] * 2)
    keeper.wait_until(lambda: keeper.open == 0)


async def use_get(client: AsyncClient) -> object:
    return await client.get("zild:1")


async def use_get_many(client: AsyncClient) -> object:
    return [outcome async for outcome in client.get_many(["zild:1"])]


each_use = pytest.mark.parametrize("use", [use_get, use_get_many])
Use = Callable[[AsyncClient], Any]


@each_use
def test_an_awaiting_client_is_used_within_its_block(keeper: HttpServer, use: Use) -> None:
    with pytest.raises(ConfigurationError, match="use it in an `async with` block"):
        asyncio.run(use(AsyncClient(zild(keeper))))


@each_use
def test_an_awaiting_client_is_of_one_loop_at_a_time(keeper: HttpServer, use: Use) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(ConfigurationError, match="another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(use(client)))
            with pytest.raises(ConfigurationError, match="already entered"):
                await asyncio.to_thread(lambda: asyncio.run(client.__aenter__()))
            await client.get("zild:2")

    asyncio.run(main())
    assert keeper.ids == ["2"]


def test_an_awaiting_client_without_a_loop_says_so(keeper: HttpServer) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(ConfigurationError, match="event loop"):
                await asyncio.to_thread(client.get_many, ["zild:1"])

    asyncio.run(main())


def test_a_run_of_one_loop_is_not_used_in_another(keeper: HttpServer) -> None:
    async def rest(run: AsyncIterator[Any]) -> list[Any]:
        return [outcome async for outcome in run]

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            run = client.get_many(["zild:1"])
            with pytest.raises(ConfigurationError, match="event loop"):
                await asyncio.to_thread(lambda: asyncio.run(rest(run)))

    asyncio.run(main())


def test_a_loop_that_was_closed_under_a_client_is_no_trouble_for_the_next(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
client = AsyncClient(zild)
runs = []

async def abandon():
    await client.__aenter__()
    runs.append(client.get_many(endless()))
    await anext(runs[0])

async def main():
    async with client:
        await client.get("zild:100000")
        await runs[0].close()
        assert [outcome async for outcome in runs[0]] == []

warnings.simplefilter("ignore", ResourceWarning)  # sockets of the first loop are left, by the program
asyncio.run(abandon())
asyncio.run(main())
"""
    run_script(code, keeper.url, cwd=tmp_path)
    assert keeper.ids.count("100000") == 1  # the server may come to what the first loop sent after that


def test_closing_a_client_whose_loop_is_closed_is_no_error(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
client = AsyncClient(zild)

async def abandon():
    await client.__aenter__()
    await client.get("zild:1")

warnings.simplefilter("ignore", ResourceWarning)  # sockets of the first loop are left, by the program
asyncio.run(abandon())
try:
    asyncio.run(client.close())
except ConfigurationError as error:
    assert "event loop" in str(error)
"""
    run_script(code, keeper.url, cwd=tmp_path)


def test_a_loop_that_was_closed_under_a_run_is_no_trouble_for_the_next(keeper: HttpServer, tmp_path: Path) -> None:
    code = """
client = AsyncClient(zild)
runs = []

async def abandon():
    await client.__aenter__()
    runs.append(client.get_many(endless(), concurrency=2))
    await anext(runs[0])

async def main():
    async with client:
        await client.get("zild:100000")
        assert len([outcome async for outcome in client.get_many(["zild:100001"])]) == 1

warnings.simplefilter("ignore", ResourceWarning)  # sockets of the first loop are left, by the program
logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # so are its tasks
loop = asyncio.new_event_loop()
loop.run_until_complete(abandon())
loop.close()
asyncio.run(main())
os._exit(0)  # what is left of the first loop cannot end
"""
    run_script(code, keeper.url, cwd=tmp_path)
    assert keeper.ids[-2:] == ["100000", "100001"]


@each_engine
def test_closing_that_is_cancelled_closes_all_the_same(keeper: HttpServer, tmp_path: Path, engine: str) -> None:
    code = """
async def main():
    client = AsyncClient(zild)
    await client.__aenter__()
    await client.get("zild:100000")
    run = client.get_many(endless(), concurrency=4)
    await anext(run)
    closing = asyncio.create_task(client.close())
    for _ in range(3):
        await asyncio.sleep(0)
        closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    del closing
    assert left() == []
    wait()
    del client, run

asyncio.run(main())
"""
    keeper.hold(*map(str, range(4, 16)))
    with start_script(code, keeper.url, engine, cwd=tmp_path) as process:
        assert process.stdout.readline() == "ended\n", process.communicate()  # type: ignore[union-attr]
        keeper.release()
        keeper.wait_until(lambda: keeper.open == 0)  # while the program goes on
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("", "")


def test_an_awaiting_client_in_a_loop_of_another_library_says_so(keeper: HttpServer) -> None:
    entering = AsyncClient(zild(keeper)).__aenter__()
    with pytest.raises(ConfigurationError, match="asyncio"):
        entering.send(None)  # as trio would


def test_an_awaiting_client_in_a_guest_of_a_loop_says_so(keeper: HttpServer) -> None:
    async def main() -> None:
        done = asyncio.get_running_loop().create_future()

        def enter() -> None:
            with pytest.raises(ConfigurationError, match="asyncio"):
                AsyncClient(zild(keeper)).__aenter__().send(None)
            done.set_result(None)

        asyncio.get_running_loop().call_soon(enter)  # as trio does in its guest mode
        await done

    asyncio.run(asyncio.wait_for(main(), GUARD_SECONDS))


def test_a_blocking_run_works_inside_a_running_loop(keeper: HttpServer) -> None:
    async def main() -> list[str]:
        with Client(zild(keeper)) as client:
            return [outcome.ref.id for outcome in client.get_many(SIX, concurrency=2)]

    assert sorted(asyncio.run(main())) == list("012345")
