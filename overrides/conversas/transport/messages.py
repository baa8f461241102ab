"""Requests, responses and failures.

These values pass between the code that decides what to send and the HTTP library.

Their reprs are silent, because a traceback may show them: requests hold a token, responses hold customers' words.
"""

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping

from attrs import frozen

from conversas.errors import TransportErrorReason

OK = 200
PROXY_AUTHENTICATION_REQUIRED = 407

_ROOT_CAUSES: tuple[tuple[type[OSError], TransportErrorReason], ...] = (
    (ssl.SSLError, TransportErrorReason.TLS),
    (socket.gaierror, TransportErrorReason.DNS),
    (ConnectionRefusedError, TransportErrorReason.REFUSED),
)
"""Causes that say more than the error of the HTTP library."""
_OUT_OF_FILES = {errno.EMFILE, errno.ENFILE}
_CLIENT_REJECTED = re.compile(
    "alert[ _](?:certificate[ _]required|handshake[ _]failure|bad[ _]certificate|no[ _]certificate"
    "|certificate[ _](?:unknown|expired|revoked)|unsupported[ _]certificate|unknown[ _]ca|access[ _]denied)",
    re.IGNORECASE,
)
"""Alerts of a server that rejects its client, as OpenSSL words them."""
_TIMEOUTS = {TransportErrorReason.CONNECT_TIMEOUT, TransportErrorReason.READ_TIMEOUT, TransportErrorReason.DEADLINE}


@frozen(repr=False, eq=False)
class Request:
    """Request, and its time limits."""

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
    """Headers by lower-case name."""
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
    wants_client: bool = False
    """Whether the server ended the TLS connection because it requires a client certificate that it trusts."""


def failure_from(error: BaseException, reason: TransportErrorReason, *, not_connected: bool) -> TransportFailure:
    """Return the failure for an error. It has this reason, unless a cause of the error says more."""
    causes = list(_causes(error))
    roots = [root for cause in causes for kind, root in _ROOT_CAUSES if isinstance(cause, kind)]
    root = roots[0] if roots and reason not in _TIMEOUTS else reason
    if any(isinstance(cause, OSError) and is_out_of_files(cause.errno) for cause in causes):
        return TransportFailure(TransportErrorReason.OPEN_FILES, not_connected=True)
    wants_client = any(isinstance(cause, ssl.SSLError) and rejects_client(str(cause)) for cause in causes)
    permanent = wants_client or any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    return TransportFailure(root, not_connected=not_connected, permanent=permanent, wants_client=wants_client)


def is_out_of_files(number: int | None) -> bool:
    """Return whether a connection failed because the process may open no more files.

    The error number alone does not decide: a look-up that cannot open a file has a different error, or no error. So
    this function tries to open a file.
    """
    if number in _OUT_OF_FILES:
        return True
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in _OUT_OF_FILES
    return False


def rejects_client(text: str) -> bool:
    """Return whether the text of a TLS error says that the server rejects the client or its certificate."""
    return bool(_CLIENT_REJECTED.search(text))


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
