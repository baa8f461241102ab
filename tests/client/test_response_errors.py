"""Laws of what is decided without any I/O: retry, times, the rate, bodies, and what an answer means."""

import gzip
import itertools
import math
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conversas import (
    ApiError,
    AuthenticationError,
    BodyTooLargeError,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    Retry,
    ServerError,
    Timeout,
    TransportError,
)
from conversas.client.rate_limiter import SLACK_SECONDS, Limiter
from conversas.client.response_errors import error_of, request_id, retry_after
from conversas.transport.messages import Answer, BodyReader, BrokenBody, NoAnswer

REF = ConversationRef("zild", "42")
SECONDS = st.floats(1e-3, 1e6)
RETRIES = st.builds(
    Retry,
    attempts=st.integers(1, 10**6),
    initial_backoff_seconds=SECONDS,
    max_backoff_seconds=SECONDS,
    max_retry_after_seconds=SECONDS,
)
RETRIED = {408, 425, 429, 500, 502, 503, 504, *range(520, 530)}
NUMBERS = ("attempts", "initial_backoff_seconds", "max_backoff_seconds", "max_retry_after_seconds")
TIMES = ("connect_seconds", "read_seconds", "total_seconds")
NO_NUMBERS: tuple[Any, ...] = (0, -1, -0.5, math.nan, math.inf, -math.inf, True, False, None, "1", [], 1j)


def limited(seconds: float | None) -> RateLimitedError:
    error = RateLimitedError("told", status=429, retry_after=seconds)
    error.retryable = True
    return error


# Retry


@given(RETRIES, st.integers(1, 10**6), st.floats(0, 1))
def test_a_wait_lies_between_nothing_and_the_longest_which_doubles(retry: Retry, attempts: int, draw: float) -> None:
    assume(attempts < retry.attempts)
    longest = min(retry.max_backoff_seconds, retry.initial_backoff_seconds * 2.0 ** min(attempts - 1, 1000))
    for error in (TransportError("told"), limited(None)):
        assert retry.wait_seconds(error, attempts, draw=1) == pytest.approx(longest)
        assert retry.wait_seconds(error, attempts, draw=0) == 0
        for wait in (retry.wait_seconds(error, attempts, draw=draw), retry.wait_seconds(error, attempts)):
            assert wait is not None
            assert 0 <= wait <= longest * (1 + 1e-9)


@given(RETRIES, st.floats(0, 1))
def test_waits_without_a_draw_differ(retry: Retry, draw: float) -> None:
    assume(retry.attempts > 1)
    waits = {retry.wait_seconds(TransportError("told"), 1) for _ in range(5)}
    assert len(waits) > 1


@given(RETRIES, st.integers(0, 10**6), st.floats(0, 1e6))
def test_no_attempt_is_made_beyond_those_given(retry: Retry, more: int, seconds: float) -> None:
    for error in (TransportError("told"), limited(None), limited(seconds)):
        assert retry.wait_seconds(error, retry.attempts + more) is None


@given(RETRIES, st.integers(1, 10**6), st.floats(0, 2e6), st.floats(0, 1))
def test_a_wait_that_is_asked_for_is_kept_or_not_begun(
    retry: Retry, attempts: int, seconds: float, draw: float
) -> None:
    assume(attempts < retry.attempts)
    wait = retry.wait_seconds(limited(seconds), attempts, draw=draw)
    hopeless = seconds > retry.max_retry_after_seconds
    assert retry.is_hopeless(limited(seconds)) is hopeless
    assert (wait is None) is hopeless
    assert wait is None or wait >= seconds


@given(RETRIES, st.integers(1, 10**6), st.none() | st.floats(0, 1e9))
def test_what_another_attempt_does_not_change_is_not_tried_again(
    retry: Retry, attempts: int, seconds: float | None
) -> None:
    error = NotFoundError("told", status=404, retry_after=seconds)
    assert retry.wait_seconds(error, attempts) is None
    assert not retry.is_hopeless(error)


@pytest.mark.parametrize("number", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_retry_takes_numbers_above_0(name: str, number: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Retry(**{name: number})


@pytest.mark.parametrize("attempts", [1.5, 0.5, 2.0])
def test_attempts_are_whole(attempts: Any) -> None:
    with pytest.raises(ConfigurationError, match="attempts"):
        Retry(attempts=attempts)


# Timeout


@pytest.mark.parametrize("number", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("name", TIMES)
def test_timeout_takes_numbers_above_0(name: str, number: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Timeout(**{name: number})


@pytest.mark.parametrize("given", [number for number in NO_NUMBERS if number is not None], ids=repr)
def test_seconds_of_a_call_are_a_number_above_0(given: Any) -> None:
    with pytest.raises(ConfigurationError):
        Timeout.of(given, Timeout())


@given(SECONDS, SECONDS)
def test_a_timeout_is_read_as_it_is_given(seconds: float, other: float) -> None:
    otherwise = Timeout(total_seconds=other)
    assert Timeout.of(None, otherwise) is otherwise
    assert Timeout.of(Timeout(read_seconds=seconds), otherwise) == Timeout(read_seconds=seconds)
    assert Timeout.of(seconds, otherwise).total_seconds == seconds


# The rate


def starts(limiter: Limiter, arrivals: list[float], late: float) -> list[float]:
    """Let some ask for a place, each as early as it is told, but so late, and give when each had one."""
    now, times = 0.0, []
    for arrival in arrivals:
        now = max(now, arrival)
        while wait := limiter.wait_seconds(now):
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
    times = starts(Limiter(rate), arrivals, late)
    assert times == sorted(times)
    for (first, start), (last, end) in itertools.combinations(enumerate(times), 2):
        assert end - start >= (last - first) / rate - SLACK_SECONDS - 1e-6


@given(RATES, st.integers(2, 50))
def test_who_comes_in_time_gets_the_rate(rate: float, count: int) -> None:
    times = starts(Limiter(rate), [0.0] * count, 0.0)
    assert times[-1] <= (count - 1) / rate + 1e-6


@given(ARRIVALS)
def test_without_a_rate_nobody_waits(arrivals: list[float]) -> None:
    assert starts(Limiter(), arrivals, 0.0) == arrivals


@given(st.none() | RATES, ARRIVALS, st.lists(st.floats(0, 20), min_size=1, max_size=5))
def test_nobody_starts_in_a_pause_and_the_longest_counts(
    rate: float | None, arrivals: list[float], pauses: list[float]
) -> None:
    limiter = Limiter(rate)
    for until in pauses:
        limiter.pause(until)
    assert min(starts(limiter, arrivals, 0.0)) >= max(pauses)


@given(RATES, st.floats(0, 10), st.floats(0, 10))
def test_a_pause_never_shortens_a_wait(rate: float, now: float, until: float) -> None:
    limiter = Limiter(rate)
    assert limiter.wait_seconds(now) == 0
    before = limiter.wait_seconds(now)
    limiter.pause(until)
    assert limiter.wait_seconds(now) >= before


@pytest.mark.parametrize("rate", [number for number in NO_NUMBERS if number is not None], ids=repr)
def test_a_rate_is_a_number_above_0(rate: Any) -> None:
    with pytest.raises(ConfigurationError, match="requests_per_second"):
        Limiter(rate)


# Bodies

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    " GZip ": gzip.compress,
    "deflate": zlib.compress,
}
ENCODINGS = st.sampled_from(list(PACKERS))
COMPRESSED = st.sampled_from(["gzip", "x-gzip", "deflate"])
BODIES = st.binary(max_size=300) | st.integers(0, 100_000).map(bytes)


def read(encoding: str, data: bytes, cuts: list[int], limit: int) -> BodyReader:
    """Read what comes in pieces, as a sender does."""
    reader = BodyReader(encoding, limit)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        if start < end and not reader.add(data[start:end]):
            break
    return reader


CUTS = st.lists(st.integers(0, 10**6), max_size=8)


@given(ENCODINGS, BODIES, CUTS, st.integers(0, 1000))
def test_a_body_is_what_was_packed_however_it_is_cut(encoding: str, body: bytes, cuts: list[int], room: int) -> None:
    reader = read(encoding, PACKERS[encoding](body), cuts, max(1, len(body) + room))
    assert reader.whole() == body
    assert not reader.too_large


@given(ENCODINGS, BODIES, CUTS, st.data())
def test_a_body_over_the_limit_is_too_large_and_hardly_more_than_the_limit_is_kept(
    encoding: str, body: bytes, cuts: list[int], data: st.DataObject
) -> None:
    assume(len(body) > 1)
    limit = data.draw(st.integers(1, len(body) - 1))
    reader = read(encoding, PACKERS[encoding](body), cuts, limit)
    assert reader.too_large
    assert reader.whole() == b""
    if PACKERS[encoding] is not bytes:
        assert len(reader._body) == limit + 1


@given(COMPRESSED, BODIES, CUTS, st.data())
def test_a_packed_body_that_is_cut_off_is_broken(
    encoding: str, body: bytes, cuts: list[int], data: st.DataObject
) -> None:
    packed = PACKERS[encoding](body)
    packed = packed[: data.draw(st.integers(1, len(packed) - 1))]
    with pytest.raises(BrokenBody):
        read(encoding, packed, cuts, len(body) + 1).whole()


@given(COMPRESSED, BODIES, CUTS, st.integers(0, 10**6))
def test_a_damaged_packed_body_is_broken_or_too_large_or_the_same(
    encoding: str, body: bytes, cuts: list[int], bit: int
) -> None:
    packed = bytearray(PACKERS[encoding](body))
    packed[bit // 8 % len(packed)] ^= 1 << bit % 8
    try:
        reader = read(encoding, bytes(packed), cuts, len(body) + 1)
        assert reader.too_large or reader.whole() == body
    except BrokenBody:
        """The usual end."""


@given(COMPRESSED, BODIES, CUTS, st.binary(min_size=1, max_size=9))
def test_a_packed_body_with_more_after_it_is_broken(encoding: str, body: bytes, cuts: list[int], more: bytes) -> None:
    with pytest.raises(BrokenBody):
        read(encoding, PACKERS[encoding](body) + more, cuts, len(body) + 100).whole()


@given(COMPRESSED, BODIES, st.binary(min_size=1, max_size=9))
def test_what_follows_a_packed_body_is_not_kept(encoding: str, body: bytes, more: bytes) -> None:
    reader = BodyReader(encoding, len(body) + 1)
    assert reader.add(PACKERS[encoding](body))
    with pytest.raises(BrokenBody):
        reader.add(more)


@given(st.text(max_size=12))
def test_any_other_encoding_is_broken(encoding: str) -> None:
    assume(encoding.strip().lower() not in {"", "identity", "gzip", "x-gzip", "deflate"})
    with pytest.raises(BrokenBody):
        BodyReader(encoding, 1)


def test_a_body_reader_shows_nothing() -> None:
    reader = BodyReader("", 100)
    reader.add(b"content-canary")
    assert "canary" not in repr(reader)


# What an answer says


def answered(status: int = 503, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})


HEADERS = st.text(max_size=40) | st.text("0123456789.eE+-,:; GMTJanSu", max_size=40)


@given(HEADERS)
def test_a_retry_after_of_any_kind_is_seconds_from_0_on_or_nothing(text: str) -> None:
    seconds = retry_after(answered(retry_after=text))
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**30), st.sampled_from(["", " "]))
def test_a_retry_after_in_digits_is_so_many_seconds(seconds: int, around: str) -> None:
    assert retry_after(answered(retry_after=f"{around}{seconds}{around}")) == float(seconds)


@given(st.decimals(0, 10**6, places=3))
def test_a_retry_after_with_a_fraction_is_read(seconds: Any) -> None:
    assert retry_after(answered(retry_after=f"{seconds:f}")) == float(seconds)


@given(st.integers(1, 10**8), st.booleans())
def test_a_retry_after_that_is_a_date_is_the_time_until_then(ahead: int, usegmt: bool) -> None:  # noqa: FBT001
    date = int(time.time()) + 2 + ahead
    before = time.time()
    seconds = retry_after(answered(retry_after=formatdate(date, usegmt=usegmt)))
    assert seconds is not None
    assert date - time.time() <= seconds <= date - before


@given(st.integers(0, 10**8))
def test_a_retry_after_in_the_past_is_no_wait(ago: int) -> None:
    date = formatdate(int(time.time()) - 2 - ago, usegmt=True)
    assert retry_after(answered(retry_after=date)) == 0


def test_no_retry_after_is_none() -> None:
    assert retry_after(answered()) is None


@given(st.dictionaries(st.sampled_from(["x-request-id", "request-id", "cf-ray"]), st.text(max_size=140)))
def test_a_request_id_is_a_name_of_plain_letters_from_a_header_or_nothing(headers: dict[str, str]) -> None:
    found = request_id(Answer(500, headers))
    assert found is None or (found in headers.values() and found.isascii() and found.isprintable() and " " not in found)
    assert found is None or len(found) <= 128


STATUSES: SearchStrategy[int] = st.integers(100, 999).filter(lambda status: status != 200)


@given(STATUSES, st.text(min_size=5), st.text(min_size=5))
def test_each_status_has_one_error_which_shows_no_header(status: int, value: str, seconds: str) -> None:
    error = error_of(answered(status, x_other=value, retry_after=seconds), REF)
    assert isinstance(error, ApiError)
    assert type(error) is {
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        429: RateLimitedError,
    }.get(status, ServerError if status >= 500 else ApiError)
    assert error.retryable is (status in RETRIED)
    assert (error.status, error.ref, error.provider) == (status, REF, "zild")
    assert str(error) == str(error_of(answered(status), REF))
    assert str(error).startswith(f"zild:42 answered {status}")


def test_a_whole_answer_is_no_error_and_one_too_large_is() -> None:
    assert error_of(Answer(200, {}, b""), REF) is None
    assert type(error_of(Answer(200, {}, too_large=True), REF)) is BodyTooLargeError


@given(st.booleans(), st.booleans(), st.sampled_from(["ReadError", "SSLCertVerificationError", "gaierror"]))
def test_no_answer_may_come_later_unless_it_lasts(lasting: bool, unreachable: bool, reason: str) -> None:  # noqa: FBT001
    error: ConversasError | None = error_of(NoAnswer(reason, unreachable=unreachable, lasting=lasting), REF)
    assert isinstance(error, TransportError)
    assert error.retryable is not lasting
    assert error.reason == reason
    assert str(error).startswith(f"zild:42: no answer ({reason})")
