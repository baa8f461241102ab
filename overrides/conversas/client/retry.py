"""When to try again, how long to wait before, and when to give up."""

import math
import random

from attrs import frozen

from conversas.errors import ApiError, ConfigurationError, ConversasError

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 530)})


def is_positive(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 < number < math.inf


def _check_positive(record: object, *names: str) -> None:
    for name in names:
        if not is_positive(getattr(record, name)):
            raise ConfigurationError(f"{name} is a number above 0")


@frozen(kw_only=True)
class Retry:
    """How often a conversation is asked for, and how long is waited in between.

    The wait before the nth new attempt is drawn between 0 and `first_wait_seconds * 2 ** (n - 1)`, but at most
    `longest_wait_seconds`, so that many clients do not come back together. Where the platform says how long to wait
    (Retry-After), that is waited; where it is longer than `longest_retry_after_seconds`, the error is raised instead.

    Raises:
        ConfigurationError: A number is not above 0.
    """

    attempts: int = 5
    """Requests for one conversation at most; 1 never tries again."""
    first_wait_seconds: float = 0.5
    """The longest wait before the second attempt."""
    longest_wait_seconds: float = 30.0
    """The longest wait before any attempt, where the platform does not say."""
    longest_retry_after_seconds: float = 60.0
    """The longest wait that the platform may ask for."""

    def __attrs_post_init__(self) -> None:
        _check_positive(self, "attempts", "first_wait_seconds", "longest_wait_seconds", "longest_retry_after_seconds")
        if not isinstance(self.attempts, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
            raise ConfigurationError("attempts is a whole number")

    def wait_seconds(self, error: ConversasError, attempts: int, *, draw: float | None = None) -> float | None:
        """Tell how long to wait before the next attempt, after so many; None where there should be none.

        `draw` is the share of the longest wait, from 0 to 1; left out, it is random.
        """
        if not error.retryable or attempts >= self.attempts:
            return None
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is not None:
            return asked if asked <= self.longest_retry_after_seconds else None
        longest = min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** min(attempts - 1, 64))
        return longest * (random.random() if draw is None else draw)  # noqa: S311  # nobody gains by guessing it

    def is_hopeless(self, error: ConversasError) -> bool:
        """Whether the platform asks for a longer wait than is waited, so that asking for others is in vain, too."""
        asked = error.retry_after if isinstance(error, ApiError) and error.retryable else None
        return asked is not None and asked > self.longest_retry_after_seconds


@frozen(kw_only=True)
class Timeout:
    """How long is waited for what.

    Raises:
        ConfigurationError: A number is not above 0.
    """

    connect_seconds: float = 10.0
    """For a connection."""
    read_seconds: float = 30.0
    """For the next piece of an answer."""
    total_seconds: float = 180.0
    """For one conversation: all attempts, and the waits between them."""

    def __attrs_post_init__(self) -> None:
        _check_positive(self, "connect_seconds", "read_seconds", "total_seconds")

    @classmethod
    def of(cls, given: "Timeout | float | None", otherwise: "Timeout") -> "Timeout":
        """Read what a call was given: a Timeout, or the seconds after which it gives up.

        Raises:
            ConfigurationError: It is neither, or not above 0.
        """
        if given is None:
            return otherwise
        if isinstance(given, Timeout):
            return given
        if not is_positive(given):
            raise ConfigurationError("timeout is a number of seconds above 0, or a Timeout")
        return cls(connect_seconds=given, read_seconds=given, total_seconds=given)
