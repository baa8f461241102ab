"""Circuit breaker of one provider in a batch run: trips when its other refs would fail the same way."""

import time

from attrs import define

from conversas.client.fetch import Fetch
from conversas.client.retry import Retry
from conversas.errors import (
    AuthenticationError,
    ConfigurationError,
    ConversasError,
    DriftError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
)

MAX_INITIAL_FAILURES = 50  # refs that fail before any of them gave a conversation
MAX_CONSECUTIVE_FORBIDDEN = 10  # answers 403 in a row, if that may mean a wrong key


@define
class CircuitBreaker:
    """Trips when the token is rejected, no connection is made, the provider asks for too long a wait, or all fails."""

    retry: Retry
    last_connected_at: float = float("-inf")
    """When the last fetch that had a connection ended, by `time.monotonic()`."""
    consecutive_forbidden: int = 0
    """Answers 403 in a row."""
    initial_failures: int | None = 0
    """Refs that failed, except those not found; None once there was a conversation."""
    tripped_by: ConversasError | None = None
    """The error that tripped it; None while it is closed."""

    def on_success(self) -> None:
        """Count a conversation."""
        self.last_connected_at, self.consecutive_forbidden, self.initial_failures = time.monotonic(), 0, None

    def on_failure(self, error: ConversasError, fetch: Fetch) -> bool:
        """Count a failure. Return whether it is one of the provider, not of the ref; the first of these trips."""
        if fetch.connected:
            self.last_connected_at = time.monotonic()
        is_forbidden = isinstance(error, PermissionDeniedError)
        self.consecutive_forbidden = self.consecutive_forbidden + 1 if is_forbidden else 0
        if isinstance(error, DriftError):
            self.initial_failures = None
        elif self.initial_failures is not None and not isinstance(error, NotFoundError):
            self.initial_failures += 1
        if not self._should_trip(error, fetch):
            return False
        if self.tripped_by is None:
            why = ", as nothing but failures came" if self.initial_failures == MAX_INITIAL_FAILURES else ""
            error.add_note(f"the run stopped for {fetch.ref.provider}{why}; a later run can fetch what is left")
            self.tripped_by = error
        return True

    def _should_trip(self, error: ConversasError, fetch: Fetch) -> bool:
        if self.initial_failures is not None and self.initial_failures >= MAX_INITIAL_FAILURES:
            return True
        match error:
            case AuthenticationError() | ConfigurationError():
                return True
            case PermissionDeniedError():
                may_be_the_token = fetch.state.provider.forbidden_may_mean_bad_token
                return may_be_the_token and self.consecutive_forbidden >= MAX_CONSECUTIVE_FORBIDDEN
            case TransportError():
                return not fetch.connected and self.last_connected_at < fetch.started
            case _:
                return self.retry.exceeds_retry_after_limit(error)
