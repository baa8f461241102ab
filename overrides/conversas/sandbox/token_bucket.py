"""Token bucket: a limit of requests per second, with bursts after a pause."""

from attrs import define


@define
class TokenBucket:
    """A bucket of at most `burst` tokens, which gains `per_second` tokens a second. Times are of a monotonic clock."""

    per_second: float
    burst: float
    level: float
    filled_at: float

    @classmethod
    def full(cls, per_second: float, burst: float, now: float) -> "TokenBucket":
        return cls(per_second, burst, burst, now)

    def acquire(self, now: float) -> float:
        """Remove one token and return 0. If the bucket is empty, return the seconds until it has a token."""
        self.level = min(self.burst, self.level + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second
