"""Deadlines for blocking TLS connections, even if a response trickles in.

httpcore starts its read timeout again with each piece of the headers, so headers could arrive forever. Here the socket
itself keeps the deadline: whatever its timeout, it does not wait past the deadline of the thread that reads. Only TLS
lets a program choose the class of a socket. A provider without TLS always runs on this machine.
"""

import contextlib
import ssl
import time
from collections.abc import Generator
from threading import local

_MIN_WAIT_SECONDS = 0.001  # with a timeout of 0, a socket would not wait even for data that is about to come
_THREAD = local()


class _DeadlineSocket(ssl.SSLSocket):
    def settimeout(self, value: float | None, /) -> None:
        until: float | None = getattr(_THREAD, "deadline", None)
        if until is not None:
            left = max(_MIN_WAIT_SECONDS, until - time.monotonic())
            value = left if value is None else min(value, left)
        super().settimeout(value)


def with_deadlines(context: ssl.SSLContext) -> ssl.SSLContext:
    """Apply the deadline of each thread to the connections of a context, unless it has its own socket class."""
    if context.sslsocket_class is ssl.SSLSocket:
        context.sslsocket_class = _DeadlineSocket
    return context


@contextlib.contextmanager
def deadline(moment: float) -> Generator[None]:
    """Set the deadline of this thread, by `time.monotonic()`, for reads and writes on TLS connections."""
    before, _THREAD.deadline = getattr(_THREAD, "deadline", None), moment
    try:
        yield
    finally:
        _THREAD.deadline = before
