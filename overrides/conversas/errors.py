"""What can go wrong.

ConversasError
├── ConfigurationError     nothing was sent: a provider, ref or option is not usable
├── ApiError               the platform answered, with something else than a conversation
│   └── NotFoundError      there is no such conversation
└── DecodeError            the body is no conversation; it is in `body`
    └── DriftError         the body differs from the spec, and on_drift="raise"

No message has a body, a token or a word of a customer in it. Every error pickles.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas.drift import Drift
    from conversas.ref import ConversationRef


class ConversasError(Exception):
    """Root of all errors of this package."""

    def __init__(self, message: str, *, provider: str | None = None, ref: "ConversationRef | None" = None) -> None:
        super().__init__(message)
        self.provider = provider
        """Name of the provider, where one is concerned."""
        self.ref = ref
        """The conversation that was asked for, where one was."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(kind: type[ConversasError], args: tuple[Any, ...]) -> ConversasError:
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class ConfigurationError(ConversasError):
    """Nothing was sent: a provider, a ref or an option is not usable. The message says what to do."""


class ApiError(ConversasError):
    """The platform answered, with something else than a conversation."""


class NotFoundError(ApiError):
    """There is no such conversation: the status 404, or the body `null`."""


class DecodeError(ConversasError):
    """The body is no conversation: not JSON, not an object, or nested too deeply."""

    def __init__(
        self,
        message: str,
        *,
        body: bytes = b"",
        reason: str | None = None,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, provider=provider, ref=ref)
        self.body = body
        """The bytes that could not be decoded."""
        self.reason = reason
        """The name of the class of the error that a parser raised, or of the rule that was broken."""


class DriftError(DecodeError):
    """The body differs from the spec, and `on_drift="raise"` was asked for."""

    def __init__(
        self,
        message: str,
        *,
        drift: "Sequence[Drift]",
        body: bytes,
        provider: str | None = None,
        ref: "ConversationRef | None" = None,
    ) -> None:
        super().__init__(message, body=body, provider=provider, ref=ref)
        self.drift = tuple(drift)
        """Each deviation."""
