"""One request through libcurl on a reusable handle, and the reason of a failure."""

import errno
import re
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import ceil
from typing import Any

import pycurl
from attrs import frozen

from conversas.errors import TransportErrorReason
from conversas.transport.body_reader import DeadlineExceeded, InvalidBody, ResponseReader
from conversas.transport.messages import (
    PROXY_AUTHENTICATION_REQUIRED,
    Request,
    Response,
    TransportFailure,
    is_out_of_files,
    rejects_client,
)

MAX_HEADER_BYTES = 100 * 1024  # of a response with its early hints and trailers, the same limit as in httpx
MAX_SOCKETS = 4096
KEEPALIVE_SECONDS = 5  # a connection that has been idle for longer is not reused, the same as in httpx
MAX_LENGTH_DIGITS = 18
FIRST_FINAL_STATUS, SWITCHING_PROTOCOLS, FIRST_ERROR_STATUS = 200, 101, 300

_E_PROXY, _E_SSL_CLIENTCERT = 97, 98  # pycurl has no names for these
_REASONS = {
    pycurl.E_COULDNT_RESOLVE_HOST: TransportErrorReason.DNS,
    pycurl.E_COULDNT_RESOLVE_PROXY: TransportErrorReason.DNS,
    pycurl.E_COULDNT_CONNECT: TransportErrorReason.UNREACHABLE,
    pycurl.E_INTERFACE_FAILED: TransportErrorReason.UNREACHABLE,
    pycurl.E_OUT_OF_MEMORY: TransportErrorReason.UNREACHABLE,
    pycurl.E_FAILED_INIT: TransportErrorReason.UNREACHABLE,
    pycurl.E_SSL_CONNECT_ERROR: TransportErrorReason.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: TransportErrorReason.TLS,
    pycurl.E_SSL_CACERT_BADFILE: TransportErrorReason.TLS,
    pycurl.E_SSL_ISSUER_ERROR: TransportErrorReason.TLS,
    pycurl.E_SSL_CIPHER: TransportErrorReason.TLS,
    _E_SSL_CLIENTCERT: TransportErrorReason.TLS,
    _E_PROXY: TransportErrorReason.PROXY,
}
"""Reasons of failures before the request was sent."""
_PROXY_REJECTIONS = {10, 11, 12, 33}  # CURLPX_LONG_PASSWD, _LONG_USER, _NO_AUTH and _USER_REJECTED
_RESET = re.compile("reset by peer|broken pipe|connection was (?:reset|aborted)", re.IGNORECASE)
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?!\d)", re.IGNORECASE)
_LENGTHS = {"content-length", "transfer-encoding"}


@frozen(repr=False)
class CurlSettings:
    """Network settings of a provider. The repr is silent, because the URL of a proxy may hold a password."""

    proxy: str | None
    certificates: str | None
    """File or folder of trusted certificates; None means no verification."""
    certificates_are_folder: bool = False

    def options(self) -> Iterator[tuple[int, Any]]:
        """Yield the options of a handle."""
        yield pycurl.NOSIGNAL, 1
        yield pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1
        yield pycurl.PATH_AS_IS, 1
        yield pycurl.MAXAGE_CONN, KEEPALIVE_SECONDS
        # an empty string makes libcurl ignore the environment; SOCKS proxies look up host names, the same as in httpx
        yield pycurl.PROXY, (self.proxy or "").replace("socks5://", "socks5h://", 1)
        yield pycurl.NOPROXY, ""
        option = pycurl.CAPATH if self.certificates_are_folder else pycurl.CAINFO
        proxy_option = pycurl.PROXY_CAPATH if self.certificates_are_folder else pycurl.PROXY_CAINFO
        for each in (pycurl.CAINFO, pycurl.CAPATH, pycurl.PROXY_CAINFO, pycurl.PROXY_CAPATH):
            yield each, self.certificates if each in (option, proxy_option) else None
        if self.certificates is None:
            for each in (pycurl.SSL_VERIFYPEER, pycurl.SSL_VERIFYHOST):
                yield each, 0
            for each in (pycurl.PROXY_SSL_VERIFYPEER, pycurl.PROXY_SSL_VERIFYHOST):
                yield each, 0


class Sockets:
    """Sockets of connections by address, so that a kept connection can be checked before it is reused.

    libcurl itself checks only connections that have been idle for a second.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int], int] = {}

    def add(self, remote: str, local_port: int, numbers: Iterable[int]) -> None:
        """Remember the socket of a new connection: the socket in `numbers` that has this port."""
        self._numbers.pop((remote, local_port), None)
        for number in numbers:
            if _port_of(number) == local_port:
                self._numbers[remote, local_port] = number
        if len(self._numbers) > MAX_SOCKETS:
            del self._numbers[next(iter(self._numbers))]

    def is_readable(self, remote: str, local_port: int) -> bool:
        """Return whether a kept connection has ended, or has received bytes that would be read as the next response."""
        number = self._numbers.pop((remote, local_port), None)
        if number is None:
            return False
        self._numbers[remote, local_port] = number  # at the end, because the first entries are dropped
        if not hasattr(select, "poll"):  # on Windows
            return bool(select.select([number], [], [], 0)[0])
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))


def _port_of(number: int) -> int | None:
    try:
        borrowed = socket.socket(fileno=number)
    except OSError:  # the socket of an abandoned attempt to connect
        return None
    try:
        return int(borrowed.getsockname()[1])
    finally:
        borrowed.detach()


class Transfer:
    """Handle of libcurl, and the response to its current request."""

    def __init__(self, settings: CurlSettings, sockets: Sockets) -> None:
        self.curl = pycurl.Curl()
        self._sockets = sockets
        for option, value in settings.options():
            if value is None:
                self.curl.unsetopt(option)
            else:
                self.curl.setopt(option, value)
        self.curl.setopt(pycurl.SOCKOPTFUNCTION, self._on_socket)
        self.curl.setopt(pycurl.PREREQFUNCTION, self._on_connected)
        self.curl.setopt(pycurl.HEADERFUNCTION, self._on_header)
        self.curl.setopt(pycurl.WRITEFUNCTION, self._on_body)
        self._sent_headers: Mapping[str, str] | None = None
        self._began_at = self._heard_at = 0.0
        self._forget()

    def _forget(self) -> None:
        self._request: Request | None = None
        self._connected = self._is_kept = self._is_stale = False
        self._new_sockets: list[int] = []
        self._header_bytes, self._status, self._headers = 0, 0, dict[str, str]()
        self._reader: ResponseReader | None = None
        self._failure: TransportFailure | None = None

    def begin(self, request: Request, on_connected: Callable[[], object]) -> None:
        """Prepare the handle for a request. `on_connected` is called once there is a connection."""
        self._forget()  # even after a cancellation
        self._request, self._notify = request, on_connected
        self._began_at = self._heard_at = time.monotonic()
        self.curl.setopt(pycurl.URL, request.url)
        if request.headers != self._sent_headers:
            self._sent_headers = request.headers
            self.curl.setopt(
                pycurl.HTTPHEADER, [f"{name}: {text}" if text else f"{name};" for name, text in request.headers.items()]
            )

    def set_timeouts(self) -> None:
        """Set the deadline in libcurl.

        The asynchronous transport does not use this: in an event loop, the timers of libcurl would cost as much as the
        rest of the request.
        """
        assert self._request
        left = min(max(0.001, self._request.deadline - self._began_at), 1e6)
        self.curl.setopt(pycurl.TIMEOUT_MS, ceil(left * 1000))
        self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, ceil(min(self._request.connect_seconds, left) * 1000))

    @property
    def read_seconds(self) -> float:
        """Longest time without a byte from the server, in seconds."""
        return self._request.read_seconds if self._request else 0.0

    def time_left(self) -> tuple[float, int]:
        """Return the seconds until a timeout, negative after it, and the code that libcurl has for this timeout."""
        if self._request is None:
            return 0.0, pycurl.E_ABORTED_BY_CALLBACK
        due, code = self._request.deadline, pycurl.E_OPERATION_TIMEDOUT
        if not self._connected:
            due = min(due, self._began_at + self._request.connect_seconds)
        elif (silent_too_long := self._heard_at + self._request.read_seconds) < due:
            due, code = silent_too_long, pycurl.E_ABORTED_BY_CALLBACK
        return due - time.monotonic(), code

    def is_lost(self, code: int) -> bool:
        """Return whether the kept connection ended before any data came, so that the request can begin again.

        libcurl begins again only five times by itself, but more of its connections may have ended.
        """
        return self._is_stale or (self._is_kept and not self._header_bytes and code in _LOST)

    def end(self, code: int = pycurl.E_OK) -> Response | TransportFailure:
        """Return the response, or the failure for a code of libcurl. Afterwards, the handle can be reused."""
        try:
            failure = self._failure or (self._failure_for(code) if code not in _ENDED_BY_US else None)
            if failure is None and self._reader is None:
                failure = TransportFailure(TransportErrorReason.PROTOCOL)
            if failure:
                return self._reader.abort(failure) if self._reader else failure
            assert self._reader
            return self._reader.response()
        except InvalidBody:
            return TransportFailure(TransportErrorReason.BODY)
        finally:
            self._forget()

    # Callbacks of libcurl

    def _on_socket(self, number: int, _: int) -> int:
        self._new_sockets.append(number)
        return pycurl.SOCKOPT_OK

    def _on_connected(self, remote: str, _: str, __: int, local_port: int) -> int:
        if self._new_sockets:
            self._sockets.add(remote, local_port, self._new_sockets)
            self._new_sockets, self._is_kept = [], False
        elif self._sockets.is_readable(remote, local_port):
            self._is_stale = True
            return pycurl.PREREQFUNC_ABORT
        else:
            self._is_kept = True
        self._connected, self._heard_at = True, time.monotonic()
        self._notify()
        return pycurl.PREREQFUNC_OK

    def _on_header(self, line: bytes) -> int | None:
        self._heard_at = time.monotonic()
        self._header_bytes += len(line)
        if self._header_bytes > MAX_HEADER_BYTES:
            return self._stop(TransportErrorReason.PROTOCOL)
        if not self._connected or self._reader:  # a header of a proxy, or a trailer
            return None
        if not self._status:
            return self._begin_headers(line)
        if line.strip():
            name, _, value = line.decode("latin-1").partition(":")
            key, text = name.strip().lower(), value.strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text
        elif self._status < FIRST_FINAL_STATUS and self._status != SWITCHING_PROTOCOLS:
            self._status, self._headers = 0, {}
        else:
            return self._begin_body()
        return None

    def _begin_headers(self, line: bytes) -> int | None:
        found = _STATUS_LINE.match(line)
        if found is None:
            return self._stop(TransportErrorReason.PROTOCOL)
        self._status = int(found[1])
        return None

    def _begin_body(self) -> int | None:
        assert self._request
        if len(self._headers.get("content-length", "").partition(",")[0].lstrip("0")) > MAX_LENGTH_DIGITS:
            return self._stop(TransportErrorReason.PROTOCOL)  # libcurl would read to the end of the connection
        try:
            encoding = self._headers.get("content-encoding", "")
            self._reader = ResponseReader(self._request, self._status, self._headers, encoding)
        except InvalidBody:
            return self._stop(TransportErrorReason.BODY)
        return None

    def _on_body(self, piece: bytes) -> int | None:
        self._heard_at = time.monotonic()
        if self._reader is None:
            return self._stop(TransportErrorReason.PROTOCOL)
        try:
            return None if self._reader.feed(piece) else 0
        except InvalidBody:
            return self._stop(TransportErrorReason.BODY)
        except DeadlineExceeded:
            return self._stop(TransportErrorReason.DEADLINE)

    def _stop(self, reason: TransportErrorReason) -> int:
        """End the transfer for this reason."""
        self._failure = TransportFailure(reason)
        return 0

    # Failures

    def _failure_for(self, code: int) -> TransportFailure | None:
        """Return the failure for a code of libcurl; None if the response is complete despite the code."""
        if code == pycurl.E_OPERATION_TIMEDOUT:
            if self._connected:
                return TransportFailure(TransportErrorReason.DEADLINE)
            return TransportFailure(TransportErrorReason.CONNECT_TIMEOUT, not_connected=True)
        if code == pycurl.E_ABORTED_BY_CALLBACK:
            return TransportFailure(TransportErrorReason.READ_TIMEOUT)
        text = self.curl.errstr_raw().decode("latin-1")  # it may quote the response
        if rejects_client(text):
            return TransportFailure(
                TransportErrorReason.TLS, not_connected=not self._connected, permanent=True, wants_client=True
            )
        if not self._connected:
            return self._failure_to_connect(code)
        if "unexpected eof" in text and self._reader and not self._headers.keys() & _LENGTHS:
            return None  # a body without a length ends with the connection, even if TLS was not ended before
        if code in (pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR) and _RESET.search(text):
            return TransportFailure(TransportErrorReason.RESET)
        return TransportFailure(TransportErrorReason.PROTOCOL)

    def _failure_to_connect(self, code: int) -> TransportFailure:
        number = self.curl.getinfo(pycurl.OS_ERRNO)
        tunnel_status = self.curl.getinfo(pycurl.HTTP_CONNECTCODE)
        reason, permanent = _REASONS.get(code, TransportErrorReason.UNREACHABLE), False
        if tunnel_status >= FIRST_ERROR_STATUS or code == _E_PROXY:
            reason = TransportErrorReason.PROXY
            permanent = tunnel_status == PROXY_AUTHENTICATION_REQUIRED
            permanent = permanent or self.curl.getinfo(pycurl.PROXY_ERROR) in _PROXY_REJECTIONS
        elif is_out_of_files(number):
            reason = TransportErrorReason.OPEN_FILES
        elif code == pycurl.E_COULDNT_CONNECT and number == errno.ECONNREFUSED:
            reason = TransportErrorReason.REFUSED
        elif code == pycurl.E_PEER_FAILED_VERIFICATION:
            permanent = True
        return TransportFailure(reason, not_connected=True, permanent=permanent)


_LOST = {pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING}
_ENDED_BY_US = {pycurl.E_OK, pycurl.E_WRITE_ERROR}  # libcurl reports a callback that returns 0 as a write error
