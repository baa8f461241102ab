"""Errors, all with one root class.

ConversasError
├── ConfigurationError     a base URL, token, ref or option cannot be used
├── TransportError         no response, even after retries: refused, timed out, reset
├── ApiError               the provider answered with something other than a conversation
│   ├── AuthenticationError    401, or the token has expired
│   ├── PermissionDeniedError  403
│   ├── NotFoundError          404, or the body is `null`: there is no such conversation
│   ├── RateLimitedError       429
│   ├── ServerError            5xx
│   └── BodyTooLargeError      the body is longer than the limit of the client
├── DecodeError            a body, a record or a list could not be decoded; see `reason`
│   └── DriftError             the body differs from the spec, and on_drift="raise"
└── ExportError            the folder of an export cannot be read or written

No message contains a body, a token or a customer's words. Every error can be pickled.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas.records.drift import Drift
    from conversas.records.ref import ConversationRef


class TransportErrorReason(StrEnum):
    """Reason why no response came."""

    DNS = "dns"
    """The host name has no address."""
    REFUSED = "refused"
    """The connection was refused: nothing listens at the address."""
    UNREACHABLE = "unreachable"
    """No connection was made, for another reason."""
    CONNECT_TIMEOUT = "connect_timeout"
    """No connection was made in time."""
    READ_TIMEOUT = "read_timeout"
    """The connection was made, but no data came for too long."""
    RESET = "reset"
    """The connection was closed or reset before the response was complete."""
    TLS = "tls"
    """TLS failed. If the error is not `retryable`, this machine rejected the server's certificate, or the server asks
    for a client certificate.
    """
    PROTOCOL = "protocol"
    """The response is not valid HTTP."""
    PROXY = "proxy"
    """The proxy refused the connection. If the error is not `retryable`, the user name or password is wrong
    or missing.
    """
    OPEN_FILES = "open_files"
    """No connection was made, because this process may open no more files."""
    BODY = "body"
    """The body is cut off, or its encoding differs from its headers."""
    DEADLINE = "deadline"
    """The conversation took longer than `Timeout.total_seconds`, not counting waits for the rate limiter."""
    RUN_TIMEOUT = "run_timeout"
    """The run took longer than its `total_seconds`."""


class DecodeErrorReason(StrEnum):
    """Reasons why a body or a record could not be decoded."""

    NOT_JSON = "not_json"
    """The bytes are not JSON."""
    NOT_AN_OBJECT = "not_an_object"
    """The JSON value is not an object."""
    NOT_A_LIST = "not_a_list"
    """The JSON value is not a list of conversations."""
    NOT_A_CONVERSATION = "not_a_conversation"
    """The JSON object is something else, for example an error, or a conversation inside another object."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """The JSON value is nested deeper than about 250 levels."""
    ID_MISMATCH = "id_mismatch"
    """The id in the body differs from the requested id."""
    DRIFT = "drift"
    """The body differs from the spec, and `on_drift` is "raise"."""
    INVALID_RECORD = "invalid_record"
    """The value does not have the form that `Conversation.to_dict` returns."""


class ConversasError(Exception):
    """Root of all errors of this package."""

    attempts: int = 0
    """Number of requests that were made for the conversation."""
    elapsed_seconds: float = 0.0
    """Duration of all requests, including the waits between them."""
    retryable: bool = False
    """Whether the same call may succeed later."""

    def __init__(self, message: str, *, provider: str | None = None, ref: "ConversationRef | None" = None) -> None:
        super().__init__(message)
        self.provider = provider
        """Name of the provider; None if the error concerns no single provider."""
        self.ref = ref
        """The requested conversation. None if the error concerns no single conversation."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(kind: type[ConversasError], args: tuple[Any, ...]) -> ConversasError:
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class ConfigurationError(ConversasError):
    """A base URL, a token, a ref or an option cannot be used. The message says what to do."""


class TransportError(ConversasError):
    """No response came: the connection was refused, reset or too slow."""

    retryable: bool = True
    """Whether the same call may succeed later."""

    def __init__(
        self,
        message: str,
        *,
        reason: TransportErrorReason,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, provider=provider, ref=ref)
        self.reason = reason
        """Reason why no response came."""


class ApiError(ConversasError):
    """The provider responded with something other than a conversation."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, provider=provider, ref=ref)
        self.status = status
        """HTTP status of the response; None if no request was sent."""
        self.request_id = request_id
        """The provider's id for the request, to quote to its support; None if the response has no such id."""
        self.retry_after = retry_after
        """Seconds to wait according to the header Retry-After; None if the header is missing or invalid."""


class AuthenticationError(ApiError):
    """The token was rejected (status 401), or has expired. An expired token is not sent: `status` is None."""


class PermissionDeniedError(ApiError):
    """The token may not read this conversation (status 403)."""


class NotFoundError(ApiError):
    """The conversation does not exist (status 404, or the body `null`)."""


class RateLimitedError(ApiError):
    """Too many requests (status 429)."""


class ServerError(ApiError):
    """The provider failed (status 500 or higher)."""


class BodyTooLargeError(ApiError):
    """The body is longer than the client's `max_body_bytes`, or the conversation is larger than an export may hold."""


class DecodeError(ConversasError):
    """A body, a record or a list of conversations could not be decoded. `reason` says why."""

    def __init__(
        self,
        message: str,
        *,
        body: bytes = b"",
        reason: DecodeErrorReason,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, provider=provider, ref=ref)
        self.body = body
        """The bytes that could not be decoded; empty for a record."""
        self.reason = reason
        """Reason why decoding failed."""


class DriftError(DecodeError):
    """The body differs from the spec, and `on_drift` is "raise"."""

    def __init__(
        self,
        message: str,
        *,
        drift: "Sequence[Drift]",
        body: bytes,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, body=body, reason=DecodeErrorReason.DRIFT, provider=provider, ref=ref)
        self.drift = tuple(drift)
        """Each deviation from the spec."""


class ExportError(ConversasError):
    """The directory of an export is invalid, used by another run, or not accessible. The message says what to do."""
