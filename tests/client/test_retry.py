"""Retries: which failures are retried, after which delay, and how often."""

import json
import math
import ssl
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversas import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    Fetched,
    NotFoundError,
    RateLimitedError,
    Retry,
    ServerError,
    Timeout,
    TransportError,
    TransportErrorReason,
)
from support.broken_responses import BROKEN, WHOLE
from support.byte_server import Peer, Play, Wire, answer, bytes_then
from support.client_kinds import QUICK, Kind, each_client, each_sender, failure, get, get_many, quick
from support.examples import without_id
from support.http_server import HttpServer
from support.numbers import NOT_POSITIVE, SECONDS
from support.providers import superagentes

SAMPLE = without_id("superagentes/sample")
RETRIED = [408, 425, 429, 500, 502, 503, 504, *range(520, 530)]
NOT_RETRIED = [201, 204, 301, 304, 400, 402, 403, 404, 405, 409, 410, 422, 424, 426, 428, 431, 451, 499, 501, 505, 508]
NOT_RETRIED += [510, 511, 519, 530, 599]


# What is tried again


each_break = pytest.mark.parametrize("play", BROKEN.values(), ids=BROKEN)


@each_sender
@each_break
def test_a_broken_connection_is_tried_again(kind: Kind, play: Play, server: HttpServer) -> None:
    with Wire([play], answer(SAMPLE)) as wire:
        conversation = get(kind, "superagentes:a", superagentes(wire), retry=QUICK, timeout=Timeout(read_seconds=0.3))
        assert conversation.raw == SAMPLE
        assert len(wire.requests) == 2


@each_sender
@each_break
def test_a_connection_that_stays_broken_is_an_error_that_knows_its_attempts(
    kind: Kind, play: Play, server: HttpServer
) -> None:
    with Wire(standing=play) as wire:
        options = {"retry": quick(2), "timeout": Timeout(read_seconds=0.1)}
        error = failure(kind, "superagentes:a", superagentes(wire), **options)
        assert type(error) is TransportError
        assert error.reason
        assert error.retryable
        assert error.attempts == len(wire.requests) == 2


@each_sender
def test_an_error_of_tls_in_the_middle_of_an_answer_is_one_of_the_connection(
    kind: Kind, server: HttpServer, certificate: Path
) -> None:
    with Wire([bytes_then(WHOLE[:-1], Peer.garble)], answer(b"", 404), certificate=certificate) as wire:
        options: dict[str, Any] = {"verify": ssl.create_default_context(cafile=certificate)}
        with pytest.raises(TransportError) as raised:
            get(kind, "superagentes:a", superagentes(wire), retry=quick(1), **options)
        assert raised.value.reason == "tls"
        assert raised.value.retryable
        with pytest.raises(NotFoundError):
            get(kind, "superagentes:a", superagentes(wire), **options)


@each_client
@pytest.mark.parametrize("status", RETRIED)
def test_a_status_that_may_pass_is_tried_again(kind: Kind, status: int, server: HttpServer) -> None:
    server.first = [(status, b"", {})] * 4
    server.answer(200, SAMPLE)
    assert get(kind, "superagentes:a", superagentes(server), retry=QUICK).raw == SAMPLE
    assert len(server.requests) == 5


@each_client
@pytest.mark.parametrize("status", NOT_RETRIED)
def test_another_status_is_not_tried_again(kind: Kind, status: int, server: HttpServer) -> None:
    server.first = [(status, b"", {"Retry-After": "0"})]
    server.answer(200, SAMPLE)
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, ApiError)
    assert (error.status, error.attempts, error.retryable, len(server.requests)) == (status, 1, False, 1)


@each_client
def test_a_401_of_a_token_that_cannot_change_is_not_tried_again(kind: Kind, server: HttpServer) -> None:
    server.first = [(401, b"", {})]
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server))) is AuthenticationError
    assert len(server.requests) == 1


@each_client
@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_so_many_attempts_are_made_as_are_given(kind: Kind, attempts: int, server: HttpServer) -> None:
    server.answer(503)
    error = failure(kind, "superagentes:a", superagentes(server), retry=quick(attempts))
    assert type(error) is ServerError
    assert error.retryable
    assert error.attempts == len(server.requests) == attempts


@each_client
def test_one_attempt_never_tries_a_broken_connection_again(kind: Kind, server: HttpServer) -> None:
    with Wire() as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), retry=quick(1))
        assert type(error) is TransportError
        assert error.attempts == len(wire.requests) == 1


@each_client
def test_a_success_after_failures_of_many_kinds_knows_its_attempts(kind: Kind, server: HttpServer) -> None:
    plays = [answer(b"", 500), Peer.reset, BROKEN["closed in the body"], answer(b"", 429)]
    with Wire(plays, answer(SAMPLE)) as wire:
        (outcome,) = get_many(kind, ["superagentes:a"], superagentes(wire), retry=QUICK)
        assert isinstance(outcome, Fetched)
        assert outcome.attempts == len(wire.requests) == 5
        assert outcome.elapsed_seconds > 0


@each_client
def test_the_last_of_several_errors_is_raised(kind: Kind, server: HttpServer) -> None:
    with Wire([Peer.reset, answer(b"", 503)], answer(b"", 404)) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire))
        assert type(error) is NotFoundError
        assert error.attempts == len(wire.requests) == 3


# Retry-After


@each_client
@pytest.mark.parametrize(("status", "seconds"), [(429, "0.3"), (503, " 0.2 ")])
def test_retry_after_in_seconds_is_waited(kind: Kind, status: int, seconds: str, server: HttpServer) -> None:
    with Wire([answer(b"", status, retry_after=seconds)], answer(SAMPLE)) as wire:
        get(kind, "superagentes:a", superagentes(wire), retry=QUICK)
        assert len(wire.requests) == 2
        assert min(wire.gaps) >= float(seconds)


@each_client
@pytest.mark.parametrize("ahead_seconds", [-3 * 3600, 3 * 3600], ids=["behind", "ahead"])
def test_a_date_counts_from_that_of_the_response_if_our_clock_is_wrong(
    kind: Kind, ahead_seconds: int, server: HttpServer
) -> None:
    theirs = int(time.time()) + ahead_seconds
    headers = {"date": formatdate(theirs, usegmt=True), "retry_after": formatdate(theirs + 1, usegmt=True)}
    with Wire([answer(b"", 429, **headers)], answer(SAMPLE)) as wire:
        get(kind, "superagentes:a", superagentes(wire), retry=QUICK)
        assert len(wire.requests) == 2
        assert min(wire.gaps) >= 1


@each_client
@pytest.mark.parametrize("value", ["0", "0.0", "0.001", "-1", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_retry_after_of_no_time_does_not_replace_the_backoff(kind: Kind, value: str, server: HttpServer) -> None:
    days = Retry(initial_backoff_seconds=1e6, max_backoff_seconds=1e6)
    server.first = [(503, b"", {"Retry-After": value})]
    error = failure(kind, "superagentes:a", superagentes(server), retry=days, timeout=5)
    assert isinstance(error, ServerError)
    assert len(server.requests) == 1  # the backoff that was drawn is longer than the time for the call


@each_client
def test_retry_after_as_a_date_is_waited_for(kind: Kind, server: HttpServer) -> None:
    date = math.ceil(time.time()) + 1
    with Wire([answer(b"", 429, retry_after=formatdate(date, usegmt=True))], answer(SAMPLE)) as wire:
        get(kind, "superagentes:a", superagentes(wire), retry=QUICK)
        assert [request.moment >= date for request in wire.requests] == [False, True]


@each_client
@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 1999 23:59:59 GMT",
        "0",
        "",
        "soon",
        "-1",
        "-99999",
        "nan",
        "inf",
        "1e9",
        "\u0661",
        "0x10",
        "Fri, 99 Dec 1999",
        "\xff",
    ],
)
def test_a_retry_after_of_no_use_is_as_good_as_none(kind: Kind, value: str, server: HttpServer) -> None:
    with Wire([answer(b"", 429, retry_after=value.encode().decode("latin-1"))], answer(SAMPLE)) as wire:
        assert get(kind, "superagentes:a", superagentes(wire), retry=QUICK).raw == SAMPLE
        assert len(wire.requests) == 2


LONG_WAITS = {"61": 61.0, "3600": 3600.0, "999999999": 999999999.0, "99999999999": 99999999999.0}


@each_client
@pytest.mark.parametrize("status", [429, 503, 500])
@pytest.mark.parametrize("value", LONG_WAITS)
def test_a_wait_above_the_cap_is_raised_at_once(kind: Kind, status: int, value: str, server: HttpServer) -> None:
    server.answer(status, b"", {"Retry-After": value})
    error = failure(kind, "superagentes:a", superagentes(server), timeout=1e6)
    assert isinstance(error, RateLimitedError | ServerError)
    assert error.retry_after == LONG_WAITS[value]
    assert (error.attempts, error.retryable, len(server.requests)) == (1, True, 1)


@each_client
def test_a_far_date_is_raised_at_once(kind: Kind, server: HttpServer) -> None:
    date = int(time.time()) + 3600
    server.answer(429, b"", {"Retry-After": formatdate(date, usegmt=True)})
    before = time.time()
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after is not None
    assert date - time.time() <= error.retry_after <= date - before
    assert len(server.requests) == 1


@each_client
def test_the_cap_on_retry_after_is_an_option(kind: Kind, server: HttpServer) -> None:
    retry = Retry(max_retry_after_seconds=0.2)
    for seconds, count in {"0.2": 2, "0.21": 1}.items():
        with Wire([answer(b"", 429, retry_after=seconds)], answer(b"", 404)) as wire:
            failure(kind, "superagentes:a", superagentes(wire), retry=retry)
            assert len(wire.requests) == count


@each_client
def test_a_wait_beyond_the_time_that_is_left_is_raised_at_once(kind: Kind, server: HttpServer) -> None:
    server.answer(429, b"", {"Retry-After": "20"})
    error = failure(kind, "superagentes:a", superagentes(server), timeout=Timeout(total_seconds=15))
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.attempts, len(server.requests)) == (20, 1, 1)
    assert error.elapsed_seconds < 15


# Options


@each_client
@pytest.mark.parametrize("retry", [None, 3, False, "5"], ids=repr)
def test_a_retry_that_is_none_is_refused(kind: Kind, retry: Any, server: HttpServer) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), retry=retry)) is ConfigurationError


def test_the_samples_are_what_the_servers_say() -> None:
    assert json.loads(SAMPLE)
    assert WHOLE.endswith(SAMPLE)


# Laws of a retry

RETRIES = st.builds(
    Retry,
    attempts=st.integers(1, 10**6),
    initial_backoff_seconds=SECONDS,
    max_backoff_seconds=SECONDS,
    max_retry_after_seconds=SECONDS,
)


NUMBERS = ("attempts", "initial_backoff_seconds", "max_backoff_seconds", "max_retry_after_seconds")


def limited(seconds: float | None) -> RateLimitedError:
    error = RateLimitedError("told", status=429, retry_after=seconds)
    error.retryable = True
    return error


@given(RETRIES, st.integers(1, 10**6), st.floats(0, 1))
def test_a_wait_lies_between_nothing_and_the_longest_which_doubles(retry: Retry, attempts: int, draw: float) -> None:
    assume(attempts < retry.attempts)
    longest = min(retry.max_backoff_seconds, retry.initial_backoff_seconds * 2.0 ** min(attempts - 1, 1000))
    for error in (TransportError("told", reason=TransportErrorReason.RESET), limited(None)):
        assert retry.backoff_seconds(error, attempts, jitter=1) == pytest.approx(longest)
        assert retry.backoff_seconds(error, attempts, jitter=0) == 0
        for wait in (retry.backoff_seconds(error, attempts, jitter=draw), retry.backoff_seconds(error, attempts)):
            assert wait is not None
            assert 0 <= wait <= longest * (1 + 1e-9)


@given(RETRIES, st.floats(0, 1))
def test_waits_without_a_draw_differ(retry: Retry, draw: float) -> None:
    assume(retry.attempts > 1)
    waits = {retry.backoff_seconds(TransportError("told", reason=TransportErrorReason.RESET), 1) for _ in range(5)}
    assert len(waits) > 1


@given(RETRIES, st.integers(0, 10**6), st.floats(0, 1e6))
def test_no_attempt_is_made_beyond_those_given(retry: Retry, more: int, seconds: float) -> None:
    for error in (TransportError("told", reason=TransportErrorReason.RESET), limited(None), limited(seconds)):
        assert retry.backoff_seconds(error, retry.attempts + more) is None


@given(RETRIES, st.integers(1, 10**6), st.floats(0, 2e6), st.floats(0, 1))
def test_a_wait_that_is_asked_for_is_kept_or_not_begun(
    retry: Retry, attempts: int, seconds: float, draw: float
) -> None:
    assume(attempts < retry.attempts)
    wait = retry.backoff_seconds(limited(seconds), attempts, jitter=draw)
    hopeless = seconds > retry.max_retry_after_seconds
    assert retry.exceeds_retry_after_limit(limited(seconds)) is hopeless
    assert (wait is None) is hopeless
    assert wait is None or wait >= seconds


@given(RETRIES, st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_retry_after_never_shortens_the_backoff(retry: Retry, attempts: int, share: float, draw: float) -> None:
    assume(attempts < retry.attempts)
    backoff = retry.backoff_seconds(limited(None), attempts, jitter=draw)
    for seconds in (0.0, share * retry.max_retry_after_seconds):
        wait = retry.backoff_seconds(limited(seconds), attempts, jitter=draw)
        assert backoff is not None
        assert wait == max(backoff, seconds)


@given(RETRIES, st.integers(1, 10**6), st.none() | st.floats(0, 1e9))
def test_what_another_attempt_does_not_change_is_not_tried_again(
    retry: Retry, attempts: int, seconds: float | None
) -> None:
    error = NotFoundError("told", status=404, retry_after=seconds)
    assert retry.backoff_seconds(error, attempts) is None
    assert not retry.exceeds_retry_after_limit(error)


@pytest.mark.parametrize("number", NOT_POSITIVE, ids=repr)
@pytest.mark.parametrize("name", NUMBERS)
def test_retry_takes_numbers_above_0(name: str, number: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Retry(**{name: number})


@pytest.mark.parametrize("attempts", [1.5, 0.5, 2.0])
def test_attempts_are_whole(attempts: Any) -> None:
    with pytest.raises(ConfigurationError, match="attempts"):
        Retry(attempts=attempts)
