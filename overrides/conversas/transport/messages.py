"""Requests, responses and failures: values between the decisions and the HTTP library.

Their reprs are silent, as a traceback may show them: requests hold a token, responses the words of customers.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping

from attrs import frozen

from conversas.errors import TransportErrorReason

OK = 200

_ROOT_CAUSES: tuple[tuple[type[OSError], TransportErrorReason], ...] = (
    (ssl.SSLError, TransportErrorReason.TLS),
    (socket.gaierror, TransportErrorReason.DNS),
    (ConnectionRefusedError, TransportErrorReason.REFUSED),
)
"""Causes that say more than the error of the HTTP library that they are behind."""
_TIMEOUTS = {TransportErrorReason.CONNECT_TIMEOUT, TransportErrorReason.READ_TIMEOUT, TransportErrorReason.DEADLINE}


@frozen(repr=False, eq=False)
class Request:
    """One request, and the time that it may take."""

    method: str
    base_url: str
    """Base URL of the provider."""
    path: str
    """Path after the base URL, with the query if there is one."""
    headers: Mapping[str, str]
    connect_seconds: float
    read_seconds: float
    deadline: float
    """Time by `time.monotonic()` at which the response must be complete."""
    max_body_bytes: int

    @property
    def url(self) -> str:
        return self.base_url + self.path


@frozen(repr=False, eq=False)
class Response:
    """Response of a provider."""

    status: int
    headers: Mapping[str, str]
    """Headers by name in lower case."""
    body: bytes = b""
    """Body of a response with status 200; empty for any other status."""
    too_large: bool = False
    """Whether the body exceeded the limit; then it is empty."""


@frozen
class TransportFailure:
    """Failure to get a response."""

    reason: TransportErrorReason
    not_connected: bool = False
    """Whether no connection was made at all."""
    permanent: bool = False
    """Whether another attempt would end the same way."""


def failure_from(error: BaseException, reason: TransportErrorReason, *, not_connected: bool) -> TransportFailure:
    """Return the failure for an error: for this reason, unless one of its causes says more."""
    causes = list(_causes(error))
    roots = [root for cause in causes for kind, root in _ROOT_CAUSES if isinstance(cause, kind)]
    root = roots[0] if roots and reason not in _TIMEOUTS else reason
    permanent = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    return TransportFailure(root, not_connected=not_connected, permanent=permanent)


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
