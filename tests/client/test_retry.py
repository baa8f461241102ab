"""When a client asks again, how long it waits before, when it gives up, and when a run of many stops."""

import asyncio
import itertools
import json
import logging
import math
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from conversas import (
    ApiError,
    AsyncClient,
    AuthenticationError,
    BodyTooLargeError,
    Client,
    ConfigurationError,
    ConversasError,
    DecodeError,
    DriftError,
    Failed,
    Fetched,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    Retry,
    ServerError,
    Timeout,
    TransportError,
)
from conversas.client.batch import FAILURES_AT_FIRST
from support.broken_responses import BROKEN, CHUNKED, WHOLE
from support.byte_server import LONGEST_STALL_SECONDS, Peer, Play, Wire, answer, bytes_then
from support.client_kinds import QUICK, Kind, each_client, each_sender, failure, get, get_many, stopped
from support.client_logs import LoggedStatus
from support.examples import body_of
from support.http_server import Loopback
from support.providers import NO_CERTIFICATES, superagentes, zild
from support.refs import alternating, refs_of

SAMPLE = body_of("superagentes/sample")
SAMPLE_OF_ZILD = body_of("zild/sample")
RETRIED = [408, 425, 429, 500, 502, 503, 504, *range(520, 530)]
NOT_RETRIED = [201, 204, 301, 304, 400, 402, 403, 404, 405, 409, 410, 422, 424, 426, 428, 431, 451, 499, 501, 505, 508]
NOT_RETRIED += [510, 511, 519, 530, 599]


def quick(attempts: int) -> Retry:
    return Retry(attempts=attempts, first_wait_seconds=0.001)


# What is tried again


each_break = pytest.mark.parametrize("play", BROKEN.values(), ids=BROKEN)


@each_sender
@each_break
def test_a_broken_connection_is_tried_again(kind: Kind, play: Play, server: Loopback) -> None:
    with Wire([play], answer(SAMPLE)) as wire:
        conversation = get(kind, "superagentes:a", superagentes(wire), retry=QUICK, timeout=Timeout(read_seconds=0.3))
        assert conversation.raw == SAMPLE
        assert len(wire.requests) == 2


@each_sender
@each_break
def test_a_connection_that_stays_broken_is_an_error_that_knows_its_attempts(
    kind: Kind, play: Play, server: Loopback
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
    kind: Kind, server: Loopback, certificate: Path
) -> None:
    with Wire([bytes_then(WHOLE[:-1], Peer.garble)], answer(b"", 404), certificate=certificate) as wire:
        options: dict[str, Any] = {"verify": ssl.create_default_context(cafile=certificate)}
        with pytest.raises(TransportError) as raised:
            get(kind, "superagentes:a", superagentes(wire), retry=quick(1), **options)
        assert raised.value.reason == "ReadError"
        with pytest.raises(NotFoundError):
            get(kind, "superagentes:a", superagentes(wire), **options)


@each_client
@pytest.mark.parametrize("status", RETRIED)
def test_a_status_that_may_pass_is_tried_again(kind: Kind, status: int, server: Loopback) -> None:
    server.first = [(status, b"", {})] * 4
    server.answer(200, SAMPLE)
    assert get(kind, "superagentes:a", superagentes(server), retry=QUICK).raw == SAMPLE
    assert len(server.requests) == 5


@each_client
@pytest.mark.parametrize("status", NOT_RETRIED)
def test_another_status_is_not_tried_again(kind: Kind, status: int, server: Loopback) -> None:
    server.first = [(status, b"", {"Retry-After": "0"})]
    server.answer(200, SAMPLE)
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, ApiError)
    assert (error.status, error.attempts, error.retryable, len(server.requests)) == (status, 1, False, 1)


@each_client
def test_a_401_of_a_token_that_cannot_change_is_not_tried_again(kind: Kind, server: Loopback) -> None:
    server.first = [(401, b"", {})]
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server))) is AuthenticationError
    assert len(server.requests) == 1


@each_client
@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_so_many_attempts_are_made_as_are_given(kind: Kind, attempts: int, server: Loopback) -> None:
    server.answer(503)
    error = failure(kind, "superagentes:a", superagentes(server), retry=quick(attempts))
    assert type(error) is ServerError
    assert error.retryable
    assert error.attempts == len(server.requests) == attempts


@each_client
def test_one_attempt_never_tries_a_broken_connection_again(kind: Kind, server: Loopback) -> None:
    with Wire() as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), retry=quick(1))
        assert type(error) is TransportError
        assert error.attempts == len(wire.requests) == 1


@each_client
def test_a_success_after_failures_of_many_kinds_knows_its_attempts(kind: Kind, server: Loopback) -> None:
    plays = [answer(b"", 500), Peer.reset, BROKEN["closed in the body"], answer(b"", 429)]
    with Wire(plays, answer(SAMPLE)) as wire:
        (outcome,) = get_many(kind, ["superagentes:a"], superagentes(wire), retry=QUICK)
        assert isinstance(outcome, Fetched)
        assert outcome.attempts == len(wire.requests) == 5
        assert outcome.elapsed_seconds > 0


@each_client
def test_the_last_of_several_errors_is_raised(kind: Kind, server: Loopback) -> None:
    with Wire([Peer.reset, answer(b"", 503)], answer(b"", 404)) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire))
        assert type(error) is NotFoundError
        assert error.attempts == len(wire.requests) == 3


# Retry-After


@each_client
@pytest.mark.parametrize(("status", "seconds"), [(429, "0.3"), (503, " 0.2 ")])
def test_retry_after_in_seconds_is_waited(kind: Kind, status: int, seconds: str, server: Loopback) -> None:
    with Wire([answer(b"", status, retry_after=seconds)], answer(SAMPLE)) as wire:
        get(kind, "superagentes:a", superagentes(wire), retry=QUICK)
        assert len(wire.requests) == 2
        assert min(wire.gaps) >= float(seconds)


@each_client
def test_retry_after_as_a_date_is_waited_for(kind: Kind, server: Loopback) -> None:
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
def test_a_retry_after_of_no_use_is_as_good_as_none(kind: Kind, value: str, server: Loopback) -> None:
    with Wire([answer(b"", 429, retry_after=value.encode().decode("latin-1"))], answer(SAMPLE)) as wire:
        assert get(kind, "superagentes:a", superagentes(wire), retry=QUICK).raw == SAMPLE
        assert len(wire.requests) == 2


LONG_WAITS = {"61": 61.0, "3600": 3600.0, "999999999": 999999999.0, "99999999999": 99999999999.0}


@each_client
@pytest.mark.parametrize("status", [429, 503, 500])
@pytest.mark.parametrize("value", LONG_WAITS)
def test_a_wait_above_the_cap_is_raised_at_once(kind: Kind, status: int, value: str, server: Loopback) -> None:
    server.answer(status, b"", {"Retry-After": value})
    error = failure(kind, "superagentes:a", superagentes(server), timeout=1e6)
    assert isinstance(error, RateLimitedError | ServerError)
    assert error.retry_after == LONG_WAITS[value]
    assert (error.attempts, error.retryable, len(server.requests)) == (1, True, 1)


@each_client
def test_a_far_date_is_raised_at_once(kind: Kind, server: Loopback) -> None:
    date = int(time.time()) + 3600
    server.answer(429, b"", {"Retry-After": formatdate(date, usegmt=True)})
    before = time.time()
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after is not None
    assert date - time.time() <= error.retry_after <= date - before
    assert len(server.requests) == 1


@each_client
def test_the_cap_on_retry_after_is_an_option(kind: Kind, server: Loopback) -> None:
    retry = Retry(longest_retry_after_seconds=0.2)
    for seconds, count in {"0.2": 2, "0.21": 1}.items():
        with Wire([answer(b"", 429, retry_after=seconds)], answer(b"", 404)) as wire:
            failure(kind, "superagentes:a", superagentes(wire), retry=retry)
            assert len(wire.requests) == count


@each_client
def test_a_wait_beyond_the_time_that_is_left_is_raised_at_once(kind: Kind, server: Loopback) -> None:
    server.answer(429, b"", {"Retry-After": "20"})
    error = failure(kind, "superagentes:a", superagentes(server), timeout=Timeout(total_seconds=15))
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.attempts, len(server.requests)) == (20, 1, 1)
    assert error.elapsed_seconds < 15


# The time there is

DROPS = 60  # they take more than a second


def dripping_after(start: bytes, drops: bytes, end: bytes) -> Play:
    """Send the start, then drop by drop, then the end; give whether the client hung up before the end."""

    def play(peer: Peer) -> bool:
        peer.send(start)
        hung_up = peer.drip([bytes([drop]) for drop in drops])
        peer.send(end)
        return hung_up

    return play


def hinting(peer: Peer) -> bool:
    """Send one informational answer after the other before the true one."""
    hung_up = peer.drip([b"HTTP/1.1 103 Early Hints\r\n\r\n"] * DROPS)
    peer.send(WHOLE)
    return hung_up


SLOW: dict[str, Play] = {
    "a dripping body": dripping_after(WHOLE[: -len(SAMPLE)], SAMPLE[:DROPS], SAMPLE[DROPS:]),
    "dripping headers": dripping_after(WHOLE[:17], b"X: " + b"x" * DROPS, b"\r\n" + WHOLE[17:]),
    "dripping sizes of chunks": dripping_after(
        CHUNKED + b"%x;" % len(SAMPLE), b"x" * DROPS, b"\r\n" + SAMPLE + b"\r\n0\r\n\r\n"
    ),
    "many hints": hinting,
    "a stall before the headers": lambda peer: peer.stall(),
    "a stall in the body": BROKEN["stalled in the body"],
}
each_slowness = pytest.mark.parametrize("play", SLOW.values(), ids=SLOW)


@each_client
@each_slowness
def test_the_time_for_a_conversation_bounds_an_answer_that_does_not_end(
    kind: Kind, play: Play, server: Loopback, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    with Wire(standing=play, certificate=certificate) as wire:
        options: dict[str, Any] = {"timeout": Timeout(total_seconds=0.4), "verify": trusting}
        error = failure(kind, "superagentes:a", superagentes(wire), **options)
    assert type(error) is TransportError
    assert error.retryable
    assert error.elapsed_seconds >= 0.4
    assert error.attempts == len(wire.requests) == 1
    assert wire.ended[0] in (True, None)  # the client hung up


@pytest.mark.xfail(reason="httpcore begins its read timeout anew with each piece of headers", strict=True)
def test_headers_that_trickle_in_without_tls_are_bounded_for_a_blocking_client(server: Loopback) -> None:
    with Wire(standing=SLOW["dripping headers"]) as wire:
        failure(Client, "superagentes:a", superagentes(wire), timeout=Timeout(total_seconds=0.4))
    assert wire.ended[0] in (True, None)  # the client hung up


@each_client
def test_a_timeout_in_seconds_is_for_the_whole_conversation(kind: Kind, server: Loopback) -> None:
    with Wire(standing=SLOW["a dripping body"]) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), timeout=0.4)
    assert type(error) is TransportError
    assert (error.attempts, len(wire.requests)) == (1, 1)
    assert error.elapsed_seconds >= 0.4
    assert wire.ended[0] in (True, None)


@each_client
@pytest.mark.parametrize("play", [SLOW["a dripping body"], SLOW["dripping headers"]], ids=["body", "headers"])
def test_the_time_of_the_client_bounds_each_of_many(kind: Kind, play: Play, server: Loopback) -> None:
    with Wire([play], answer(SAMPLE)) as wire:
        refs = ["superagentes:a", "superagentes:b"]
        options: dict[str, Any] = {"timeout": Timeout(total_seconds=0.4), "concurrency": 1}
        outcomes = get_many(kind, refs, superagentes(wire), **options)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]
    assert len(wire.requests) == 2
    assert wire.ended[0] in (True, None)


@each_client
def test_the_time_is_for_all_attempts_together(kind: Kind, server: Loopback) -> None:
    with Wire(standing=answer(b"", 503, retry_after="0.3")) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), timeout=Timeout(total_seconds=1), retry=quick(99))
        assert type(error) is ServerError
        assert error.attempts == len(wire.requests)
        assert error.attempts <= 4  # at 0, 0.3, 0.6 and 0.9 seconds
        assert error.elapsed_seconds >= 0.7  # then there is no time for another wait


@each_client
def test_a_stall_that_is_shorter_than_the_time_to_read_is_no_error(kind: Kind, server: Loopback) -> None:
    def pausing(peer: Peer) -> None:
        peer.send(WHOLE[:-9])
        peer.stall(0.2)
        peer.send(WHOLE[-9:])

    with Wire([pausing]) as wire:
        assert get(kind, "superagentes:a", superagentes(wire)).raw == SAMPLE


@each_client
@pytest.mark.parametrize("timeout", [0, -1, math.nan, "5", True, (1, 2)], ids=repr)
def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(kind: Kind, timeout: Any, server: Loopback) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), timeout=timeout)) is ConfigurationError
    assert server.requests == []


@each_client
@pytest.mark.parametrize("seconds", [math.inf, 1e10, 1e300])
@pytest.mark.parametrize("make", [float, lambda seconds: Timeout(total_seconds=seconds)], ids=["seconds", "total"])
def test_a_very_long_timeout_is_refused_or_kept(kind: Kind, seconds: float, make: Any, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    try:
        conversation = get(kind, "superagentes:a", superagentes(server), timeout=make(seconds))
    except ConfigurationError:
        assert server.requests == []
    else:
        assert conversation.raw == SAMPLE


# Runs of many: what stops them


@each_client
def test_a_refused_token_stops_a_run(kind: Kind, server: Loopback) -> None:
    server.answer(401)
    read: list[str] = []
    error, outcomes = stopped(kind, refs_of("zild", 500, read), zild(server))
    assert type(error) is AuthenticationError
    assert outcomes == []
    assert 1 <= len(server.requests) <= 4
    assert len(read) <= 20
    assert any("stopped for zild" in note for note in error.__notes__)


@each_client
def test_a_token_refused_in_the_middle_leaves_the_outcomes_before_it(kind: Kind, server: Loopback) -> None:
    server.first = [(200, SAMPLE_OF_ZILD, {})] * 20
    server.answer(401)
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server))
    assert type(error) is AuthenticationError
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 20
    assert len(server.requests) <= 24


@pytest.mark.parametrize(("asked", "concurrency"), [(1, 1), (3, 3), (1, 3)])
def test_a_run_that_stops_waits_for_no_more_refs(asked: int, concurrency: int, server: Loopback) -> None:
    server.answer(401)

    async def refs() -> AsyncIterator[str]:
        for number in range(1, asked + 1):
            yield f"zild:{number}"
        await asyncio.Event().wait()

    async def run() -> None:
        async with AsyncClient(zild(server), verify=NO_CERTIFICATES) as client:
            await asyncio.wait_for(anext(client.get_many(refs(), concurrency=concurrency)), LONGEST_STALL_SECONDS)

    with pytest.raises(AuthenticationError):
        asyncio.run(run())


@each_client
def test_a_token_that_is_refused_after_its_refresh_stops_a_run(kind: Kind, server: Loopback) -> None:
    server.answer(401)
    tokens = map("token-{}".format, itertools.count())
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server, lambda: next(tokens)))
    assert type(error) is AuthenticationError
    assert outcomes == []
    assert 2 <= len(server.requests) <= 8


@each_client
def test_refused_connections_stop_a_run(kind: Kind, server: Loopback) -> None:
    with Wire() as gone:
        platform = zild(gone)
    read: list[str] = []
    error, outcomes = stopped(kind, refs_of("zild", 500, read), platform)
    assert type(error) is TransportError
    assert error.reason == "ConnectionRefusedError"
    assert outcomes == []
    assert len(read) <= 20


@each_client
def test_connections_that_are_accepted_and_broken_do_not_stop_a_run(kind: Kind, server: Loopback) -> None:
    with Wire() as wire:
        outcomes = get_many(kind, refs_of("zild", 10), zild(wire), retry=quick(1))
        assert [type(outcome) for outcome in outcomes] == [Failed] * 10
        assert len(wire.requests) == 10


@each_client
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_above_the_cap_stops_a_run(kind: Kind, status: int, server: Loopback) -> None:
    server.answer(status, b"", {"Retry-After": "3600"})
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server))
    assert isinstance(error, RateLimitedError | ServerError)
    assert error.retry_after == 3600
    assert outcomes == []
    assert len(server.requests) <= 4


@each_client
def test_a_key_that_is_always_forbidden_stops_a_run_of_superagentes(kind: Kind, server: Loopback) -> None:
    server.answer(403)
    error, outcomes = stopped(kind, refs_of("superagentes", 500), superagentes(server))
    assert type(error) is PermissionDeniedError
    assert {type(outcome.error) for outcome in outcomes} == {PermissionDeniedError}
    assert len(server.requests) <= 20


@each_client
def test_conversations_that_are_forbidden_do_not_stop_a_run_of_zild(kind: Kind, server: Loopback) -> None:
    server.answer(403)
    outcomes = get_many(kind, refs_of("zild", 40), zild(server))
    assert len(outcomes) == len(server.requests) == 40


@each_client
@pytest.mark.parametrize(
    ("status", "headers"), [(401, {}), (429, {"Retry-After": "3600"})], ids=["refused token", "long wait"]
)
def test_the_other_platform_goes_on_to_the_end(
    kind: Kind, status: int, headers: dict[str, str], server: Loopback
) -> None:
    server.answer(status, b"", headers)
    with Loopback(body=SAMPLE) as other:
        refs = alternating(refs_of("zild", 500), refs_of("superagentes", 60))
        error, outcomes = stopped(kind, refs, zild(server), superagentes(other))
    assert isinstance(error, AuthenticationError | RateLimitedError)
    assert error.provider == "zild"
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(1, 61))
    assert {type(outcome) for outcome in outcomes} == {Fetched}
    assert len(server.requests) <= 4
    assert len(other.requests) == 60


@each_client
def test_two_platforms_that_stop_are_both_named(kind: Kind, server: Loopback) -> None:
    server.answer(401)
    refs = alternating(refs_of("zild", 500), refs_of("superagentes", 500))
    error, outcomes = stopped(kind, refs, zild(server), superagentes(server))
    assert type(error) is AuthenticationError
    assert outcomes == []
    said = f"{error} {error.__notes__}"
    assert "zild:" in said
    assert "superagentes:" in said
    assert len(server.requests) <= 8


USELESS: dict[str, tuple[int, bytes]] = {
    "an outage": (503, b""),
    "a login page": (200, b"<html>"),
    "a redirect": (302, b""),
    "no permission": (403, b""),
}


@each_client
@pytest.mark.parametrize(("status", "body"), USELESS.values(), ids=USELESS)
def test_a_run_that_brings_nothing_but_failures_stops(kind: Kind, status: int, body: bytes, server: Loopback) -> None:
    server.answer(status, body)
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server), retry=quick(1))
    assert error.__notes__ == [
        "the run stopped for zild, as nothing but failures came; what is left can be asked for in another run"
    ]
    assert [type(outcome) for outcome in outcomes] == [Failed] * (FAILURES_AT_FIRST - 1)
    assert len(server.requests) < FAILURES_AT_FIRST + 10


# Runs of many: what does not stop them


@each_client
def test_an_outage_in_the_middle_does_not_stop_a_run(kind: Kind, server: Loopback) -> None:
    server.first = [(200, SAMPLE_OF_ZILD, {})]
    server.answer(503)
    outcomes = get_many(kind, refs_of("zild", 80), zild(server), retry=quick(1), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Fetched] + [Failed] * 79


@each_client
def test_conversations_that_are_not_there_do_not_stop_a_run(kind: Kind, server: Loopback) -> None:
    server.answer(404)
    assert len(get_many(kind, refs_of("zild", 80), zild(server))) == 80


@each_client
def test_conversations_that_differ_from_the_spec_do_not_stop_a_run(kind: Kind, server: Loopback) -> None:
    server.answer(200, b'{"id": "one"}')
    outcomes = get_many(kind, refs_of("zild", 80), zild(server), on_drift="raise")
    assert {type(outcome.error) for outcome in outcomes if isinstance(outcome, Failed)} == {DriftError}
    assert len(outcomes) == 80


SINGLE: dict[str, tuple[list[Play], type[ConversasError]]] = {
    "404": ([answer(b"", 404)], NotFoundError),
    "403": ([answer(b"", 403)], PermissionDeniedError),
    "null": ([answer(b"null")], NotFoundError),
    "no JSON": ([answer(b"<html>")], DecodeError),
    "too large": ([answer(b"x" * 100_000)], BodyTooLargeError),
    "500 to the end": ([answer(b"", 500)] * 3, ServerError),
    "429 to the end": ([answer(b"", 429)] * 3, RateLimitedError),
    "broken to the end": ([Peer.reset] * 3, TransportError),
    "garbage to the end": ([BROKEN["bytes"]] * 3, TransportError),
}


@each_client
@pytest.mark.parametrize(("plays", "error"), SINGLE.values(), ids=SINGLE)
def test_one_conversation_that_fails_does_not_stop_a_run(
    kind: Kind, plays: list[Play], error: type[ConversasError], server: Loopback
) -> None:
    with Wire([answer(SAMPLE), *plays], answer(SAMPLE)) as wire:
        options: dict[str, Any] = {"retry": quick(3), "concurrency": 1, "max_body_bytes": 50_000}
        outcomes = get_many(kind, refs_of("superagentes", 5), superagentes(wire), **options)
        assert [type(outcome) for outcome in outcomes] == [Fetched, Failed, Fetched, Fetched, Fetched]
        failed = outcomes[1]
        assert isinstance(failed, Failed)
        assert type(failed.error) is error
        assert failed.error.attempts == len(plays)
        assert failed.error.ref == failed.ref
        assert len(wire.requests) == 4 + len(plays)


@each_client
def test_outcomes_hold_no_frames_and_no_other_errors(kind: Kind, server: Loopback) -> None:
    plays = [*(play for plays, _ in SINGLE.values() for play in plays[:1]), BROKEN["stalled in the body"]]
    with Wire(plays) as wire:
        options: dict[str, Any] = {"retry": quick(1), "max_body_bytes": 50_000, "timeout": Timeout(read_seconds=0.2)}
        refs = [*refs_of("superagentes", len(plays)), "superagentes:.."]
        outcomes = get_many(kind, refs, superagentes(wire), **options)
        assert len(outcomes) == len(refs)
        for outcome in outcomes:
            assert isinstance(outcome, Failed)
            error = outcome.error
            assert [error.__traceback__, error.__cause__, error.__context__] == [None, None, None]


@each_client
@pytest.mark.parametrize("bad", ["superagentes:..", "superagentes:a\n", "superagentes:\ud800", "zild:007", "zild:1"])
def test_a_ref_that_is_no_id_of_its_platform_fails_alone(kind: Kind, bad: str, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    outcomes = get_many(kind, ["superagentes:a", bad, "superagentes:b"], superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Fetched, Failed, Fetched]
    failed = outcomes[1]
    assert isinstance(failed, Failed)
    assert type(failed.error) is ConfigurationError
    assert str(failed.ref) in str(failed.error)
    assert len(server.requests) == 2


@each_client
def test_an_id_that_is_too_long_for_an_address_fails_alone(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    refs = ["superagentes:" + "a" * 70_000, "superagentes:a"]
    outcomes = get_many(kind, refs, superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]


@each_client
@pytest.mark.parametrize("bad", ["", "superagentes", "superagentes:", ":a", None, 7, b"superagentes:a"], ids=repr)
def test_what_is_no_ref_ends_a_run(kind: Kind, bad: Any, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    error, outcomes = stopped(kind, iter(["superagentes:a", bad]), superagentes(server), concurrency=1)
    assert type(error) is ConfigurationError
    assert [type(outcome) for outcome in outcomes] == [Fetched]


# Runs of many: how fast they go


@pytest.fixture
def seen_429(caplog: pytest.LogCaptureFixture) -> Iterator[Event]:
    """Give what is set once the client knows of a 429."""
    caplog.set_level(logging.INFO, "conversas")
    handler = LoggedStatus("429")
    logging.getLogger("conversas").addHandler(handler)
    yield handler.event
    logging.getLogger("conversas").removeHandler(handler)


@each_client
def test_one_429_holds_all_requests_to_its_platform_back(kind: Kind, seen_429: Event, server: Loopback) -> None:
    def after_the_429(peer: Peer) -> None:
        seen_429.wait(LONGEST_STALL_SECONDS)
        peer.send(WHOLE)

    plays: list[Play] = [answer(b"", 429, retry_after="0.5"), after_the_429, after_the_429, after_the_429]
    with Wire(plays, answer(SAMPLE)) as wire:
        outcomes = get_many(kind, refs_of("superagentes", 12), superagentes(wire), concurrency=4)
        assert {type(outcome) for outcome in outcomes} == {Fetched}
        assert len(wire.requests) == 13
        asked = wire.requests[0].at
        assert min(request.at for request in wire.requests[4:]) - asked >= 0.5


@each_client
def test_a_429_of_one_platform_does_not_hold_the_other_back(kind: Kind, server: Loopback) -> None:
    with Wire([answer(b"", 429, retry_after="1")], answer(SAMPLE_OF_ZILD)) as slow, Loopback(body=SAMPLE) as other:
        refs = ["zild:1", *refs_of("superagentes", 20)]
        outcomes = get_many(kind, refs, zild(slow), superagentes(other), concurrency=2)
        assert [str(outcome.ref) for outcome in outcomes][-1] == "zild:1"


@each_client
def test_a_503_holds_back_its_own_conversation_alone(kind: Kind, server: Loopback) -> None:
    with Wire([answer(b"", 503, retry_after="1")], answer(SAMPLE)) as wire:
        outcomes = get_many(kind, refs_of("superagentes", 20), superagentes(wire), concurrency=2)
        assert len(outcomes) == 20
        assert wire.requests[0].target == wire.requests[-1].target


@each_client
def test_waiting_for_others_spends_no_time_of_a_conversation(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    options: dict[str, Any] = {"requests_per_second": 3.0, "timeout": Timeout(total_seconds=1.5), "concurrency": 8}
    outcomes = get_many(kind, refs_of("superagentes", 8), superagentes(server), **options)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 8
    assert len(server.requests) == 8


@each_client
def test_requests_per_second_are_kept(kind: Kind, server: Loopback) -> None:
    with Wire(standing=answer(SAMPLE)) as wire:
        refs = refs_of("superagentes", 9)
        get_many(kind, refs, superagentes(wire), concurrency=4, requests_per_second=10.0)
        times = sorted(request.at for request in wire.requests)
        assert len(times) == 9
        assert times[-1] - times[0] >= 0.8 - 0.3  # the first may have been late


@each_client
def test_attempts_count_for_requests_per_second(kind: Kind, server: Loopback) -> None:
    with Wire(standing=answer(b"", 500)) as wire:
        get_many(kind, refs_of("superagentes", 1), superagentes(wire), retry=quick(7), requests_per_second=10.0)
        assert len(wire.requests) == 7
        assert sum(wire.gaps) >= 0.6 - 0.3


@each_client
@pytest.mark.parametrize("rate", [0, -1, math.nan, "2", True], ids=repr)
def test_a_rate_that_is_none_is_refused(kind: Kind, rate: Any, server: Loopback) -> None:
    error, _ = stopped(kind, iter(["superagentes:a"]), superagentes(server), requests_per_second=rate)
    assert type(error) is ConfigurationError
    assert server.requests == []


# Options


@each_client
@pytest.mark.parametrize("retry", [None, 3, False, "5"], ids=repr)
def test_a_retry_that_is_none_is_refused(kind: Kind, retry: Any, server: Loopback) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), retry=retry)) is ConfigurationError


def test_the_samples_are_what_the_servers_say() -> None:
    assert json.loads(SAMPLE)
    assert WHOLE.endswith(SAMPLE)
