"""The rate limit of a sandbox, and its token bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas.sandbox import Sandbox
from conversas.sandbox.platforms import get_platform
from conversas.sandbox.token_bucket import TokenBucket
from support.raw_http import PATHS, ask, each_provider, get, get_number

# The bucket


@given(
    per_second=st.floats(0.01, 1_000),
    burst=st.floats(1, 100),
    pauses=st.lists(st.floats(0, 10), min_size=1, max_size=20),
)
def test_a_bucket_lets_no_more_pass_than_its_rate_and_at_once_its_burst(
    per_second: float, burst: float, pauses: list[float]
) -> None:
    bucket, now, taken = TokenBucket.full(per_second, burst, 0.0), 0.0, 0
    for pause in pauses:
        now, before = now + pause, taken
        while not (wait := bucket.acquire(now)):
            taken += 1
        assert 0 < wait <= 1 / per_second
        assert taken - before <= burst
    assert taken <= burst + now * per_second + 1e-6


@given(per_second=st.floats(0.01, 1_000), burst=st.floats(1, 100))
def test_who_waits_as_long_as_the_bucket_says_gets_one(per_second: float, burst: float) -> None:
    bucket = TokenBucket.full(per_second, burst, 0.0)
    while not (wait := bucket.acquire(0.0)):
        pass
    assert bucket.acquire(wait + 1e-6) == 0


# The limit


@each_provider
@pytest.mark.parametrize("tells", [True, False])
def test_over_the_limit_the_answer_is_429_for_that_platform_alone(provider: str, *, tells: bool) -> None:
    others = PATHS.keys() - {provider}
    with Sandbox(requests_per_second=0.001, burst=3, retry_after=tells) as sandbox:
        answers = [get_number(sandbox, provider) for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert [get_number(sandbox, other).status for other in others] == [200] * (len(PATHS) - 1)
        assert answers[-1].body == get_platform(provider).error(429).body
        wait = answers[-1].headers.get("retry-after")
        assert wait is None or 990 <= int(wait) <= 1000
        assert (wait is not None) == tells


def test_who_has_no_token_takes_nothing_from_the_limit() -> None:
    with Sandbox(requests_per_second=0.001, burst=1) as sandbox:
        assert [ask(sandbox, "/api/Conversation/1").status for _ in range(3)] == [401] * 3
        assert get(sandbox, "zild", "1").status == 200


def test_by_default_the_burst_is_that_of_one_second() -> None:
    with Sandbox(requests_per_second=1, retry_after=True) as sandbox:
        assert get(sandbox, "zild", "1").status == 200
    with Sandbox(requests_per_second=1e-6) as sandbox:
        assert [get(sandbox, "zild", "1").status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "options",
    [
        {"requests_per_second": 0},
        {"requests_per_second": -1},
        {"requests_per_second": float("nan")},
        {"requests_per_second": 1, "burst": 0.5},
        {"burst": 2},
    ],
)
def test_a_limit_that_lets_nothing_pass_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"requests_per_second|burst"):
        Sandbox(**options)
