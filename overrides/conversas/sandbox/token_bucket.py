"""A token bucket: so many requests a second, and so many at once after a pause."""

from attrs import define


@define
class Bucket:
    """Full at first. It holds at most `burst`, and fills by `per_second`. Times are seconds of one monotonic clock."""

    per_second: float
    burst: float
    level: float
    filled_at: float

    @classmethod
    def full(cls, per_second: float, burst: float, now: float) -> "Bucket":
        return cls(per_second, burst, burst, now)

    def take(self, now: float) -> float:
        """Take one, and give 0; where there is none, give how many seconds it takes until there is."""
        self.level = min(self.burst, self.level + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second
