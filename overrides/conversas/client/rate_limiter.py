"""Adaptive rate limiter of one provider: it learns the limit from 429s, backs off, and recovers."""

from threading import Lock

from attrs import Factory, define, field

from conversas.client.retry import harmless, is_positive
from conversas.errors import ConfigurationError

CATCH_UP_SECONDS = 0.05  # late wake-ups may catch up by this much, so that the average rate is met
THROTTLE_WINDOW_SECONDS = 0.5  # 429s within this time count as one
IDLE_SECONDS = 2.0  # after an idle time of this length, the provider may accept a burst again
SAFETY_FACTOR = 0.93  # share of the accepted rate that is used, so that the provider seldom refuses
RECOVERY_SECONDS = 10.0  # after this time without a 429, the rate is back at the earlier rate
DOUBLING_SECONDS = 25.0  # after this time without a 429, the rate has about doubled


@define
class AdaptiveRateLimiter:
    """Rate limiter that spreads requests evenly over time, and sends none during a pause that the provider asks for.

    Between two 429s, a provider accepts as many requests as its limit allows, whatever burst it grants. So the accepted
    rate is the rate from then on. The rate grows again, slowly at first. If the provider accepted a higher rate before,
    this rate is soon tried again, halved after each 429. So a few 429s in a row do not slow down a run for long.

    Times are seconds of a monotonic clock. Thread-safe.
    """

    requests_per_second: float | None = None
    """Maximum rate; None means no limit."""
    _next: float = 0.0
    """Time at which the next request may be sent."""
    _accepted: int = field(default=0, init=False)
    """Number of requests that were accepted since `_since`."""
    _since: float | None = field(default=None, init=False)
    _measured_rate: float | None = field(default=None, init=False)
    """The rate that was measured at the last 429."""
    _previous_rate: float = field(default=0.0, init=False)
    """The rate that the provider accepted earlier, halved at each 429 since."""
    _is_burst: bool = field(default=True, init=False)
    """Whether the provider may have accepted a burst since `_since`."""
    _lock: Lock = Factory(Lock)

    def __attrs_post_init__(self) -> None:
        if self.requests_per_second is not None and not is_positive(self.requests_per_second):
            rate = harmless(self.requests_per_second)
            raise ConfigurationError(f"`requests_per_second` must be a positive number or None, got {rate}")

    def acquire(self, now: float) -> float:
        """Reserve the next slot. Return 0 if it is free now, else the seconds to wait before the next call."""
        with self._lock:
            if self._next > now:
                return self._next - now
            if self._since is None or now - self._next > IDLE_SECONDS:
                self._accepted, self._since, self._is_burst = 0, now, True
            rate = self._rate(now - self._since)
            self._next = max(self._next, now - CATCH_UP_SECONDS) + 1 / rate if rate else now
            return 0.0

    def _rate(self, seconds: float) -> float | None:
        """Return the rate at this number of seconds after `_since`."""
        if self._measured_rate is None:
            return self.requests_per_second
        share = min(1.0, seconds / RECOVERY_SECONDS)
        recovered = self._measured_rate + (self._previous_rate - self._measured_rate) * share
        grown = self._measured_rate * (SAFETY_FACTOR + (seconds / DOUBLING_SECONDS) ** 2)
        rate = max(SAFETY_FACTOR * recovered, grown)
        return rate if self.requests_per_second is None else min(rate, self.requests_per_second)

    def on_success(self) -> None:
        """Count a request that the provider accepted."""
        with self._lock:
            self._accepted += 1

    def on_throttled(self, now: float) -> None:
        """Lower the rate after a 429."""
        with self._lock:
            seconds = now - (self._since or now)
            if self._measured_rate is not None and seconds < THROTTLE_WINDOW_SECONDS:
                return
            measured = max(1, self._accepted) / max(seconds, CATCH_UP_SECONDS)
            self._measured_rate = measured / 2 if self._is_burst else measured
            self._previous_rate = max(self._previous_rate / 2, self._measured_rate)
            self._accepted, self._since, self._is_burst = 0, now, False

    def pause_until(self, moment: float) -> None:
        """Allow no request before a moment, which is a time by `time.monotonic()`."""
        with self._lock:
            self._next = max(self._next, moment)

    def reset_lock(self) -> None:
        """Create a new lock after a fork: a lock that another thread held would never be released."""
        self._lock = Lock()
