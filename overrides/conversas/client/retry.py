"""Retry policy and timeouts: when to try again, how long to wait, when to give up."""

import math
import random

from attrs import frozen

from conversas.errors import ApiError, ConfigurationError, ConversasError

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 530)})


def is_positive(number: object) -> bool:
    """Return whether this is a finite number above 0."""
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 < number < math.inf


def harmless(value: object) -> str:
    """Return a number or None as text, and only the type of any other value, which may be a secret."""
    return str(value) if value is None or isinstance(value, int | float) else type(value).__name__


def _check_positive(record: object, *names: str) -> None:
    for name in names:
        if not is_positive(value := getattr(record, name)):
            raise ConfigurationError(f"`{name}` must be a positive number, got {harmless(value)}")


@frozen(kw_only=True)
class Retry:
    """Retry policy: exponential backoff with full jitter.

    The wait before the nth retry is a random time between 0 and `initial_backoff_seconds * 2 ** (n - 1)`, but at most
    `max_backoff_seconds`. So many clients do not retry at the same moment. If the provider asks for a longer wait
    (Retry-After), the client waits for this time. If this time exceeds `max_retry_after_seconds`, the client raises the
    error instead.

    Raises:
        ConfigurationError: A number is not positive.
    """

    attempts: int = 5
    """Maximum number of requests for one conversation; 1 means no retry. In a run of many conversations, a ref that
    failed for a transient reason gets one more request once the provider works for another ref.
    """
    initial_backoff_seconds: float = 0.5
    """Maximum wait before the second attempt."""
    max_backoff_seconds: float = 30.0
    """Maximum wait before any attempt, if the provider does not ask for a longer wait."""
    max_retry_after_seconds: float = 60.0
    """Maximum wait that the provider may ask for."""

    def __attrs_post_init__(self) -> None:
        _check_positive(self, "attempts", "initial_backoff_seconds", "max_backoff_seconds", "max_retry_after_seconds")
        if not isinstance(self.attempts, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
            raise ConfigurationError(f"`attempts` must be a positive integer, got {harmless(self.attempts)}")

    def backoff_seconds(self, error: ConversasError, attempts: int, *, jitter: float | None = None) -> float | None:
        """Return the seconds to wait after this number of attempts; None if there should be no further attempt.

        `jitter` is the share of the longest wait, from 0 to 1; by default, it is random.
        """
        if not error.retryable or attempts >= self.attempts:
            return None
        if self.exceeds_retry_after_limit(error):
            return None
        longest = min(self.max_backoff_seconds, self.initial_backoff_seconds * 2.0 ** min(attempts - 1, 64))
        backoff = longest * (random.random() if jitter is None else jitter)  # noqa: S311  # jitter is not a secret
        retry_after = error.retry_after if isinstance(error, ApiError) else None
        return max(backoff, retry_after or 0.0)

    def exceeds_retry_after_limit(self, error: ConversasError) -> bool:
        """Return whether Retry-After exceeds the limit. If so, other requests may also fail."""
        retry_after = error.retry_after if isinstance(error, ApiError) and error.retryable else None
        return retry_after is not None and retry_after > self.max_retry_after_seconds


@frozen(kw_only=True)
class Timeout:
    """Timeouts, in seconds.

    Raises:
        ConfigurationError: A number is not positive.
    """

    connect_seconds: float = 10.0
    """Maximum time for a connection."""
    read_seconds: float = 30.0
    """Maximum wait for the next piece of a response."""
    total_seconds: float = 180.0
    """Maximum time for one conversation, with all attempts and waits, but without the waits for the rate limiter."""

    def __attrs_post_init__(self) -> None:
        _check_positive(self, "connect_seconds", "read_seconds", "total_seconds")

    @classmethod
    def resolve(cls, timeout: "Timeout | float | None", default: "Timeout") -> "Timeout":
        """Return the timeouts of a call: a Timeout as it is, a number as all three timeouts, or the default for None.

        Raises:
            ConfigurationError: `timeout` is of the wrong type, or not positive.
        """
        if timeout is None:
            return default
        if isinstance(timeout, Timeout):
            return timeout
        if not is_positive(timeout):
            raise ConfigurationError(
                f"`timeout` must be a positive number of seconds or a Timeout, got {harmless(timeout)}"
            )
        return cls(connect_seconds=timeout, read_seconds=timeout, total_seconds=timeout)
