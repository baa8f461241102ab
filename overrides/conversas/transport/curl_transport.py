"""Transports over libcurl, for the extra `fast`. Only this module and `curl_transfer` send requests with pycurl."""

import asyncio
import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar
from weakref import WeakSet

import pycurl

from conversas.transport.curl_transfer import KEEPALIVE_SECONDS, CurlSettings, Sockets, Transfer
from conversas.transport.lifecycle import UseCount, shielded
from conversas.transport.messages import Request, Response, TransportFailure
from conversas.transport.network import Network

MAX_IDLE_CONNECTIONS = 1000

E = TypeVar("E", asyncio.Event, threading.Event)
T = TypeVar("T", bound=Transfer)


class _Host(Generic[T, E]):
    """The handles for one provider.

    The first request connects alone, so that libcurl knows the address of the host when the other requests need it.
    """

    def __init__(self, new_transfer: Callable[[], T], new_event: Callable[[], E]) -> None:
        self._new_transfer = new_transfer
        self._new_event: Callable[[], E] = new_event
        self._known = False
        self._connecting: dict[str, E] = {}
        self.idle: list[T] = []

    def take(self) -> T:
        try:
            return self.idle.pop()
        except IndexError:
            return self._new_transfer()

    def enter(self) -> tuple[E | None, Callable[[], None]]:
        """Return an event to wait for, if any, and a function to call once the connection is made or has failed."""
        if self._known:
            return None, _nothing
        mine = self._new_event()
        first = self._connecting.setdefault("first", mine)  # atomic, even between threads
        return (None, self._leave) if first is mine else (first, _nothing)

    def forget(self) -> None:
        """Treat the address of the host as unknown."""
        self._known = False

    def connected(self) -> None:
        self._known = True
        self._leave()

    def _leave(self) -> None:
        if first := self._connecting.pop("first", None):
            first.set()


def _nothing() -> None:
    """Do nothing."""


class CurlTransport:
    """Blocking transport: each request borrows a handle with its connections. Thread-safe."""

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._uses = UseCount()
        self._share = pycurl.CurlShare()
        self._share.setopt(pycurl.SH_SHARE, pycurl.LOCK_DATA_DNS)
        self._share.setopt(pycurl.SH_SHARE, pycurl.LOCK_DATA_SSL_SESSION)
        _OPEN.add(self._share)
        self._hosts = {
            base_url: _Host(partial(self._new_transfer, settings), threading.Event)
            for base_url, settings in _settings(network, base_urls).items()
        }

    def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        self._uses.acquire()
        try:
            return self._send(self._hosts[request.base_url], request)
        finally:
            if self._uses.release():
                self._close()

    def _send(self, host: "_Host[Transfer, threading.Event]", request: Request) -> Response | TransportFailure:
        other, leave = host.enter()
        transfer = None
        try:
            if other:
                other.wait(request.deadline - time.monotonic())
            transfer = host.take()
            while True:
                transfer.begin(request, host.connected)
                transfer.set_timeouts()
                try:
                    transfer.curl.perform()
                except pycurl.error as error:
                    if not transfer.is_lost(code := _code(error)):
                        return transfer.end(code)
                else:
                    return transfer.end()
        finally:
            leave()
            if transfer:
                host.idle.append(transfer)

    def _new_transfer(self, settings: CurlSettings) -> Transfer:
        transfer = Transfer(settings, Sockets())
        _OPEN.add(transfer.curl)
        transfer.curl.setopt(pycurl.SHARE, self._share)

        def takes_too_long(*_: object) -> bool:
            return transfer.time_left()[0] <= 0

        transfer.curl.setopt(pycurl.XFERINFOFUNCTION, takes_too_long)
        transfer.curl.setopt(pycurl.NOPROGRESS, 0)
        return transfer

    def close(self) -> None:
        """Close all connections, once nothing uses them."""
        if self._uses.close():
            self._close()

    def _close(self) -> None:
        for host in self._hosts.values():
            while host.idle:
                host.idle.pop().curl.close()
        self._share.close()


class AsyncCurlTransport:
    """Asynchronous transport, for one event loop that supports readers."""

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._uses = UseCount()
        self._multi = _new_multi()
        self._under_way = 0
        self._used_at = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        sockets = Sockets()
        self._hosts = {
            base_url: _Host(partial(_WatchedTransfer, settings, sockets), asyncio.Event)
            for base_url, settings in _settings(network, base_urls).items()
        }

    async def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        self._uses.acquire()
        self._under_way += 1
        try:
            return await self._send(self._hosts[request.base_url], request)
        finally:
            self._under_way -= 1
            self._used_at = time.monotonic()
            if self._uses.release():
                await shielded(self._close())
            elif self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(KEEPALIVE_SECONDS, self._close_idle)

    async def _send(
        self, host: "_Host[_WatchedTransfer, asyncio.Event]", request: Request
    ) -> Response | TransportFailure:
        other, leave = host.enter()
        transfer = None
        try:
            if other:
                await _wait(other, request.deadline)
            transfer = host.take()
            while True:
                transfer.begin(request, host.connected)
                try:
                    await self._perform(transfer)
                except pycurl.error as error:
                    if not transfer.is_lost(code := _code(error)):
                        return transfer.end(code)
                else:
                    return transfer.end()
        finally:
            leave()
            if transfer:
                host.idle.append(transfer)

    async def _perform(self, transfer: "_WatchedTransfer") -> None:
        """Perform a transfer, until it ends or takes too long.

        Raises:
            pycurl.error: The transfer failed or took too long.
        """
        transfer.future = self._multi.add_handle(transfer.curl)
        transfer.watch()
        try:
            await transfer.future
        finally:
            transfer.future = None

    async def close(self) -> None:
        """Close all connections, once nothing uses them."""
        if self._uses.close():
            await self._close()

    async def _close(self) -> None:
        for timer in (self._timer, *(transfer.timer for host in self._hosts.values() for transfer in host.idle)):
            if timer:
                timer.cancel()
        await self._multi.aclose()

    def _close_idle(self) -> None:
        """Close all connections if there was no request for a while."""
        loop, idle_seconds = asyncio.get_running_loop(), time.monotonic() - self._used_at
        if self._under_way or idle_seconds < KEEPALIVE_SECONDS:
            wait = KEEPALIVE_SECONDS if self._under_way else KEEPALIVE_SECONDS - idle_seconds
            self._timer = loop.call_later(wait, self._close_idle)
            return
        self._timer = None
        self._closing = loop.create_task(self._multi.aclose())
        self._multi = _new_multi()
        for host in self._hosts.values():
            host.forget()


def _new_multi() -> pycurl.AsyncCurlMulti:
    multi = pycurl.AsyncCurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, MAX_IDLE_CONNECTIONS)
    _OPEN.add(multi)
    return multi


class _WatchedTransfer(Transfer):
    """Transfer in an event loop, with a timer that ends a slow transfer. The timer is kept for the next request."""

    def __init__(self, settings: CurlSettings, sockets: Sockets) -> None:
        super().__init__(settings, sockets)
        _OPEN.add(self.curl)
        self.future: asyncio.Future[pycurl.Curl] | None = None
        self.timer: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Set the timer, unless it fires soon enough. It is never longer than the read timeout."""
        loop, seconds = asyncio.get_running_loop(), min(self.time_left()[0], self.read_seconds)
        if self.timer and self.timer.when() > loop.time() + seconds:
            self.timer.cancel()
            self.timer = None
        if self.timer is None:
            self.timer = loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self.timer = None
        seconds, code = self.time_left()
        if self.future is None or self.future.done():
            return
        if seconds > 0:
            self.watch()
        else:
            self.future.set_exception(pycurl.error(code, ""))


async def _wait(event: asyncio.Event, deadline: float) -> None:
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            await event.wait()
    except TimeoutError:
        """The request has no time left, which libcurl will report."""


def _settings(network: Network, base_urls: Iterable[str]) -> dict[str, CurlSettings]:
    routes = network.routes(base_urls)
    found: dict[str, CurlSettings] = {}
    for base_url, route in routes.items():
        certificates = network.certificates(base_url)
        found[base_url] = CurlSettings(route.proxy, certificates, bool(certificates and Path(certificates).is_dir()))
    return found


def _code(error: pycurl.error) -> int:
    return error.args[0] if isinstance(error.args[0], int) else pycurl.E_FAILED_INIT


_OPEN = WeakSet[object]()


def _abandon() -> None:
    """Keep the parent's open handles forever: closing them in a child would end TLS on the parent's connections."""
    for each in list(_OPEN):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon)
