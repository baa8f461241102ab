"""Opening, sharing, forking and closing clients; runs of many, and what is left of them."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from conversas import (
    AsyncClient,
    AuthenticationError,
    Client,
    ConfigurationError,
    ConversasError,
    Conversation,
    Failed,
    Fetched,
    Retry,
    TransportError,
    Zild,
)
from conversas.client.async_client import Opened
from conversas.client.auth import AsyncAsker
from support.client_kinds import QUICK, Kind, each_client, each_engine, get_many
from support.keepalive_server import BODY, GUARD_SECONDS, KeepAlive
from support.providers import zild
from support.refs import endless
from support.scripts import FORK, run_script, script_for, start_script, without_slowness

TOGETHER = 16
SIX = [f"zild:{number}" for number in range(6)]


# Threads and tasks


def test_threads_share_one_pool(keeper: KeepAlive) -> None:
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


def test_a_connection_is_used_again(keeper: KeepAlive) -> None:
    with Client(zild(keeper)) as client:
        for _ in range(5):
            client.get("zild:1")
    assert keeper.connections == 1


def test_many_tasks_share_one_client(keeper: KeepAlive) -> None:
    async def main() -> list[Conversation]:
        async with AsyncClient(zild(keeper)) as client:
            return await asyncio.gather(*(client.get(f"zild:{number}") for number in range(50)))

    assert len(asyncio.run(main())) == 50
    assert sorted(map(int, keeper.ids)) == list(range(50))
    keeper.wait_until(lambda: keeper.open == 0)


# Forks


def test_after_a_fork_the_child_has_connections_of_its_own(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    client.get("zild:1")
    fork(lambda: [client.get("zild:2"), client.get("zild:3")])
    client.get("zild:4")
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert [(asked.id, asked.connection) for asked in keeper.asked] == [("1", 1), ("2", 2), ("3", 2), ("4", 1)]


def test_a_child_that_ends_like_any_program_says_nothing(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    client.get("zild:1")
    child = os.fork()
    client.get(f"zild:{2 if child else 3}")
    if child:
        assert os.waitpid(child, 0)[1] == 0
        client.get("zild:4")
"""
    run_script(code, keeper.url, cwd=tmp_path)
    assert {(asked.id, asked.connection) for asked in keeper.asked} == {("1", 1), ("2", 1), ("3", 2), ("4", 1)}


def test_a_child_gets_while_another_thread_of_the_parent_waits(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    threads = [threading.Thread(target=client.get, args=(f"zild:{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait()
    fork(lambda: [client.get("zild:5"), list(client.get_many(["zild:6"]))])
    wait()
    for thread in threads:
        thread.join()
    client.get("zild:7")
"""
    keeper.hold(*"0123")
    with start_script(FORK + code, keeper.url, cwd=tmp_path) as process:
        keeper.wait_until(lambda: keeper.held == 4)
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        assert [process.stdout.readline(), process.stdout.readline()] == ["ended\n"] * 2  # type: ignore[union-attr]
        assert keeper.ids[4:] == ["5", "6"]
        keeper.release()
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("", "")
    assert keeper.ids[6:] == ["7"]


def test_a_child_asks_for_a_token_while_another_thread_of_the_parent_does(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
asked, given, parent = threading.Event(), threading.Event(), os.getpid()

def token():
    if os.getpid() == parent:
        asked.set()
        given.wait()
    return "token"

with Client(Zild(url, token)) as client:
    thread = threading.Thread(target=client.get, args=("zild:1",))
    thread.start()
    asked.wait()
    fork(lambda: client.get("zild:2"))
    given.set()
    thread.join()
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert keeper.ids == ["2", "1"]


def test_nothing_is_imported_by_a_request_where_a_fork_would_lock_the_child_out(
    keeper: KeepAlive, tmp_path: Path
) -> None:
    code = """
from conversas import Superagentes
with Client(zild, Superagentes("key", url)) as client:
    before = set(sys.modules)
    client.get("zild:1")
    client.get("superagentes:1")
    assert set(sys.modules) == before, set(sys.modules) - before
"""
    run_script(code, keeper.url, cwd=tmp_path)


def test_forks_in_the_middle_of_much_work_hang_nobody(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
def work(client):
    while not stop.is_set():
        client.get("zild:1")

stop = threading.Event()
clients = [Client(zild) for _ in range(3)]
threads = [threading.Thread(target=work, args=(client,)) for client in clients for _ in range(2)]
for thread in threads:
    thread.start()
for _ in range(4):
    fork(lambda: [client.get("zild:2") for client in clients])
stop.set()
for thread in threads:
    thread.join()
for client in clients:
    client.get("zild:3")
    client.close()
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert (keeper.ids.count("2"), keeper.ids[-3:]) == (12, ["3"] * 3)


def test_processes_of_multiprocessing_share_no_connection(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
def work(number):
    client.get(f"zild:{number}")
    return os.getpid()

with Client(zild) as client:
    client.get("zild:0")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        processes = pool.map(work, range(1, 9), chunksize=1)
        client.get("zild:9")
        pool.close()
        pool.join()
    assert os.getpid() not in processes
"""
    run_script(code, keeper.url, cwd=tmp_path)
    connection = {asked.id: asked.connection for asked in keeper.asked}
    assert connection["0"] == connection["9"] == 1
    assert 1 not in [connection[number] for number in "12345678"]


def test_a_run_goes_on_after_a_fork(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(30)), concurrency=4)
    refs = [next(run).ref.id]
    fork(lambda: [list(client.get_many(["zild:1000", "zild:1001"])), client.close()])
    refs += [outcome.ref.id for outcome in run]
assert sorted(map(int, refs)) == list(range(30)), refs
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)
    assert len(keeper.asked) == 32


def test_a_child_that_ends_like_any_program_says_nothing_of_a_run(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(100)), concurrency=4)
    next(run)
    if os.fork() == 0:
        gc.collect()
        sys.exit()
    assert os.wait()[1] == 0
    assert len(list(run)) == 99
"""
    run_script(code, keeper.url, cwd=tmp_path)
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_run_of_the_parent_does_not_hang_in_the_child(keeper: KeepAlive, tmp_path: Path) -> None:
    code = """
def work():
    try:
        list(run)
    except ConfigurationError:
        pass

with Client(zild) as client:
    run = client.get_many(map("zild:{}".format, range(30)), concurrency=4)
    refs = [next(run).ref.id]
    fork(work)
    refs += [outcome.ref.id for outcome in run]
assert sorted(map(int, refs)) == list(range(30)), refs
"""
    run_script(FORK + code, keeper.url, cwd=tmp_path)


# Open and closed


def test_a_client_can_be_entered_again(keeper: KeepAlive) -> None:
    client = Client(zild(keeper))
    for _ in range(2):
        with client:
            assert client.get("zild:1").provider == "zild"
            assert [type(outcome) for outcome in client.get_many(["zild:2"])] == [Fetched]
    assert keeper.ids == ["1", "2"] * 2
    keeper.wait_until(lambda: keeper.open == 0)


def test_a_client_without_with_is_closed_by_hand(keeper: KeepAlive) -> None:
    client = Client(zild(keeper))
    client.get("zild:1")
    client.close()
    client.close()
    keeper.wait_until(lambda: keeper.open == 0)
    with pytest.raises(ConfigurationError, match="closed: use it in a `with` block"):
        client.get("zild:1")


def test_a_client_that_was_closed_unused_gets_nothing(keeper: KeepAlive) -> None:
    client = Client(zild(keeper))
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        client.get("zild:1")
    assert keeper.asked == []


@each_client
def test_a_client_is_not_entered_twice(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        try:
            async with client:
                print("no")
        except ConfigurationError as error:
            assert "entered already" in str(error)
        await client.get("zild:1")
"""
    assert run_script(script_for(kind, code), keeper.url, cwd=tmp_path) == []
    assert keeper.ids == ["1"]


@each_client
def test_a_closed_client_gets_nothing_until_it_is_entered_again(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
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
def test_a_client_that_gets_nothing_leaves_nothing(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
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
    assert keeper.asked == []


def test_closing_a_client_ends_what_other_threads_get(keeper: KeepAlive) -> None:
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


def test_closing_a_client_at_any_moment_is_no_other_error(keeper: KeepAlive) -> None:
    def work(client: Client) -> BaseException:
        try:
            while True:
                client.get("zild:1")
        except Exception as error:  # noqa: BLE001  # which one is the test
            return error

    for _ in range(8):
        client, before = Client(zild(keeper), retry=QUICK), len(keeper.asked)
        with ThreadPoolExecutor(8) as threads:
            errors = [threads.submit(work, client) for _ in range(8)]
            keeper.wait_until(partial(lambda until: len(keeper.asked) > until, before + 20))
            client.close()
        assert {type(each.result()) for each in errors} <= {ConfigurationError, TransportError}
    keeper.wait_until(lambda: keeper.open == 0)


def test_closing_an_awaiting_client_at_any_moment_is_no_other_error(keeper: KeepAlive) -> None:
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


def test_an_awaiting_client_that_is_closed_while_a_token_is_asked_for_says_so(keeper: KeepAlive) -> None:
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
    assert keeper.asked == []


# Event loops


def test_an_awaiting_client_serves_one_loop_after_the_other(keeper: KeepAlive, tmp_path: Path) -> None:
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
def test_an_awaiting_client_is_used_within_its_block(keeper: KeepAlive, use: Use) -> None:
    with pytest.raises(ConfigurationError, match="use it in an `async with` block"):
        asyncio.run(use(AsyncClient(zild(keeper))))


@each_use
def test_an_awaiting_client_is_of_one_loop_at_a_time(keeper: KeepAlive, use: Use) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(ConfigurationError, match="another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(use(client)))
            with pytest.raises(ConfigurationError, match="entered already"):
                await asyncio.to_thread(lambda: asyncio.run(client.__aenter__()))
            await client.get("zild:2")

    asyncio.run(main())
    assert keeper.ids == ["2"]


def test_an_awaiting_client_without_a_loop_says_so(keeper: KeepAlive) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(ConfigurationError, match="event loop"):
                await asyncio.to_thread(client.get_many, ["zild:1"])

    asyncio.run(main())


def test_a_run_of_one_loop_is_not_used_in_another(keeper: KeepAlive) -> None:
    async def rest(run: AsyncIterator[Any]) -> list[Any]:
        return [outcome async for outcome in run]

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            run = client.get_many(["zild:1"])
            with pytest.raises(ConfigurationError, match="event loop"):
                await asyncio.to_thread(lambda: asyncio.run(rest(run)))

    asyncio.run(main())


def test_a_loop_that_was_closed_under_a_client_is_no_trouble_for_the_next(keeper: KeepAlive, tmp_path: Path) -> None:
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


def test_closing_a_client_whose_loop_is_closed_is_no_error(keeper: KeepAlive, tmp_path: Path) -> None:
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


def test_a_loop_that_was_closed_under_a_run_is_no_trouble_for_the_next(keeper: KeepAlive, tmp_path: Path) -> None:
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
def test_closing_that_is_cancelled_closes_all_the_same(keeper: KeepAlive, tmp_path: Path, engine: str) -> None:
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


class Pool:
    """What `Opened` closes."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.closed = error, False

    async def close(self) -> None:
        self.closed = True
        if self.error:
            raise self.error


def test_connections_that_fail_to_close_leave_no_others_open() -> None:
    pools: list[Any] = [Pool(OSError("first")), Pool()]

    async def main() -> None:
        with pytest.raises(OSError, match="first"):
            await Opened(asyncio.get_running_loop(), pools[0], AsyncAsker({}), pools[1]).close()

    asyncio.run(main())
    assert [pool.closed for pool in pools] == [True, True]


def test_a_blocking_run_works_inside_a_running_loop(keeper: KeepAlive) -> None:
    async def main() -> list[str]:
        with Client(zild(keeper)) as client:
            return [outcome.ref.id for outcome in client.get_many(SIX, concurrency=2)]

    assert sorted(asyncio.run(main())) == list("012345")


# Runs: what comes out


@each_client
@pytest.mark.parametrize("concurrency", [7, 100])
def test_each_ref_has_exactly_one_outcome(keeper: KeepAlive, kind: Kind, concurrency: int, engine: str) -> None:
    keeper.answer = lambda asked: (200 if int(asked.id) % 3 else 404, BODY, {})
    outcomes = get_many(kind, map("zild:{}".format, range(60)), zild(keeper), concurrency=concurrency)
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(60))
    assert {int(outcome.ref.id) % 3 == 0 for outcome in outcomes if isinstance(outcome, Failed)} == {True}
    assert len(keeper.asked) == 60
    assert keeper.connections <= concurrency


@each_client
def test_outcomes_match_by_position(keeper: KeepAlive, kind: Kind) -> None:
    keeper.answer = lambda asked: (404 if asked.id == "2" else 200, BODY, {})
    seen: dict[str, str] = {}
    for outcome in get_many(kind, ["zild:1", "zild:2"], zild(keeper)):
        match outcome:
            case Fetched(ref, conversation):
                seen[str(ref)] = type(conversation).__name__
            case Failed(ref, error):
                seen[str(ref)] = type(error).__name__
    assert seen == {"zild:1": "Conversation", "zild:2": "NotFoundError"}


@each_client
def test_no_refs_have_no_outcomes(keeper: KeepAlive, kind: Kind) -> None:
    assert get_many(kind, [], zild(keeper)) == []
    assert keeper.connections == 0


@each_client
def test_a_run_with_concurrency_1_asks_one_after_the_other(keeper: KeepAlive, kind: Kind) -> None:
    outcomes = get_many(kind, SIX, zild(keeper), concurrency=1)
    assert [outcome.ref.id for outcome in outcomes] == keeper.ids == list("012345")
    assert keeper.connections == 1


@each_client
def test_a_ref_in_flight_is_left_out_and_a_later_one_is_fetched(keeper: KeepAlive, kind: Kind, tmp_path: Path) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        outcomes = []
        async for outcome in client.get_many(["zild:1"] * 3 + ["zild:2"], concurrency=4):
            if not outcomes:
                wait()
            outcomes.append(outcome.ref.id)
        async for outcome in client.get_many(["zild:3"] * 3, concurrency=1):
            outcomes.append(outcome.ref.id)
        print(*outcomes)
"""
    keeper.hold("1")
    with start_script(script_for(kind, code), keeper.url, cwd=tmp_path) as process:
        assert process.stdout.readline() == "ended\n"  # type: ignore[union-attr]
        keeper.wait_until(lambda: keeper.held == 1)
        keeper.release()
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("2 1 3 3 3\n", "")
    assert sorted(keeper.ids) == list("12333")


@each_client
def test_two_runs_go_on_at_once(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        one = client.get_many(map("zild:{}".format, range(20)))
        two = client.get_many(map("zild:{}".format, range(20)))
        seen = []
        for _ in range(20):
            seen += [(await anext(one)).ref.id, (await anext(two)).ref.id]
        assert sorted(seen) == sorted([*map(str, range(20))] * 2)
        assert [each async for each in one] == [each async for each in two] == []
    assert left() == []
"""
    run_script(script_for(kind, code), keeper.url, cwd=tmp_path)
    assert len(keeper.asked) == 40


def test_a_run_is_polled_for_so_many_seconds(keeper: KeepAlive) -> None:
    keeper.hold("2")
    with Client(zild(keeper)) as client, client.get_many(["zild:1", "zild:1", "zild:2"], concurrency=2) as run:
        first = run.poll(None)
        assert isinstance(first, Fetched)
        assert first.ref.id == "1"
        keeper.wait_until(lambda: keeper.held == 1)
        assert [run.poll(0), run.poll(-1), run.poll(0.01)] == [None] * 3
        keeper.release()
        last = run.poll(1e300)
        assert isinstance(last, Fetched)
        assert last.ref.id == "2"
        for seconds in (0.1, None):
            with pytest.raises(StopIteration):
                run.poll(seconds)


def test_a_poll_reads_refs_no_longer_than_it_may_take(keeper: KeepAlive) -> None:
    read: list[str] = []
    refs = (read.append(ref) or ref for ref in map("zild:{}".format, count()))
    with Client(zild(keeper)) as client, client.get_many(refs, concurrency=100) as run:
        run.poll(0)
        assert len(read) == 1
        run.poll(GUARD_SECONDS)
        assert len(read) > 100


def test_threads_share_the_outcomes_of_a_run(keeper: KeepAlive) -> None:
    refs = [f"zild:{number}" for number in range(60)]
    begin = Barrier(4)

    def rest(run: Iterator[Any]) -> list[str]:
        begin.wait()
        return [str(outcome.ref) for outcome in run]

    with Client(zild(keeper)) as client, ThreadPoolExecutor(4) as pool:
        run = client.get_many(iter(refs), concurrency=4)
        shares = [pool.submit(rest, run) for _ in range(4)]
        assert sorted(ref for share in shares for ref in share.result(GUARD_SECONDS)) == sorted(refs)


def test_a_poll_waits_for_its_turn_no_longer_than_it_may_take(keeper: KeepAlive) -> None:
    asked, go_on = Event(), Event()

    def refs() -> Iterator[str]:
        asked.set()
        assert go_on.wait(GUARD_SECONDS)
        yield "zild:1"

    with Client(zild(keeper)) as client, ThreadPoolExecutor(1) as pool:
        run = client.get_many(refs())
        first = pool.submit(next, run)
        assert asked.wait(GUARD_SECONDS)
        assert run.poll(0.01) is None
        go_on.set()
        assert str(first.result(GUARD_SECONDS).ref) == "zild:1"


def test_polling_a_run_that_was_stopped_raises_its_error(keeper: KeepAlive) -> None:
    keeper.answer = lambda _: (401, b"", {})
    with Client(zild(keeper)) as client, client.get_many(SIX) as run, pytest.raises(AuthenticationError):
        run.poll(GUARD_SECONDS)


# Runs: how refs are read


@each_client
def test_refs_are_read_as_they_are_needed(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
    code = """
async def main():
    async with AsyncClient(zild) as client:
        read = []
        refs = (read.append(number) or f"zild:{number}" for number in count())
        async with client.get_many(refs, concurrency=4) as run:
            assert read == []
            for taken in range(1, 50):
                await anext(run)
                assert taken <= len(read) <= taken + 3 * 4, (taken, len(read))
"""
    run_script(script_for(kind, code), keeper.url, cwd=tmp_path)


def test_a_slow_consumer_bounds_what_is_fetched(keeper: KeepAlive) -> None:
    with Client(zild(keeper)) as client, client.get_many(endless(), concurrency=4) as run:
        next(run)
        keeper.wait_until(lambda: len(keeper.asked) == 8)
    assert len(keeper.asked) == 8


def test_a_slow_awaiting_consumer_bounds_what_is_fetched(keeper: KeepAlive) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client, client.get_many(endless(), concurrency=4) as run:
            await anext(run)
            await asyncio.to_thread(keeper.wait_until, lambda: len(keeper.asked) > 8)
            await client.get("zild:1")  # there is time for more

    asyncio.run(main())
    assert len(keeper.asked) <= 2 + 3 * 4  # two were taken; the rest waits to be, or is under way


def test_refs_are_read_in_the_thread_of_the_caller(keeper: KeepAlive) -> None:
    import threading

    readers = set[int]()
    refs = (readers.add(threading.get_ident()) or ref for ref in SIX)
    assert len(get_many(Client, refs, zild(keeper), concurrency=1)) == 6
    assert readers == {threading.get_ident()}


def test_a_ref_is_asked_for_before_the_next_is_read(keeper: KeepAlive) -> None:
    def refs() -> Iterator[str]:
        yield "zild:1"
        keeper.wait_until(lambda: "1" in keeper.ids)
        yield "zild:2"

    assert len(get_many(Client, refs(), zild(keeper))) == 2


def test_an_awaiting_run_takes_refs_that_are_awaited(keeper: KeepAlive) -> None:
    async def refs() -> AsyncIterator[str]:
        for number in range(20):
            await asyncio.sleep(0)
            yield f"zild:{number}"

    async def main() -> list[str]:
        async with AsyncClient(zild(keeper)) as client:
            return [outcome.ref.id async for outcome in client.get_many(refs(), concurrency=3)]

    assert sorted(map(int, asyncio.run(main()))) == list(range(20))


def test_refs_that_are_awaited_may_depend_on_outcomes(keeper: KeepAlive) -> None:
    async def main() -> list[str]:
        found = asyncio.Queue[str]()
        found.put_nowait("zild:1")

        async def refs() -> AsyncIterator[str]:
            for _ in range(5):
                yield await found.get()

        seen: list[str] = []
        async with asyncio.timeout(GUARD_SECONDS), AsyncClient(zild(keeper)) as client:
            async for outcome in client.get_many(refs()):
                seen.append(outcome.ref.id)
                found.put_nowait(f"zild:{len(seen) + 1}")
        return seen

    assert asyncio.run(main()) == list("12345")


@each_client
def test_an_error_of_the_refs_arrives_at_the_consumer(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
    code = """
class Gone(Exception):
    pass

def refs():
    yield from map("zild:{}".format, range(40))
    raise Gone

async def main():
    async with AsyncClient(zild) as client:
        run = client.get_many(refs(), concurrency=2)
        try:
            async for outcome in run:
                pass
            print("no")
        except Gone:
            assert left() == []
        assert [outcome async for outcome in run] == []
    assert left() == []
"""
    assert run_script(script_for(kind, code), keeper.url, cwd=tmp_path) == []


def test_an_error_of_awaited_refs_arrives_at_the_consumer(keeper: KeepAlive) -> None:
    async def refs() -> AsyncIterator[str]:
        yield "zild:1"
        raise KeyError("gone")

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(KeyError, match="gone"):
                async for _ in client.get_many(refs()):
                    pass

    asyncio.run(main())


def test_refs_whose_own_task_was_cancelled_do_not_hang_the_consumer(keeper: KeepAlive) -> None:
    async def refs() -> AsyncIterator[str]:
        yield "zild:1"
        cancelled = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await cancelled

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client, asyncio.timeout(GUARD_SECONDS):
            async for _ in client.get_many(refs()):
                pass

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "one text": ({"refs": "zild:1"}, "refs is an iterable of refs; for one conversation, take get"),
    "bytes": ({"refs": b"zild:1"}, "refs is an iterable"),
    "a number": ({"refs": 5}, "refs is an iterable"),
    "none": ({"refs": None}, "refs is an iterable"),
    "no concurrency": ({"concurrency": 0}, "concurrency is a whole number above 0"),
    "below": ({"concurrency": -1}, "concurrency is a whole number above 0"),
    "true": ({"concurrency": True}, "concurrency is a whole number above 0"),
    "a text": ({"concurrency": "4"}, "concurrency is a whole number above 0"),
    "a fraction": ({"concurrency": 1.5}, "concurrency is a whole number above 0"),
    "no rate": ({"requests_per_second": 0}, "requests_per_second is a number above 0, or None"),
    "a rate below": ({"requests_per_second": -1}, "requests_per_second is a number above 0, or None"),
    "a true rate": ({"requests_per_second": True}, "requests_per_second is a number above 0, or None"),
    "a rate that is none": ({"requests_per_second": float("nan")}, "requests_per_second is a number above 0, or None"),
    "a text as rate": ({"requests_per_second": "4"}, "requests_per_second is a number above 0, or None"),
}
each_wrong = pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)


@each_wrong
def test_wrong_arguments_of_a_run_are_refused(arguments: dict[str, Any], message: str) -> None:
    with Client(Zild("http://127.0.0.1:1", "token")) as client, pytest.raises(ConfigurationError, match=message):
        client.get_many(**{"refs": SIX} | arguments)


@each_wrong
def test_wrong_arguments_of_an_awaiting_run_are_refused(arguments: dict[str, Any], message: str) -> None:
    async def main() -> None:
        async with AsyncClient(Zild("http://127.0.0.1:1", "token")) as client:
            with pytest.raises(ConfigurationError, match=message):
                client.get_many(**{"refs": SIX} | arguments)

    asyncio.run(main())


# Runs: their ends

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
    keeper: KeepAlive,
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
                asked = len(keeper.asked)
                keeper.release()
                keeper.wait_until(lambda: keeper.open == 0)  # while the program goes on
                assert len(keeper.asked) <= asked + 16, way  # what was under way may be read late
                hold()
                process.stdin.write("\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            out, err = process.communicate(timeout=2 * GUARD_SECONDS)
            assert (process.returncode, out, without_slowness(err)) == (0, "", "")
        finally:
            process.kill()


@each_engine
def test_cancelling_the_consumer_leaves_nothing(keeper: KeepAlive, tmp_path: Path, engine: str) -> None:
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
def test_a_keyboard_interrupt_leaves_nothing(keeper: KeepAlive, tmp_path: Path, kind: Kind, engine: str) -> None:
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
        keeper.wait_until(lambda: len(keeper.asked) > 30)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ended\n"  # type: ignore[union-attr]
        keeper.release()
        keeper.wait_until(lambda: keeper.open == 0)
        assert process.communicate("\n", 2 * GUARD_SECONDS) == ("", "")


@each_client
def test_ending_a_run_as_it_comes_to_its_end_leaks_nothing(keeper: KeepAlive, tmp_path: Path, kind: Kind) -> None:
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


def test_a_run_that_another_thread_closes_as_it_starts_ends(keeper: KeepAlive, tmp_path: Path) -> None:
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


def test_a_run_that_another_thread_closes_ends_for_the_one_that_waits(keeper: KeepAlive) -> None:
    keeper.hold()
    with Client(zild(keeper)) as client:
        run = client.get_many(SIX)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(list, run)
            keeper.wait_until(lambda: keeper.held == 6)
            run.close()
            assert waiting.result(GUARD_SECONDS) == []


def test_a_run_that_another_task_closes_ends_for_those_that_wait(keeper: KeepAlive) -> None:
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


def test_runs_start_in_some_threads_while_another_closes_the_client(keeper: KeepAlive) -> None:  # noqa: C901
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


def test_a_program_that_ends_in_the_middle_of_a_run_ends(keeper: KeepAlive, tmp_path: Path) -> None:
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


def test_a_run_ends_while_a_user_holds_its_error(keeper: KeepAlive) -> None:
    keeper.answer = lambda _: (401, b"", {})
    with Client(zild(keeper), retry=ONCE) as client:
        run = client.get_many(endless(), concurrency=2)
        with pytest.raises(ConversasError):
            list(run)
        assert list(run) == []
    keeper.wait_until(lambda: keeper.open == 0)
