"""One connection, which reads requests and sends the planned responses."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate

import h11
from attrs import define, field

from conversas.sandbox.app import PlannedResponse
from conversas.sandbox.faults import WITHOUT_BODY, Fault, Rule
from conversas.sandbox.request_log import Request
from conversas.sandbox.responses import Response

READ_BYTES = 65_536
PIECE_BYTES = 64  # size of the pieces that `slow-body` sends
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with 0 seconds


class Closed(Exception):
    """The connection is closed."""


@define
class Connection:
    """An HTTP/1.1 connection with one client, until either side closes it."""

    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    handle: Callable[[Request], PlannedResponse]
    """Function that returns the planned response to a request."""
    _http: h11.Connection = field(factory=lambda: h11.Connection(h11.SERVER), init=False, repr=False)

    async def serve(self) -> None:
        """Respond to each request, then close."""
        try:
            while True:
                await self._respond(self.handle(await self._request()))
                if self._http.our_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
        except (Closed, ConnectionError):
            return
        except h11.RemoteProtocolError:
            await self._refuse()
        finally:
            self.writer.close()
            with suppress(ConnectionError):
                await self.writer.wait_closed()

    async def _request(self) -> Request:
        """Return the next request. Its body is read and discarded."""
        request = await self._event()
        while not isinstance(await self._event(), h11.EndOfMessage):
            pass
        if not isinstance(request, h11.Request):
            raise Closed
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in request.headers}
        return Request(request.method.decode("ascii"), request.target.decode("ascii"), headers)

    async def _event(self) -> h11.Event:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Event) and not isinstance(event, h11.ConnectionClosed):
                return event
            if event is not h11.NEED_DATA:
                raise Closed
            if self._http.they_are_waiting_for_100_continue:
                await self._write(self._bytes(h11.InformationalResponse(status_code=100, headers=[])))
            self._http.receive_data(await self.reader.read(READ_BYTES))

    async def _refuse(self) -> None:
        """Respond with 400 to invalid HTTP, unless a response has begun."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            with suppress(ConnectionError):
                await self._send(Response(400, headers=(("Connection", "close"),)))

    async def _respond(self, planned: PlannedResponse) -> None:
        response, rule = planned.response, planned.rule
        match rule.fault if rule else None:
            case Fault.RESET | Fault.PREMATURE_EOF as fault:
                await self._break_off(response, fault)
            case Fault.HANG:
                await self._hang(rule.seconds if rule else None)
            case Fault.SLOW:
                await asyncio.sleep(_seconds(rule, 1.0))
                await self._send(response)
            case Fault.SLOW_BODY:
                await self._send_slowly(response, _seconds(rule, 0.1))
            case _:
                await self._send(response)

    async def _send(self, response: Response) -> None:
        """Send the whole response. A streamed body waits for the client, so it takes little memory."""
        if response.stream is None:
            await self._write(
                self._head(response) + self._bytes(h11.Data(response.body)) + self._bytes(h11.EndOfMessage())
            )
            return
        await self._write(self._head(response))
        for piece in response.stream():
            await self._write(self._bytes(h11.Data(piece)))
        await self._write(self._bytes(h11.EndOfMessage()))

    async def _send_slowly(self, response: Response, seconds: float) -> None:
        await self._write(self._head(response))
        for start in range(0, len(response.body), PIECE_BYTES):
            if start:
                await asyncio.sleep(seconds)
            await self._write(self._bytes(h11.Data(response.body[start : start + PIECE_BYTES])))
        await self._write(self._bytes(h11.EndOfMessage()))

    async def _break_off(self, response: Response, fault: Fault) -> None:
        """Close in the middle of the body: with a reset, or normally."""
        half = response.body[: len(response.body) // 2]
        await self._write(self._head(response) + self._bytes(h11.Data(half)))
        if fault is Fault.RESET:
            connected: socket.socket = self.writer.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            self.writer.transport.abort()
        raise Closed

    async def _hang(self, seconds: float | None) -> None:
        """Send nothing for `seconds`, or until the client closes the connection."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.reader.read(), seconds)
        raise Closed

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def _head(self, response: Response) -> bytes:
        headers = [("Date", formatdate(usegmt=True)), *response.headers]
        if response.stream is not None and response.length is None:
            headers.append(("Transfer-Encoding", "chunked"))
        elif response.status not in WITHOUT_BODY:
            headers.append(("Content-Length", str(len(response.body) if response.length is None else response.length)))
        return self._bytes(h11.Response(status_code=response.status, headers=headers))

    def _bytes(self, event: h11.Event) -> bytes:
        return self._http.send(event) or b""


def _seconds(rule: Rule | None, default: float) -> float:
    return default if rule is None or rule.seconds is None else rule.seconds
