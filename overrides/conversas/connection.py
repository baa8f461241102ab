"""One connection of the fast sender: it asks, and reads what is answered. All names of httptools are here.

asyncio has sockets and TLS, httptools reads HTTP. What is left is when to give up, and what may serve again.
"""

import asyncio
import time
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from conversas.exchange import Answer, BrokenBody, Incoming, NoAnswer, Request, TooSlow, no_answer

LONGEST_HEAD = 100 * 1024  # bytes of a status and its headers, as httpx has it
IDLE_SECONDS = 5.0  # a connection that nobody uses is closed after these, as httpx does
LOWEST_STATUS, SWITCHING_PROTOCOLS, LOWEST_OF_ANSWERS = 100, 101, 200


class Malformed(Exception):
    """What came is no answer: it ended too early, or its headers are endless."""


class Connection(asyncio.Protocol):
    """A connection that serves one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.closed = self._loop.create_future()
        """Done once it is closed."""
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_headers=True)  # to servers; an odd header costs no conversation
        self._request: Request | None = None
        self._result: asyncio.Future[Answer | NoAnswer] | None = None
        self._headers: dict[str, str] = {}
        self._head_length = 0
        self._incoming: Incoming | None = None
        self._heard = time.monotonic()
        self._alarm: asyncio.TimerHandle | None = None

    async def ask(self, request: Request, head: bytes) -> Answer | NoAnswer:
        """Send a request, and read the answer. What goes wrong on the way is a NoAnswer."""
        self._request, self._result = request, self._loop.create_future()
        self._headers, self._head_length, self._incoming = {}, 0, None
        self._heard = time.monotonic()
        if self._transport:
            self._transport.write(head)
            self._watch()
        else:
            self._fail(Malformed())
        try:
            return await self._result
        except BaseException:
            self.close()
            raise
        finally:
            self._request = self._result = self._incoming = None
            self._heard = time.monotonic()
            self._watch()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Close it, at once."""
        if self._transport:
            self._transport.abort()

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._heard = time.monotonic()
        if not self._is_waiting:  # nobody asked for it
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(error)
        self._head_length += len(data)
        if self._head_length > LONGEST_HEAD and self._incoming is None:
            self._fail(Malformed())

    def eof_received(self) -> None:
        if not self._headers.keys() & {"content-length", "transfer-encoding"}:
            self.on_message_complete()  # a body whose length nothing tells ends with the connection

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(exc or Malformed())
        if self._alarm:
            self._alarm.cancel()
        if not self.closed.done():
            self.closed.set_result(None)

    # What httptools tells

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._incoming is None:  # others follow the body
            key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < LOWEST_STATUS:
            self._fail(Malformed())
        elif status < LOWEST_OF_ANSWERS and status != SWITCHING_PROTOCOLS:  # the answer is still to come
            self._headers = {}
        elif self._request and self._is_waiting:
            try:
                self._incoming = Incoming(
                    self._request, status, self._headers, self._headers.get("content-encoding", "")
                )
            except BrokenBody as error:
                self._fail(error)

    def on_body(self, body: bytes) -> None:
        if self._incoming and self._is_waiting:
            try:
                if not self._incoming.take(body):
                    self._finish(self._incoming.answer())
                    self.close()
            except (BrokenBody, TooSlow) as error:
                self._fail(error)

    def on_message_complete(self) -> None:
        if self._incoming and self._is_waiting:
            try:
                self._finish(self._incoming.answer())
            except BrokenBody as error:
                self._fail(error)
            if not self._parser.should_keep_alive():
                self.close()

    # What comes of it

    @property
    def _is_waiting(self) -> bool:
        return self._result is not None and not self._result.done()

    def _finish(self, result: Answer | NoAnswer) -> None:
        if self._result and not self._result.done():
            self._result.set_result(result)

    def _fail(self, error: Exception) -> None:
        name = "ReadError" if isinstance(error, OSError) else "RemoteProtocolError"
        own = isinstance(error, BrokenBody | TooSlow)
        self._give_up(no_answer(error, type(error).__name__ if own else name, unreachable=False))

    def _give_up(self, reason: NoAnswer) -> None:
        self._finish(self._incoming.ended_by(reason) if self._incoming else reason)
        self.close()

    # Whether it is time to give up

    def _watch(self) -> None:
        """Give up where it is time to, and have an alarm for when it will be. One that is set too early is no harm."""
        if not self.is_open:
            return
        now = time.monotonic()
        due, reason = self._due()
        if due <= now:
            self._give_up(NoAnswer(reason))
        elif self._alarm is None or due < self._alarm.when():
            if self._alarm:
                self._alarm.cancel()
            self._alarm = self._loop.call_later(due - now, self._ring)

    def _due(self) -> tuple[float, str]:
        if self._request is None:
            return self._heard + IDLE_SECONDS, ""
        silent = self._heard + self._request.read_seconds
        return (silent, "ReadTimeout") if silent < self._request.until else (self._request.until, "TimeoutError")

    def _ring(self) -> None:
        self._alarm = None
        self._watch()
