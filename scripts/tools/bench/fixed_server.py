"""A server on 127.0.0.1 that gives every request one body, as fast as Python can. It ends when its input is closed.

`python -m tools.bench.fixed_server` reads the body's length and the body from its input, and prints its port.
"""

import asyncio
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection: an answer for each empty line, since no request has a body."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._seen = (self._seen + data).split(b"\r\n\r\n")
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(self._answer * len(requests))


async def serve(body: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(HEAD % len(body) + body), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))))
