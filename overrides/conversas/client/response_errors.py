"""What an answer means: the error for a status, and what its headers say."""

import datetime
import re
import time
from email.utils import parsedate_to_datetime

from conversas.client.retry import RETRIED_STATUSES
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
)
from conversas.records.ref import ConversationRef
from conversas.transport.messages import OK, Answer, NoAnswer

_ERRORS: dict[int, type[ApiError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitedError,
}
_LOWEST_SERVER_ERROR = 500

_MEANINGS = {
    401: "the token is refused",
    403: "the token does not open this conversation",
    404: "there is no such conversation",
    429: "too many requests",
}
_OWN_MEANINGS = {
    # upstream, not documented: a missing or wrong key is answered with 403, never 401
    ("superagentes", 403): "the key is wrong, or does not open this conversation; the platform says the same for both"
}
_HINTS = {
    "SSLCertVerificationError": (
        "the certificate has expired, is of another host, or of an authority that is not known here: "
        "SSL_CERT_FILE=its_ca.pem, or verify= in Python"
    ),
    "gaierror": "the host of base_url, or of the proxy, is not known",
    "ConnectionRefusedError": "nothing listens at base_url, or at the proxy",
    "ProxyError": "the proxy refuses",
}

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:|/=+-]{1,128}")
_SECONDS = re.compile(r"\d{1,300}(?:\.\d{1,300})?", re.ASCII)


def error_of(result: Answer | NoAnswer, ref: ConversationRef) -> ConversasError | None:
    """Give the error that a result means; None for an answer with a body to decode."""
    if isinstance(result, NoAnswer):
        return _no_answer(result, ref)
    if result.status != OK:
        return _refusal(result, ref)
    if result.too_large:
        message = f"{ref}: the body is longer than max_body_bytes"
        return BodyTooLargeError(message, status=OK, request_id=request_id(result), provider=ref.provider, ref=ref)
    return None


def _no_answer(result: NoAnswer, ref: ConversationRef) -> TransportError:
    hint = _HINTS.get(result.reason)
    message = f"{ref}: no answer ({result.reason})" + (f"; {hint}" if hint else "")
    error = TransportError(message, reason=result.reason, provider=ref.provider, ref=ref)
    error.retryable = not result.lasting
    return error


def _refusal(answer: Answer, ref: ConversationRef) -> ApiError:
    status = answer.status
    kind = _ERRORS.get(status, ServerError if status >= _LOWEST_SERVER_ERROR else ApiError)
    message = f"{ref} answered {status}"
    meaning = _meaning(status, ref.provider)
    error = kind(
        f"{message}: {meaning}" if meaning else message,
        status=status,
        request_id=request_id(answer),
        retry_after=retry_after(answer),
        provider=ref.provider,
        ref=ref,
    )
    error.retryable = status in RETRIED_STATUSES
    return error


def _meaning(status: int, provider: str) -> str | None:
    if status in range(300, 400):
        return "redirects are not followed; is base_url right?"
    return _OWN_MEANINGS.get((provider, status)) or _MEANINGS.get(status)


def request_id(answer: Answer) -> str | None:
    """Give the platform's own name for a request, where it gives one that looks like a name."""
    for header in _REQUEST_ID_HEADERS:
        found = answer.headers.get(header)
        if found and _REQUEST_ID.fullmatch(found):
            return found
    return None


def retry_after(answer: Answer) -> float | None:
    """Give the seconds that Retry-After asks to wait; it may be a number, or a date."""
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
