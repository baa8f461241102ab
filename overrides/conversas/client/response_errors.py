"""Errors for responses and failures; Retry-After and request ids in headers."""

import datetime
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from conversas.client.retry import RETRYABLE_STATUSES
from conversas.errors import (
    ApiError,
    AuthenticationError,
    BodyTooLargeError,
    ConversasError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    TransportError,
    TransportErrorReason,
)
from conversas.records.ref import ConversationRef
from conversas.transport.messages import OK, Response, TransportFailure

_ERRORS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitedError,
}
_MIN_SERVER_ERROR = 500

_STATUS_MESSAGES = {
    401: "the token is rejected",
    403: "the token gives no access to this conversation",
    404: "there is no such conversation",
    429: "too many requests",
}
_CERTIFICATE_HINT = (
    "the certificate has expired, is for another host, or is signed by an unknown authority: "
    "set SSL_CERT_FILE=its_ca.pem, or verify= in Python"
)
_CLIENT_CERTIFICATE_HINT = (
    "the server ended the TLS connection: it may demand a client certificate; "
    "load the certificate into an ssl.SSLContext (load_cert_chain), and pass the context as verify="
)
_FAILURE_HINTS = {
    TransportErrorReason.DNS: "the host of base_url, or of the proxy, is unknown",
    TransportErrorReason.REFUSED: "nothing listens at base_url, or at the proxy",
    TransportErrorReason.PROXY: "the proxy refused the connection",
    TransportErrorReason.OPEN_FILES: "this process may open no more files: lower `concurrency`, or raise `ulimit -n`",
}
_PERMANENT_HINTS = {
    TransportErrorReason.TLS: _CERTIFICATE_HINT,
    TransportErrorReason.PROXY: "the proxy rejects the credentials of the proxy: check the user name and password in "
    "proxy=, or in HTTPS_PROXY",
}

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:|/=+-]{1,128}")
_MAX_SECONDS_OF_ONE_CLOCK = 30 * 86_400.0  # no provider asks for a longer wait than a month
_SECONDS = re.compile(r"\d{1,300}(?:\.\d{1,300})?", re.ASCII)


def error_for(
    result: Response | TransportFailure, ref: ConversationRef, status_messages: Mapping[int, str]
) -> ConversasError | None:
    """Return the error for a result; None for a response with a body to decode.

    `status_messages` has the provider's own meanings of statuses.
    """
    if isinstance(result, TransportFailure):
        return _transport_error(result, ref)
    if result.status != OK:
        return _status_error(result, ref, status_messages)
    if result.too_large:
        message = f"{ref}: the body is longer than max_body_bytes"
        request_id = parse_request_id(result)
        return BodyTooLargeError(message, status=OK, request_id=request_id, provider=ref.provider, ref=ref)
    return None


def _transport_error(failure: TransportFailure, ref: ConversationRef) -> TransportError:
    hint = _failure_hint(failure)
    message = f"{ref}: no response ({failure.reason})" + (f"; {hint}" if hint else "")
    error = TransportError(message, reason=failure.reason, provider=ref.provider, ref=ref)
    error.retryable = not failure.permanent
    return error


def _failure_hint(failure: TransportFailure) -> str | None:
    if failure.wants_client:
        return _CLIENT_CERTIFICATE_HINT
    if failure.permanent:
        return _PERMANENT_HINTS.get(failure.reason)
    return _FAILURE_HINTS.get(failure.reason)


def _status_error(response: Response, ref: ConversationRef, status_messages: Mapping[int, str]) -> ApiError:
    status = response.status
    kind = _ERRORS.get(status, ServerError if status >= _MIN_SERVER_ERROR else ApiError)
    message = f"{ref}: the provider answered {status}"
    meaning = _meaning(status, status_messages)
    error = kind(
        f"{message}: {meaning}" if meaning else message,
        status=status,
        request_id=parse_request_id(response),
        retry_after=parse_retry_after(response),
        provider=ref.provider,
        ref=ref,
    )
    error.retryable = status in RETRYABLE_STATUSES
    return error


def _meaning(status: int, status_messages: Mapping[int, str]) -> str | None:
    if status in range(300, 400):
        return "redirects are not followed; is base_url right?"
    return status_messages.get(status) or _STATUS_MESSAGES.get(status)


def parse_request_id(response: Response) -> str | None:
    """Return the provider's id for a request; None if the headers have no valid id."""
    for header in _REQUEST_ID_HEADERS:
        found = response.headers.get(header)
        if found and _REQUEST_ID.fullmatch(found):
            return found
    return None


def parse_retry_after(response: Response) -> float | None:
    """Return the seconds to wait according to Retry-After, a number or a date; None if it is missing or invalid.

    A date counts from the `Date` of the same response, unless the dates are so far apart that their clocks must differ.
    """
    text = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = _parse_date(text)
    if moment is None:
        return None
    now = _parse_date(response.headers.get("date", ""))  # by the provider's clock: ours may be wrong by hours
    if now is None or moment - now > _MAX_SECONDS_OF_ONE_CLOCK:
        now = time.time()
    return max(0.0, moment - now)


def _parse_date(text: str) -> float | None:
    """Return the seconds since 1970 of a date in a header; None if it is not a date."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
