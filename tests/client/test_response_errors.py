"""The error that a response or a transport failure means, decided without any I/O."""

import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conversas import (
    ApiError,
    AuthenticationError,
    BodyTooLargeError,
    ConversasError,
    ConversationRef,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    TransportError,
)
from conversas.client.response_errors import error_for, parse_request_id, parse_retry_after
from conversas.transport.messages import Response, TransportFailure

REF = ConversationRef("zild", "42")
RETRIED = {408, 425, 429, 500, 502, 503, 504, *range(520, 530)}


def answered(status: int = 503, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()})


HEADERS = st.text(max_size=40) | st.text("0123456789.eE+-,:; GMTJanSu", max_size=40)


@given(HEADERS)
def test_a_retry_after_of_any_kind_is_seconds_from_0_on_or_nothing(text: str) -> None:
    seconds = parse_retry_after(answered(retry_after=text))
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**30), st.sampled_from(["", " "]))
def test_a_retry_after_in_digits_is_so_many_seconds(seconds: int, around: str) -> None:
    assert parse_retry_after(answered(retry_after=f"{around}{seconds}{around}")) == float(seconds)


@given(st.decimals(0, 10**6, places=3))
def test_a_retry_after_with_a_fraction_is_read(seconds: Any) -> None:
    assert parse_retry_after(answered(retry_after=f"{seconds:f}")) == float(seconds)


@given(st.integers(1, 10**8), st.booleans())
def test_a_retry_after_that_is_a_date_is_the_time_until_then(ahead: int, usegmt: bool) -> None:  # noqa: FBT001
    date = int(time.time()) + 2 + ahead
    before = time.time()
    seconds = parse_retry_after(answered(retry_after=formatdate(date, usegmt=usegmt)))
    assert seconds is not None
    assert date - time.time() <= seconds <= date - before


@given(st.integers(0, 10**8))
def test_a_retry_after_in_the_past_is_no_wait(ago: int) -> None:
    date = formatdate(int(time.time()) - 2 - ago, usegmt=True)
    assert parse_retry_after(answered(retry_after=date)) == 0


@given(st.integers(0, 4 * 10**9), st.integers(0, 10**6), st.booleans())
def test_a_date_counts_from_the_date_of_the_response(theirs: int, ahead: int, usegmt: bool) -> None:  # noqa: FBT001
    date, later = (formatdate(moment, usegmt=usegmt) for moment in (theirs, theirs + ahead))
    assert parse_retry_after(answered(retry_after=later, date=date)) == ahead
    assert parse_retry_after(answered(retry_after=date, date=later)) == 0


@pytest.mark.parametrize("text", ["", "soon", "0", "12", "Fri, 99 Dec 2024", "\xff"])
def test_a_date_of_the_response_that_is_invalid_is_as_good_as_none(text: str) -> None:
    date = formatdate(int(time.time()) + 3600, usegmt=True)
    seconds = parse_retry_after(answered(retry_after=date, date=text))
    assert seconds is not None
    assert 3500 < seconds <= 3600


@pytest.mark.parametrize("theirs", ["Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:12 GMT"])
def test_a_date_of_the_response_by_a_clock_that_was_never_set_does_not_count(theirs: str) -> None:
    date = formatdate(int(time.time()) + 60, usegmt=True)
    seconds = parse_retry_after(answered(retry_after=date, date=theirs))
    assert seconds is not None
    assert 50 < seconds <= 60


def test_no_retry_after_is_none() -> None:
    assert parse_retry_after(answered()) is None


@given(st.dictionaries(st.sampled_from(["x-request-id", "request-id", "cf-ray"]), st.text(max_size=140)))
def test_a_request_id_is_a_name_of_plain_letters_from_a_header_or_nothing(headers: dict[str, str]) -> None:
    found = parse_request_id(Response(500, headers))
    assert found is None or (found in headers.values() and found.isascii() and found.isprintable() and " " not in found)
    assert found is None or len(found) <= 128


STATUSES: SearchStrategy[int] = st.integers(100, 999).filter(lambda status: status != 200)


@given(STATUSES, st.text(min_size=5), st.text(min_size=5))
def test_each_status_has_one_error_which_shows_no_header(status: int, value: str, seconds: str) -> None:
    error = error_for(answered(status, x_other=value, retry_after=seconds), REF, {})
    assert isinstance(error, ApiError)
    assert type(error) is {
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        429: RateLimitedError,
    }.get(status, ServerError if status >= 500 else ApiError)
    assert error.retryable is (status in RETRIED)
    assert (error.status, error.ref, error.provider) == (status, REF, "zild")
    assert str(error) == str(error_for(answered(status), REF, {}))
    assert str(error).startswith(f"zild:42: the provider answered {status}")


def test_a_whole_answer_is_no_error_and_one_too_large_is() -> None:
    assert error_for(Response(200, {}, b""), REF, {}) is None
    assert type(error_for(Response(200, {}, too_large=True), REF, {})) is BodyTooLargeError


@given(st.booleans(), st.booleans(), st.sampled_from(["reset", "tls", "dns"]))
def test_no_answer_may_come_later_unless_it_lasts(lasting: bool, unreachable: bool, reason: str) -> None:  # noqa: FBT001
    error: ConversasError | None = error_for(
        TransportFailure(reason, not_connected=unreachable, permanent=lasting), REF, {}
    )
    assert isinstance(error, TransportError)
    assert error.retryable is not lasting
    assert error.reason == reason
    assert str(error).startswith(f"zild:42: no response ({reason})")
