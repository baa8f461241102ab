"""Throughput over loopback of a hand-written loop, `get_many`, an export, httpx, and a stock generated client."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import aiohttp
import httpx
import orjson

from conversas import Client, Fetched, Zild
from tools.bench.export_memory import AT_A_TIME, MESSAGES, export_all
from tools.bench.nginx import static_server
from tools.bench.peers import stock_client

HEADERS = {"Authorization": "Bearer token"}


def many_rates(count: int = 6000, rounds: int = 5) -> dict[str, float]:
    """Return the conversations per second of each client: the best of several rounds. Slow clients fetch fewer."""
    with static_server(count, MESSAGES) as url, TemporaryDirectory() as folder:
        clients: dict[str, tuple[int, Callable[[str, Iterable[int]], int]]] = {
            "aiohttp and orjson": (count, _bare),
            "get_many": (count, _get_many),
            "export": (count, lambda url, numbers: export_all(url, len(list(numbers)))),
            "httpx and orjson": (count // 6, _httpx),
            "stock client": (count // 6, partial(_stock, stock_client(Path(folder)))),
        }
        best = dict.fromkeys(clients, 0.0)
        for _ in range(rounds):
            for name, (share, fetch) in clients.items():
                started = time.perf_counter()
                assert fetch(url, range(1, share + 1)) == share
                best[name] = max(best[name], share / (time.perf_counter() - started))
    return best


def _get_many(url: str, numbers: Iterable[int]) -> int:
    with Client(Zild(url, "token")) as client:
        outcomes = client.get_many(map("zild:{}".format, numbers), concurrency=AT_A_TIME)
        return sum(isinstance(outcome, Fetched) for outcome in outcomes)


def _bare(url: str, numbers: Iterable[int]) -> int:
    async def fetch(session: aiohttp.ClientSession, left: Iterable[int], lines: IO[bytes]) -> int:
        done = 0
        for number in left:
            async with session.get(f"{url}/api/Conversation/{number}", headers=HEADERS) as response:
                response.raise_for_status()
                conversation = orjson.loads(await response.read())
            lines.write(orjson.dumps(conversation) + b"\n")
            done += conversation["id"] == number
        return done

    async def main() -> int:
        left = iter(numbers)
        with TemporaryFile() as lines:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_A_TIME)) as session:
                return sum(await asyncio.gather(*(fetch(session, left, lines) for _ in range(AT_A_TIME))))

    return asyncio.run(main())


def _httpx(url: str, numbers: Iterable[int]) -> int:
    async def fetch(client: httpx.AsyncClient, left: Iterable[int]) -> int:
        done = 0
        for number in left:
            response = await client.get(f"{url}/api/Conversation/{number}", headers=HEADERS)
            response.raise_for_status()
            done += orjson.loads(response.content)["id"] == number
        return done

    async def main() -> int:
        async with httpx.AsyncClient() as client:
            left = iter(numbers)
            return sum(await asyncio.gather(*(fetch(client, left) for _ in range(AT_A_TIME))))

    return asyncio.run(main())


def _stock(package: Any, url: str, numbers: Iterable[int]) -> int:
    async def fetch(client: Any, left: Iterable[int], lines: IO[bytes]) -> int:
        done = 0
        for number in left:
            conversation = await package.api.conversations.get_conversation.asyncio(number, client=client)
            lines.write(json.dumps(conversation.to_dict()).encode() + b"\n")
            done += conversation.id == number
        return done

    async def main() -> int:
        left = iter(numbers)
        with TemporaryFile() as lines:
            async with package.AuthenticatedClient(url, "token") as client:
                return sum(await asyncio.gather(*(fetch(client, left, lines) for _ in range(AT_A_TIME))))

    return asyncio.run(main())
