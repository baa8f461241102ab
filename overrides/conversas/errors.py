"""Errors, all of one root.

ConversasError
├── ConfigurationError     nothing was sent: a base URL, token, ref or option is not usable
├── TransportError         no answer: connect, timeout, reset; after retries
├── ApiError               the provider answered with something else than a conversation
│   ├── AuthenticationError    401, or the token has expired
│   ├── PermissionDeniedError  403
│   ├── NotFoundError          404, or the body `null`: there is no such conversation
│   ├── RateLimitedError       429
│   ├── ServerError            5xx
│   └── BodyTooLargeError      the body is longer than the limit of the client
├── DecodeError            the body is no conversation, or of another id; it is in `body`
│   └── DriftError             the body differs from the spec, and on_drift="raise"
└── ExportError            the folder of an export cannot be read or written

No message has a body, a token or a word of a customer in it. Every error pickles.
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
    """The connection was refused: nothing listens there."""
    UNREACHABLE = "unreachable"
    """No connection was made, for another reason."""
    CONNECT_TIMEOUT = "connect_timeout"
    """No connection was made in time."""
    READ_TIMEOUT = "read_timeout"
    """The connection was made, and nothing came for too long."""
    RESET = "reset"
    """The connection was closed or reset before the response was complete."""
    TLS = "tls"
    """TLS failed. If the error is not `retryable`, the certificate was rejected."""
    PROTOCOL = "protocol"
    """The response is not valid HTTP."""
    PROXY = "proxy"
    """The proxy refused the connection. If the error is not `retryable`, the user name or password is wrong."""
    OPEN_FILES = "open_files"
    """No connection was made, as this process may open no more files."""
    BODY = "body"
    """The body is cut off, or not encoded as its headers say."""
    DEADLINE = "deadline"
    """The conversation took longer than `Timeout.total_seconds`, without the waits for the rate limiter."""
    RUN_TIMEOUT = "run_timeout"
    """The time for a run of many (`total_seconds`) is over."""


class DecodeErrorReason(StrEnum):
    """Reasons why a body or a record could not be decoded."""

    NOT_JSON = "not_json"
    """The bytes are not JSON."""
    NOT_AN_OBJECT = "not_an_object"
    """The JSON value is not an object."""
    NOT_A_LIST = "not_a_list"
    """The JSON value is no list of conversations."""
    NOT_A_CONVERSATION = "not_a_conversation"
    """The JSON object is something else: the body of an error, or a conversation in another object or spelling."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """The JSON value is nested deeper than about 250 levels."""
    ID_MISMATCH = "id_mismatch"
    """The id in the body differs from the requested id."""
    DRIFT = "drift"
    """The body differs from the spec, and `on_drift` is "raise"."""
    INVALID_RECORD = "invalid_record"
    """The value is not what `Conversation.to_dict` returns."""


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
        """Name of the provider; None if the error concerns none in particular."""
        self.ref = ref
        """The requested conversation. None if the error concerns no single conversation."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(kind: type[ConversasError], args: tuple[Any, ...]) -> ConversasError:
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class ConfigurationError(ConversasError):
    """Nothing was sent: a base URL, a token, a ref or an option is not usable. The message says what to do."""


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
        """The provider's id of the request, for its support; None if the response has no such id."""
        self.retry_after = retry_after
        """Seconds to wait by the Retry-After of the response; None without one."""


class AuthenticationError(ApiError):
    """The token was rejected (status 401), or it has expired: then nothing was sent, and `status` is None."""


class PermissionDeniedError(ApiError):
    """The token may not read this conversation (status 403)."""


class NotFoundError(ApiError):
    """The conversation does not exist (status 404, or the body `null`)."""


class RateLimitedError(ApiError):
    """Too many requests (status 429)."""


class ServerError(ApiError):
    """The provider failed (status 500 or higher)."""


class BodyTooLargeError(ApiError):
    """The body is longer than `max_body_bytes` of the client, or the conversation is larger than an export may hold."""


class DecodeError(ConversasError):
    """The body is not a conversation: not JSON, not an object, an error, nested too deeply, or of another id."""

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
        """The bytes that could not be decoded."""
        self.reason = reason
        """Reason why it could not be decoded."""


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
        """Each deviation."""


class ExportError(ConversasError):
    """The directory of an export is invalid, used by another run, or not accessible. The message says what to do."""
