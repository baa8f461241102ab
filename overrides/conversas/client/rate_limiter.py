"""The rate at which one platform is asked, shared by all who ask it: learned from its refusals, and recovering."""

from threading import Lock

from attrs import Factory, define, field

from conversas.client.retry import is_positive
from conversas.errors import ConfigurationError

SLACK_SECONDS = 0.05  # who wakes up late makes up for it, so that the rate is reached
APART_SECONDS = 0.5  # refusals that come sooner after one another tell the same
IDLE_SECONDS = 2.0  # where nobody asks for so long, the platform may take a few at once again
KEPT = 0.93  # of the rate that the platform took, so that it seldom refuses
RETURN_SECONDS = 10.0  # after so long without a refusal, the rate is what it was before, or half of that
GROWTH_SECONDS = 25.0  # after so long without a refusal, the rate has about doubled


@define
class Limiter:
    """Spreads requests evenly over time, and holds all of them back while the platform asks for a pause.

    Between two refusals a platform takes as many requests as its limit allows, whatever burst it grants. So that is the
    rate from then on. It grows again, slowly at first. Where the platform took more before, it is soon tried whether it
    does again, with half of that after each refusal: some refusals in a row do not make a run crawl for long.

    Times are seconds of a monotonic clock. Many threads may share one.
    """

    requests_per_second: float | None = None
    """The rate at most; None is without limit."""
    _next: float = 0.0
    """When the next request may go."""
    _taken: int = field(default=0, init=False)
    """Requests that were not refused, since then:"""
    _since: float | None = field(default=None, init=False)
    _learned: float | None = field(default=None, init=False)
    """The rate that was measured up to then."""
    _before: float = field(default=0.0, init=False)
    """The rate that the platform took earlier, halved at each refusal since."""
    _is_burst: bool = field(default=True, init=False)
    """Whether the platform may have taken a few more at once in this time."""
    _lock: Lock = Factory(Lock)

    def __attrs_post_init__(self) -> None:
        if self.requests_per_second is not None and not is_positive(self.requests_per_second):
            raise ConfigurationError("requests_per_second is a number above 0, or None")

    def wait_seconds(self, now: float) -> float:
        """Take the next free place, and give 0; or, where there is none yet, how long to wait before asking again."""
        with self._lock:
            if self._next > now:
                return self._next - now
            if self._since is None or now - self._next > IDLE_SECONDS:
                self._taken, self._since, self._is_burst = 0, now, True
            rate = self._rate(now - self._since)
            self._next = max(self._next, now - SLACK_SECONDS) + 1 / rate if rate else now
            return 0.0

    def _rate(self, seconds: float) -> float | None:
        """Give the rate so long after the last refusal."""
        if self._learned is None:
            return self.requests_per_second
        returned = self._learned + (self._before - self._learned) * min(1.0, seconds / RETURN_SECONDS)
        grown = max(KEPT * returned, self._learned * (KEPT + (seconds / GROWTH_SECONDS) ** 2))
        return grown if self.requests_per_second is None else min(grown, self.requests_per_second)

    def note_taken(self) -> None:
        """Note that the platform took a request."""
        with self._lock:
            self._taken += 1

    def note_refused(self, now: float) -> None:
        """Note that the platform refused a request because there were too many."""
        with self._lock:
            seconds = now - (self._since or now)
            if self._learned is not None and seconds < APART_SECONDS:
                return
            measured = max(1, self._taken) / max(seconds, SLACK_SECONDS)
            self._learned = measured / 2 if self._is_burst else measured
            self._before = max(self._before / 2, self._learned)
            self._taken, self._since, self._is_burst = 0, now, False

    def pause(self, until: float) -> None:
        """Let nobody ask before then."""
        with self._lock:
            self._next = max(self._next, until)

    def forget_lock(self) -> None:
        """Make a new lock, after a fork: one that another thread held would be held for ever."""
        self._lock = Lock()
