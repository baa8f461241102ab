"""The rate at which one platform is asked, shared by all who ask it."""

from threading import Lock

from attrs import Factory, define

from conversas.errors import ConfigurationError
from conversas.policy import is_positive

SLACK_SECONDS = 0.05  # who wakes up late makes up for it, so that the rate is reached


@define
class Limiter:
    """Spreads requests evenly over time, and holds all of them back while the platform asks for a pause.

    Times are seconds of a monotonic clock. Many threads may share one.
    """

    requests_per_second: float | None = None
    """The rate; None is without limit."""
    _next: float = 0.0
    _lock: Lock = Factory(Lock)

    def __attrs_post_init__(self) -> None:
        if self.requests_per_second is not None and not is_positive(self.requests_per_second):
            raise ConfigurationError("requests_per_second is a number above 0, or None")

    def wait_seconds(self, now: float) -> float:
        """Take the next free place, and give 0; or, where there is none yet, how long to wait before asking again."""
        if self.requests_per_second is None and self._next <= now:
            return 0.0
        with self._lock:
            if self._next > now:
                return self._next - now
            if self.requests_per_second is not None:
                self._next = max(self._next, now - SLACK_SECONDS) + 1 / self.requests_per_second
            return 0.0

    def pause(self, until: float) -> None:
        """Let nobody ask before then."""
        with self._lock:
            self._next = max(self._next, until)

    def forget_lock(self) -> None:
        """Make a new lock, after a fork: one that another thread held would be held for ever."""
        self._lock = Lock()
