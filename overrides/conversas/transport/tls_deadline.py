"""Deadlines for blocking TLS connections, even if a response trickles in.

httpcore starts its read timeout again with each piece of the headers, so these could last for ever. Here the socket
itself keeps the deadline: whatever timeout it is given, it waits no longer than the thread that reads may. The class of
a socket can be chosen for TLS alone; without TLS, a provider runs on this machine.
"""

import contextlib
import ssl
import time
from collections.abc import Generator
from threading import local

_MIN_WAIT_SECONDS = 0.001  # with none at all, a socket does not wait for what is there just now
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
    """Set the deadline of this thread, by `time.monotonic()`, for reads and writes on such connections."""
    before, _THREAD.deadline = getattr(_THREAD, "deadline", None), moment
    try:
        yield
    finally:
        _THREAD.deadline = before
