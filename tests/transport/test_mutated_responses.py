"""Mutated responses over sockets: no exception, no hang, and the same outcome by both ways, or a failure of one."""

import asyncio
import gzip
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

from conversas.transport.curl_transport import AsyncCurlTransport
from conversas.transport.httpx_transport import AsyncHttpxTransport
from conversas.transport.messages import Response, TransportFailure
from conversas.transport.network import Network
from support.messages import request_to

RESPONSES = max(300, int(os.environ.get("CONVERSAS_FUZZ_EXAMPLES", "0")))  # of fewer, no share can be told
AT_A_TIME = 16
BODY = b'{"id": 1, "x": "abc"}'
PACKED = gzip.compress(BODY)
SEEDS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nServer: x\r\n\r\n" % len(BODY) + BODY,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n%b\r\n%x\r\n%b\r\n0\r\nT: v\r\n\r\n"
    % (BODY[:5], len(BODY) - 5, BODY[5:]),
    b"HTTP/1.0 200 OK\r\nX: y\r\n\r\n" + BODY,
    b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
    b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 304 NM\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno",
]
WORDS = [
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b"+", b"-1", b"0", b"\xff", b"999", b"ffffffffffffffff"),
    *(b"chunked", b"identity", b"gzip", b"HTTP/1.1 ", b"0\r\n\r\n", b"Content-Length: 5\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n"),
    *(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 S\r\n\r\n"),
]


def mutate(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        start = rng.randrange(len(changed) + 1)
        match rng.randrange(6):
            case 0 if changed:
                changed[min(start, len(changed) - 1)] = rng.randrange(256)
            case 1:
                changed[start:start] = rng.choice(WORDS)
            case 2:
                del changed[start : start + rng.randrange(1, 6)]
            case 3:
                end = rng.randrange(len(changed) + 1)
                changed[start:start] = changed[min(start, end) : max(start, end)][:80]
            case 4:
                del changed[start:]
            case _:
                changed[start : start + rng.randrange(4)] = rng.choice(WORDS)
    return bytes(changed)


@define
class Server:
    """Answers each request by its number with mutated bytes, in two pieces, and ends the connection."""

    seed: int
    url: str = ""
    problems: list[Any] = field(factory=list[Any])

    def response(self, number: int) -> bytes:
        rng = random.Random(f"{self.seed} {number}")  # no secret
        return mutate(rng.choice(SEEDS), rng)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            number = int(head.split(b" ", 2)[1][1:])
            data = self.response(number)
            cut = number % (len(data) + 1)
            writer.write(data[:cut])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(data[cut:])
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def outcomes(server: Server, send: Callable[[Any], Awaitable[Response | TransportFailure]], count: int) -> Any:
    numbers, found = iter(range(count)), dict[int, tuple[Any, ...] | str]()

    async def work() -> None:
        for number in numbers:
            result = await asyncio.wait_for(send(request_to(server.url, f"/{number}")), 10)
            found[number] = (result.status, result.body) if isinstance(result, Response) else "failure"

    await asyncio.gather(*(work() for _ in range(AT_A_TIME)))
    return found


async def compare(seed: int, count: int) -> dict[str, int]:
    """Return how often both ways agree, how often one of them fails, and how often both take different responses."""
    server = Server(seed)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: server.problems.append(context))
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        curl = AsyncCurlTransport(Network(), [server.url])
        httpx = AsyncHttpxTransport(Network().async_transports([server.url]))
        ours, theirs = await outcomes(server, curl.send, count), await outcomes(server, httpx.send, count)
        await curl.close()
        await httpx.close()
    assert server.problems == []
    counts = {"same": 0, "one fails": 0, "different": 0}
    for number in range(count):
        pair = (ours[number], theirs[number])
        kind = "same" if pair[0] == pair[1] else "one fails" if "failure" in pair else "different"
        counts[kind] += 1
    return counts


def test_mutated_responses_have_the_same_outcome_or_fail_by_one_way(no_proxies: None) -> None:
    counts = asyncio.run(compare(random.randrange(10**9), RESPONSES))
    assert sum(counts.values()) == RESPONSES
    assert counts["different"] <= RESPONSES // 1000  # hints with a length, for example, are read in two ways
    assert counts["same"] > RESPONSES * 0.85
