"""One connection: requests are read, and what was planned is put on the wire."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate

import h11
from attrs import define, field

from conversas.sandbox.app import Plan
from conversas.sandbox.faults import WITHOUT_BODY, Fault, Rule
from conversas.sandbox.request_log import Request
from conversas.sandbox.responses import Answer

READ_BYTES = 65_536
BIT_BYTES = 64  # what `drip` sends at once
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds


class Closed(Exception):
    """The connection has come to its end."""


@define
class Connection:
    """Speaks HTTP/1.1 with one client, until either of them closes."""

    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    plan: Callable[[Request], Plan]
    """Says how to answer."""
    _http: h11.Connection = field(factory=lambda: h11.Connection(h11.SERVER), init=False, repr=False)

    async def serve(self) -> None:
        """Answer each request, then close."""
        try:
            while True:
                await self._answer(self.plan(await self._request()))
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
        """Read one request to its end; its body is of no interest."""
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
        """Answer what is no HTTP, where no answer has begun."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            with suppress(ConnectionError):
                await self._whole(Answer(400, headers=(("Connection", "close"),)))

    async def _answer(self, plan: Plan) -> None:
        answer, rule = plan.answer, plan.rule
        match rule.fault if rule else None:
            case Fault.RESET | Fault.CUT_SHORT as fault:
                await self._break_off(answer, fault)
            case Fault.STALL:
                await self._stall(rule.seconds if rule else None)
            case Fault.SLOW:
                await asyncio.sleep(_seconds(rule, 1.0))
                await self._whole(answer)
            case Fault.DRIP:
                await self._drip(answer, _seconds(rule, 0.1))
            case _:
                await self._whole(answer)

    async def _whole(self, answer: Answer) -> None:
        """Send the answer to its end. What is streamed waits for the client, so that little memory is taken."""
        if answer.stream is None:
            await self._write(self._head(answer) + self._bytes(h11.Data(answer.body)) + self._bytes(h11.EndOfMessage()))
            return
        await self._write(self._head(answer))
        for piece in answer.stream():
            await self._write(self._bytes(h11.Data(piece)))
        await self._write(self._bytes(h11.EndOfMessage()))

    async def _drip(self, answer: Answer, seconds: float) -> None:
        await self._write(self._head(answer))
        for start in range(0, len(answer.body), BIT_BYTES):
            if start:
                await asyncio.sleep(seconds)
            await self._write(self._bytes(h11.Data(answer.body[start : start + BIT_BYTES])))
        await self._write(self._bytes(h11.EndOfMessage()))

    async def _break_off(self, answer: Answer, fault: Fault) -> None:
        """Close in the middle of the body: by a reset, or as if that were its end."""
        half = answer.body[: len(answer.body) // 2]
        await self._write(self._head(answer) + self._bytes(h11.Data(half)))
        if fault is Fault.RESET:
            connected: socket.socket = self.writer.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            self.writer.transport.abort()
        raise Closed

    async def _stall(self, seconds: float | None) -> None:
        """Say nothing for so long, or until the client closes."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.reader.read(), seconds)
        raise Closed

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def _head(self, answer: Answer) -> bytes:
        headers = [("Date", formatdate(usegmt=True)), *answer.headers]
        if answer.stream is not None and answer.length is None:
            headers.append(("Transfer-Encoding", "chunked"))
        elif answer.status not in WITHOUT_BODY:
            headers.append(("Content-Length", str(len(answer.body) if answer.length is None else answer.length)))
        return self._bytes(h11.Response(status_code=answer.status, headers=headers))

    def _bytes(self, event: h11.Event) -> bytes:
        return self._http.send(event) or b""


def _seconds(rule: Rule | None, default: float) -> float:
    return default if rule is None or rule.seconds is None else rule.seconds
