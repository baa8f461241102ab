"""The rate limiter by a clock that is not real: it finds the rate, keeps to it, and recovers."""

import heapq
import itertools
import math
import random
from itertools import count
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from conversas import ConfigurationError
from conversas.client.rate_limiter import CATCH_UP_SECONDS, SAFETY_FACTOR, AdaptiveRateLimiter
from conversas.sandbox.token_bucket import TokenBucket
from support.numbers import NOT_POSITIVE


@define
class Unlucky:
    """A platform that refuses now and then, at whatever rate it is asked."""

    share: float
    draw: random.Random = field(factory=lambda: random.Random(1))

    def acquire(self, now: float) -> float:
        return float(self.draw.random() < self.share)


@define
class Run:
    """Workers that ask as often as the limiter lets them."""

    limiter: AdaptiveRateLimiter
    bucket: TokenBucket | Unlucky
    latency_seconds: float
    retry_after: float | None
    taken: list[float] = field(factory=list[float], init=False)
    refused: list[float] = field(factory=list[float], init=False)

    def go(self, workers: int, begin: float, end: float) -> None:
        order = count()
        due = [(begin, next(order)) for _ in range(workers)]
        while due[0][0] < end:
            now, _ = heapq.heappop(due)
            wait = self.limiter.acquire(now)
            if not wait:
                wait = self.latency_seconds + self._ask(now)
            heapq.heappush(due, (now + wait + 1e-6, next(order)))

    def _ask(self, now: float) -> float:
        """Return how long the worker waits after the answer."""
        later = now + self.latency_seconds
        if not self.bucket.acquire(now):
            self.limiter.on_success()
            self.taken.append(now)
            return 0.0
        self.limiter.on_throttled(later)
        self.refused.append(now)
        if self.retry_after is None:
            return 0.25  # as long as a retry waits on average
        self.limiter.pause_until(later + self.retry_after)
        return self.retry_after


def after(times: list[float], moment: float) -> int:
    return sum(time >= moment for time in times)


@pytest.mark.parametrize("rate", [2.0, 50.0, 400.0])
@pytest.mark.parametrize(("burst_seconds", "share"), [(0.1, 0.3), (1.0, 0.9), (5.0, 0.9)])
@pytest.mark.parametrize("workers", [4, 32])
@pytest.mark.parametrize("retry_after", [None, 1.0])
def test_it_comes_within_a_tenth_of_the_rate_and_is_seldom_refused(
    rate: float, burst_seconds: float, share: float, workers: int, retry_after: float | None
) -> None:
    run = Run(AdaptiveRateLimiter(), TokenBucket.full(rate, max(1.0, rate * burst_seconds), 0.0), 0.005, retry_after)
    run.go(workers, 0.0, 65.0)
    taken, refused = after(run.taken, 5.0), after(run.refused, 5.0)
    assert taken >= share * rate * 60  # with a bucket that holds next to nothing, each pause costs
    assert refused <= max(0.02 * (taken + refused), 6)


def test_it_recovers_once_the_platform_takes_more_again() -> None:
    run = Run(AdaptiveRateLimiter(), TokenBucket.full(10.0, 10.0, 0.0), 0.005, None)
    run.go(16, 0.0, 20.0)
    run.bucket = TokenBucket.full(1_000.0, 1_000.0, 20.0)
    run.go(16, 20.0, 200.0)
    assert after(run.taken, 190.0) > 10 * 100


def test_refusals_one_after_the_other_do_not_bring_it_to_a_halt() -> None:
    run = Run(AdaptiveRateLimiter(), Unlucky(share=0.0), 0.03, 1.0)
    run.go(16, 0.0, 1.0)
    run.bucket = Unlucky(share=1.0)
    run.go(16, 1.0, 4.0)
    assert len(run.refused) > 2
    run.bucket = Unlucky(share=0.0)
    run.go(16, 4.0, 34.0)
    assert after(run.taken, 4.0) > 0.9 * 30 * 533


def test_without_refusals_there_is_no_limit() -> None:
    limiter = AdaptiveRateLimiter()
    assert [limiter.acquire(1.0) for _ in range(1_000)] == [0.0] * 1_000


def test_what_is_learned_never_goes_beyond_what_the_user_said() -> None:
    limiter = AdaptiveRateLimiter(requests_per_second=10)
    run = Run(limiter, TokenBucket.full(1_000.0, 1_000.0, 0.0), 0.005, None)
    limiter.on_throttled(0.0)
    run.go(16, 0.0, 60.0)
    assert after(run.taken, 50.0) <= 101


def test_time_in_which_nobody_asked_does_not_count() -> None:
    limiter = AdaptiveRateLimiter()
    limiter.acquire(0.0)
    limiter.on_success()
    run = Run(limiter, TokenBucket.full(50.0, 50.0, 600.0), 0.005, None)
    run.go(16, 600.0, 610.0)
    assert after(run.taken, 605.0) > 0.9 * 50 * 5


def test_refusals_of_one_moment_count_once() -> None:
    limiter = AdaptiveRateLimiter()
    for _ in range(100):
        limiter.acquire(1.0)
        limiter.on_success()
    for _ in range(16):
        limiter.on_throttled(2.0)
    limiter.acquire(2.0)
    assert limiter.acquire(2.0) == pytest.approx(
        1 / (SAFETY_FACTOR * 50) - CATCH_UP_SECONDS, abs=CATCH_UP_SECONDS
    )  # half of what it took: some of it was a burst


# Laws


def starts(limiter: AdaptiveRateLimiter, arrivals: list[float], late: float) -> list[float]:
    """Return when each of these arrivals may start, if each asks again as late after its wait."""
    now, times = 0.0, []
    for arrival in arrivals:
        now = max(now, arrival)
        while wait := limiter.acquire(now):
            assert wait > 0
            now = max(now + wait, math.nextafter(now, math.inf)) + late
        times.append(now)
    return times


RATES = st.floats(0.1, 1000)
ARRIVALS = st.lists(st.floats(0, 10), min_size=1, max_size=50).map(sorted)


@given(RATES, ARRIVALS, st.floats(0, 1))
def test_in_no_stretch_of_time_are_there_more_requests_than_the_rate(
    rate: float, arrivals: list[float], late: float
) -> None:
    times = starts(AdaptiveRateLimiter(rate), arrivals, late)
    assert times == sorted(times)
    for (first, start), (last, end) in itertools.combinations(enumerate(times), 2):
        assert end - start >= (last - first) / rate - CATCH_UP_SECONDS - 1e-6


@given(RATES, st.integers(2, 50))
def test_who_comes_in_time_gets_the_rate(rate: float, count: int) -> None:
    times = starts(AdaptiveRateLimiter(rate), [0.0] * count, 0.0)
    assert times[-1] <= (count - 1) / rate + 1e-6


@given(ARRIVALS)
def test_without_a_rate_nobody_waits(arrivals: list[float]) -> None:
    assert starts(AdaptiveRateLimiter(), arrivals, 0.0) == arrivals


@given(st.none() | RATES, ARRIVALS, st.lists(st.floats(0, 20), min_size=1, max_size=5))
def test_nobody_starts_in_a_pause_and_the_longest_counts(
    rate: float | None, arrivals: list[float], pauses: list[float]
) -> None:
    limiter = AdaptiveRateLimiter(rate)
    for until in pauses:
        limiter.pause_until(until)
    assert min(starts(limiter, arrivals, 0.0)) >= max(pauses)


@given(RATES, st.floats(0, 10), st.floats(0, 10))
def test_a_pause_never_shortens_a_wait(rate: float, now: float, until: float) -> None:
    limiter = AdaptiveRateLimiter(rate)
    assert limiter.acquire(now) == 0
    before = limiter.acquire(now)
    limiter.pause_until(until)
    assert limiter.acquire(now) >= before


@pytest.mark.parametrize("rate", [number for number in NOT_POSITIVE if number is not None], ids=repr)
def test_a_rate_is_a_number_above_0(rate: Any) -> None:
    with pytest.raises(ConfigurationError, match="requests_per_second"):
        AdaptiveRateLimiter(rate)


def test_after_a_time_in_which_nobody_asked_the_rate_is_measured_anew_and_half_of_it_may_be_a_burst() -> None:
    limiter = AdaptiveRateLimiter()
    limiter.acquire(0.0)
    limiter.on_throttled(1.0)
    for begin, taken in {1.0: 300, 600.0: 100}.items():
        limiter.acquire(begin)
        for _ in range(taken):
            limiter.on_success()
    limiter.on_throttled(610.0)
    now, places = 610.0, 0
    while now < 612.0:
        if wait := limiter.acquire(now):
            now += wait + 1e-6
        else:
            places += 1
    assert 8 <= places <= 12  # in two seconds, of 100 in ten


def test_who_wakes_up_late_makes_up_for_a_little_of_it() -> None:
    limiter = AdaptiveRateLimiter(requests_per_second=10)
    assert [limiter.acquire(now) for now in (0.0, 0.14)] == [0.0, 0.0]
    assert limiter.acquire(0.14) == pytest.approx(0.06)
    assert limiter.acquire(1.0) == 0.0
    assert limiter.acquire(1.0) == pytest.approx(0.1 - CATCH_UP_SECONDS)
