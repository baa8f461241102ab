"""One connection of the fast sender: it asks, and reads what is answered. All names of httptools are here.

asyncio has sockets and TLS, httptools reads HTTP. What is left is when to give up, and what may serve again.
"""

import asyncio
import select
import time
from collections.abc import Callable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from conversas.transport.messages import Answer, BrokenBody, Incoming, NoAnswer, Request, TooSlow, no_answer

LONGEST_HEAD = 100 * 1024  # bytes in a row that are no body, such as a status and its headers; as httpx has it
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
        # dangerous where one serves others; here, what is odd and httpx takes costs no conversation
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_chunked_length=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        self._request: Request | None = None
        self._result: asyncio.Future[Answer | NoAnswer] | None = None
        self._headers: dict[str, str] = {}
        self._overhead = 0
        """Bytes that came since the last piece of a body."""
        self._incoming: Incoming | None = None
        self._heard = time.monotonic()
        self._alarm: asyncio.TimerHandle | None = None

    async def ask(self, request: Request, write: Callable[[Request], bytes]) -> Answer | NoAnswer:
        """Send a request, and read the answer. What goes wrong on the way is a NoAnswer.

        What is written has the token in it. No variable here holds it, as a traceback may show those.
        """
        self._request, self._result = request, self._loop.create_future()
        self._headers, self._overhead, self._incoming = {}, 0, None
        self._heard = time.monotonic()
        if self._transport:
            self._transport.write(write(request))
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

    @property
    def is_quiet(self) -> bool:
        """Whether it is open, and nothing has come that nobody asked for: that would be taken for the next answer."""
        return self.is_open and not (self._transport and _is_readable(self._transport))

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
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(error)
        if self._overhead > LONGEST_HEAD and self._is_waiting:
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

    def on_message_begin(self) -> None:
        if not self._is_waiting:  # it follows an answer, and nobody asked for it
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._incoming is None:  # others follow the body
            key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < LOWEST_STATUS or self._headers.get("transfer-encoding", "chunked").lower() != "chunked":
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
        self._overhead = 0
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


def _is_readable(transport: asyncio.BaseTransport) -> bool:
    """Tell whether bytes, or the end of the connection, wait to be read; the event loop may have been busy."""
    number = transport.get_extra_info("socket").fileno()
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
