"""One HTTP/1.1 connection on asyncio and httptools. The one module that knows httptools.

asyncio has sockets and TLS, httptools parses HTTP. What is left is when to give up, and which connection may be reused.
"""

import asyncio
import select
import time
from collections.abc import Callable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from conversas.errors import TransportErrorReason
from conversas.transport.body_reader import DeadlineExceeded, InvalidBody, ResponseReader
from conversas.transport.messages import Request, Response, TransportFailure, failure_from

MAX_HEADER_BYTES = 100 * 1024  # bytes in a row that are no body, such as a status and its headers; as httpx has it
KEEPALIVE_SECONDS = 5.0  # a connection that nobody uses is closed after these, as httpx does
LOWEST_STATUS, SWITCHING_PROTOCOLS, FIRST_FINAL_STATUS = 100, 101, 200


_REASONS: tuple[tuple[type[Exception], TransportErrorReason], ...] = (
    (InvalidBody, TransportErrorReason.BODY),
    (DeadlineExceeded, TransportErrorReason.DEADLINE),
    (OSError, TransportErrorReason.RESET),
)


class ProtocolError(Exception):
    """The response is not HTTP: it ended too early, or its headers are endless."""


class HTTP11Connection(asyncio.Protocol):
    """A connection that serves one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.closed = self._loop.create_future()
        """Done once it is closed."""
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        # dangerous for a server; here, odd responses that httpx accepts cost no conversation
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_chunked_length=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        self._request: Request | None = None
        self._result: asyncio.Future[Response | TransportFailure] | None = None
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        """Bytes that came since the last piece of a body."""
        self._reader: ResponseReader | None = None
        self._last_read_at = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    async def send(self, request: Request, write: Callable[[Request], bytes]) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one.

        The bytes that are written hold the token. No variable here holds them, as a traceback may show those.
        """
        self._request, self._result = request, self._loop.create_future()
        self._headers, self._header_bytes, self._reader = {}, 0, None
        self._last_read_at = time.monotonic()
        if self._transport:
            self._transport.write(write(request))
            self._schedule()
        else:
            self._fail(ProtocolError())
        try:
            return await self._result
        except BaseException:
            self.close()
            raise
        finally:
            self._request = self._result = self._reader = None
            self._last_read_at = time.monotonic()
            self._schedule()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_reusable(self) -> bool:
        """Whether it is open and nothing has come unasked, which would be taken for the next response."""
        return self.is_open and not (self._transport and _is_readable(self._transport))

    def close(self) -> None:
        """Close it, at once."""
        if self._transport:
            self._transport.abort()

    # Callbacks of asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._last_read_at = time.monotonic()
        if not self._is_pending:  # no request asked for it
            self.close()
            return
        self._header_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(error)
        if self._header_bytes > MAX_HEADER_BYTES and self._is_pending:
            self._fail(ProtocolError())

    def eof_received(self) -> None:
        if not self._headers.keys() & {"content-length", "transfer-encoding"}:
            self.on_message_complete()  # a body without a length ends with the connection

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(exc or ProtocolError())
        if self._timer:
            self._timer.cancel()
        if not self.closed.done():
            self.closed.set_result(None)

    # Callbacks of httptools

    def on_message_begin(self) -> None:
        if not self._is_pending:  # it follows a response, and no request asked for it
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reader is None:  # trailers follow the body
            key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < LOWEST_STATUS or self._headers.get("transfer-encoding", "chunked").lower() != "chunked":
            self._fail(ProtocolError())
        elif status < FIRST_FINAL_STATUS and status != SWITCHING_PROTOCOLS:  # the final response is still to come
            self._headers = {}
        elif self._request and self._is_pending:
            try:
                self._reader = ResponseReader(
                    self._request, status, self._headers, self._headers.get("content-encoding", "")
                )
            except InvalidBody as error:
                self._fail(error)

    def on_body(self, body: bytes) -> None:
        self._header_bytes = 0
        if self._reader and self._is_pending:
            try:
                if not self._reader.feed(body):
                    self._finish(self._reader.response())
                    self.close()
            except (InvalidBody, DeadlineExceeded) as error:
                self._fail(error)

    def on_message_complete(self) -> None:
        if self._reader and self._is_pending:
            try:
                self._finish(self._reader.response())
            except InvalidBody as error:
                self._fail(error)
            if not self._parser.should_keep_alive():
                self.close()

    # Results

    @property
    def _is_pending(self) -> bool:
        return self._result is not None and not self._result.done()

    def _finish(self, result: Response | TransportFailure) -> None:
        if self._result and not self._result.done():
            self._result.set_result(result)

    def _fail(self, error: Exception) -> None:
        reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), TransportErrorReason.PROTOCOL)
        self._end_with(failure_from(error, reason, not_connected=False))

    def _end_with(self, failure: TransportFailure) -> None:
        self._finish(self._reader.abort(failure) if self._reader else failure)
        self.close()

    # Timeouts

    def _schedule(self) -> None:
        """Give up if it is time to, else set a timer. A timer that fires too early does no harm."""
        if not self.is_open:
            return
        now = time.monotonic()
        due, reason = self._next_deadline()
        if due <= now:
            self._end_with(TransportFailure(reason))
        elif self._timer is None or due < self._timer.when():
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_later(due - now, self._on_timer)

    def _next_deadline(self) -> tuple[float, TransportErrorReason]:
        if self._request is None:
            return self._last_read_at + KEEPALIVE_SECONDS, TransportErrorReason.RESET
        read_timeout, deadline = self._last_read_at + self._request.read_seconds, self._request.deadline
        if read_timeout < deadline:
            return read_timeout, TransportErrorReason.READ_TIMEOUT
        return deadline, TransportErrorReason.DEADLINE

    def _on_timer(self) -> None:
        self._timer = None
        self._schedule()


def _is_readable(transport: asyncio.BaseTransport) -> bool:
    """Return whether bytes, or the end of the connection, wait to be read; the event loop may have been busy."""
    number = transport.get_extra_info("socket").fileno()
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
