"""Keeps a blocking connection to the time there is for an answer, even where that trickles in.

httpcore begins its read timeout anew with each piece of headers, so these could last for ever. The socket knows better:
whatever timeout it is given, it waits no longer than the thread that reads has time. Only TLS lets one choose the class
of a socket; without TLS, a platform is on this machine.
"""

import contextlib
import ssl
import time
from collections.abc import Generator
from threading import local

_SHORTEST_WAIT = 0.001  # seconds; with none at all, a socket does not wait for what is there just now
_THREAD = local()


class _TimedSocket(ssl.SSLSocket):
    def settimeout(self, value: float | None, /) -> None:
        until: float | None = getattr(_THREAD, "until", None)
        if until is not None:
            left = max(_SHORTEST_WAIT, until - time.monotonic())
            value = left if value is None else min(value, left)
        super().settimeout(value)


def timed(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let the connections that a context makes heed the time of a thread, unless it makes some of another class."""
    if context.sslsocket_class is ssl.SSLSocket:
        context.sslsocket_class = _TimedSocket
    return context


@contextlib.contextmanager
def time_until(moment: float) -> Generator[None]:
    """Give this thread time until then, by `time.monotonic()`, for what it reads and writes by such connections."""
    before, _THREAD.until = getattr(_THREAD, "until", None), moment
    try:
        yield
    finally:
        _THREAD.until = before
