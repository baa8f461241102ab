"""Runs of many: how refs are read, which outcomes come, and which arguments are refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import AsyncClient, Client, ConfigurationError, Failed, Fetched, Zild
from support.client_kinds import Kind, each_client, get_many
from support.http_server import BODY, GUARD_SECONDS, HttpServer
from support.providers import zild
from support.refs import endless
from support.scripts import run_script, script_for, start_script

SIX = [f"zild:{number}" for number in range(6)]


# Outcomes


@each_client
@pytest.mark.parametrize("concurrency", [7, 100])
def test_each_ref_has_exactly_one_outcome(keeper: HttpServer, kind: Kind, concurrency: int, engine: str) -> None:
    keeper.reply = lambda asked: (200 if int(asked.id) % 3 else 404, BODY, {})
    outcomes = get_many(kind, map("zild:{}".format, range(60)), zild(keeper), concurrency=concurrency)
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(60))
    assert {int(outcome.ref.id) % 3 == 0 for outcome in outcomes if isinstance(outcome, Failed)} == {True}
    assert len(keeper.requests) == 60
    assert keeper.connections <= concurrency


@each_client
def test_outcomes_match_by_position(keeper: HttpServer, kind: Kind) -> None:
    keeper.reply = lambda asked: (404 if asked.id == "2" else 200, BODY, {})
    seen: dict[str, str] = {}
    for outcome in get_many(kind, ["zild:1", "zild:2"], zild(keeper)):
        match outcome:
            case Fetched(ref, conversation):
                seen[str(ref)] = type(conversation).__name__
            case Failed(ref, error):
                seen[str(ref)] = type(error).__name__
    assert seen == {"zild:1": "Conversation", "zild:2": "NotFoundError"}


@each_client
def test_no_refs_have_no_outcomes(keeper: HttpServer, kind: Kind) -> None:
    assert get_many(kind, [], zild(keeper)) == []
    assert keeper.connections == 0


@each_client
def test_a_run_with_concurrency_1_asks_one_after_the_other(keeper: HttpServer, kind: Kind) -> None:
    outcomes = get_many(kind, SIX, zild(keeper), concurrency=1)
    assert [outcome.ref.id for outcome in outcomes] == keeper.ids == list("012345")
    assert keeper.connections == 1


@each_client
def test_a_ref_in_flight_is_left_out_and_a_later_one_is_fetched(keeper: HttpServer, kind: Kind, tmp_path: Path) -> None:
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
def test_two_runs_go_on_at_once(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
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
    assert len(keeper.requests) == 40


# Refs


@each_client
def test_refs_are_read_as_they_are_needed(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
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


def test_a_slow_consumer_bounds_what_is_fetched(keeper: HttpServer) -> None:
    with Client(zild(keeper)) as client, client.get_many(endless(), concurrency=4) as run:
        next(run)
        keeper.wait_until(lambda: len(keeper.requests) == 8)
    assert len(keeper.requests) == 8


def test_a_slow_awaiting_consumer_bounds_what_is_fetched(keeper: HttpServer) -> None:
    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client, client.get_many(endless(), concurrency=4) as run:
            await anext(run)
            await asyncio.to_thread(keeper.wait_until, lambda: len(keeper.requests) > 8)
            await client.get("zild:1")  # there is time for more

    asyncio.run(main())
    assert len(keeper.requests) <= 2 + 3 * 4  # two were taken; the rest waits to be, or is under way


def test_a_ref_is_asked_for_before_the_next_is_read(keeper: HttpServer) -> None:
    def refs() -> Iterator[str]:
        yield "zild:1"
        keeper.wait_until(lambda: "1" in keeper.ids)
        yield "zild:2"

    assert len(get_many(Client, refs(), zild(keeper))) == 2


def test_an_awaiting_run_takes_refs_that_are_awaited(keeper: HttpServer) -> None:
    async def refs() -> AsyncIterator[str]:
        for number in range(20):
            await asyncio.sleep(0)
            yield f"zild:{number}"

    async def main() -> list[str]:
        async with AsyncClient(zild(keeper)) as client:
            return [outcome.ref.id async for outcome in client.get_many(refs(), concurrency=3)]

    assert sorted(map(int, asyncio.run(main()))) == list(range(20))


def test_refs_that_are_awaited_may_depend_on_outcomes(keeper: HttpServer) -> None:
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
def test_an_error_of_the_refs_arrives_at_the_consumer(keeper: HttpServer, tmp_path: Path, kind: Kind) -> None:
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


def test_an_error_of_awaited_refs_arrives_at_the_consumer(keeper: HttpServer) -> None:
    async def refs() -> AsyncIterator[str]:
        yield "zild:1"
        raise KeyError("gone")

    async def main() -> None:
        async with AsyncClient(zild(keeper)) as client:
            with pytest.raises(KeyError, match="gone"):
                async for _ in client.get_many(refs()):
                    pass

    asyncio.run(main())


def test_refs_whose_own_task_was_cancelled_do_not_hang_the_consumer(keeper: HttpServer) -> None:
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


# Arguments

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "one text": ({"refs": "zild:1"}, "`refs` must be an iterable of refs, got one ref; use get"),
    "bytes": ({"refs": b"zild:1"}, "`refs` must be an iterable of refs, got one ref"),
    "a number": ({"refs": 5}, "`refs` must be an iterable of refs, got int"),
    "none": ({"refs": None}, "`refs` must be an iterable of refs, got NoneType"),
    "no concurrency": ({"concurrency": 0}, "`concurrency` must be a positive integer, got 0"),
    "below": ({"concurrency": -1}, "`concurrency` must be a positive integer, got -1"),
    "true": ({"concurrency": True}, "`concurrency` must be a positive integer, got True"),
    "a text": ({"concurrency": "4"}, "`concurrency` must be a positive integer, got str"),
    "a fraction": ({"concurrency": 1.5}, "`concurrency` must be a positive integer, got 1.5"),
    "no rate": ({"requests_per_second": 0}, "`requests_per_second` must be a positive number or None, got"),
    "a rate below": ({"requests_per_second": -1}, "`requests_per_second` must be a positive number or None, got"),
    "a true rate": ({"requests_per_second": True}, "`requests_per_second` must be a positive number or None, got"),
    "a rate that is none": (
        {"requests_per_second": float("nan")},
        "`requests_per_second` must be a positive number or None, got",
    ),
    "a text as rate": ({"requests_per_second": "4"}, "`requests_per_second` must be a positive number or None, got"),
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
