"""Fast server on 127.0.0.1 that answers every request with the same body. It ends when its input is closed.

`python -m tools.bench.fixed_server` reads the length of the body and the body from its input, and prints its port. The
last segment of the path replaces `"@id@"`, including its quotes, in the body.
"""

import asyncio
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
ID = b'"@id@"'


class Connection(asyncio.Protocol):
    """One connection. It sends a response for each empty line, because no request has a body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._response = None if ID in body else _response(body)
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._seen = (self._seen + data).split(b"\r\n\r\n")
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(b"".join(map(self._respond, requests)))

    def _respond(self, request: bytes) -> bytes:
        if self._response is not None:
            return self._response
        path = request.split(b" ", 2)[1]
        return _response(self._body.replace(ID, path.rsplit(b"/", 1)[1]))


def _response(body: bytes) -> bytes:
    return HEAD % len(body) + body


async def serve(body: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(body), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))))
