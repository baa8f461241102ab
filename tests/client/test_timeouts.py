"""Timeouts: the time for a conversation bounds it, whatever the server does."""

import math
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from conversas import Client, ConfigurationError, Failed, Fetched, ServerError, Timeout, TransportError
from support.broken_responses import BROKEN, CHUNKED, WHOLE
from support.byte_server import Peer, Play, Wire, answer
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_many, quick
from support.examples import without_id
from support.http_server import HttpServer
from support.numbers import NOT_POSITIVE, SECONDS
from support.providers import superagentes

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


SAMPLE = without_id("superagentes/sample")
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


# The time for a conversation


@each_client
@each_slowness
def test_the_time_for_a_conversation_bounds_an_answer_that_does_not_end(
    kind: Kind, play: Play, server: HttpServer, certificate: Path
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


def test_headers_that_trickle_in_without_tls_are_bounded_for_a_blocking_client(
    server: HttpServer, engine: str, request: pytest.FixtureRequest
) -> None:
    if engine == "httpx":
        reason = "httpcore begins its read timeout anew with each piece of headers"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    with Wire(standing=SLOW["dripping headers"]) as wire:
        failure(Client, "superagentes:a", superagentes(wire), timeout=Timeout(total_seconds=0.4))
    assert wire.ended[0] in (True, None)  # the client hung up


@each_client
def test_a_timeout_in_seconds_is_for_the_whole_conversation(kind: Kind, server: HttpServer) -> None:
    with Wire(standing=SLOW["a dripping body"]) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), timeout=0.4)
    assert type(error) is TransportError
    assert (error.attempts, len(wire.requests)) == (1, 1)
    assert error.elapsed_seconds >= 0.4
    assert wire.ended[0] in (True, None)


@each_client
@pytest.mark.parametrize("play", [SLOW["a dripping body"], SLOW["dripping headers"]], ids=["body", "headers"])
def test_the_time_of_the_client_bounds_each_of_many(kind: Kind, play: Play, server: HttpServer) -> None:
    with Wire([play, answer(SAMPLE), play], answer(SAMPLE)) as wire:
        refs = ["superagentes:a", "superagentes:b"]
        options: dict[str, Any] = {"timeout": Timeout(total_seconds=0.4), "concurrency": 1}
        outcomes = get_many(kind, refs, superagentes(wire), **options)
    assert [type(outcome) for outcome in outcomes] == [Fetched, Failed]
    assert len(wire.requests) == 4  # both again: one that was answered, and then the one that was not
    assert wire.ended[0] in (True, None)


@each_client
def test_the_time_is_for_all_attempts_together(kind: Kind, server: HttpServer) -> None:
    with Wire(standing=answer(b"", 503, retry_after="1.2")) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), timeout=Timeout(total_seconds=2), retry=quick(4))
        assert type(error) is ServerError
        assert error.attempts == len(wire.requests) == 2  # after 0 and 1.2 seconds, far from the end of the time
        assert error.elapsed_seconds >= 1.2  # then there is no time for another wait


@each_client
def test_a_stall_that_is_shorter_than_the_time_to_read_is_no_error(kind: Kind, server: HttpServer) -> None:
    def pausing(peer: Peer) -> None:
        peer.send(WHOLE[:-9])
        peer.stall(0.2)
        peer.send(WHOLE[-9:])

    with Wire([pausing]) as wire:
        assert get(kind, "superagentes:a", superagentes(wire)).raw == SAMPLE


@each_sender
def test_a_stall_ends_by_the_time_to_read_also_if_a_connection_may_take_longer(kind: Kind, server: HttpServer) -> None:
    timeout = Timeout(connect_seconds=60, read_seconds=0.2)
    with Wire(standing=SLOW["a stall in the body"]) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), timeout=timeout, retry=quick(1))
    assert isinstance(error, TransportError)
    assert (error.reason, error.elapsed_seconds < 30) == ("read_timeout", True)


# Wrong timeouts


@each_client
@pytest.mark.parametrize("timeout", [0, -1, math.nan, "5", True, (1, 2)], ids=repr)
def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(
    kind: Kind, timeout: Any, server: HttpServer
) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), timeout=timeout)) is ConfigurationError
    assert server.requests == []


@each_client
@pytest.mark.parametrize("seconds", [math.inf, 1e10, 1e300])
@pytest.mark.parametrize("make", [float, lambda seconds: Timeout(total_seconds=seconds)], ids=["seconds", "total"])
def test_a_very_long_timeout_is_refused_or_kept(kind: Kind, seconds: float, make: Any, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    try:
        conversation = get(kind, "superagentes:a", superagentes(server), timeout=make(seconds))
    except ConfigurationError:
        assert server.requests == []
    else:
        assert conversation.raw == SAMPLE


TIMES = ("connect_seconds", "read_seconds", "total_seconds")


@pytest.mark.parametrize("number", NOT_POSITIVE, ids=repr)
@pytest.mark.parametrize("name", TIMES)
def test_timeout_takes_numbers_above_0(name: str, number: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Timeout(**{name: number})


@pytest.mark.parametrize("given", [number for number in NOT_POSITIVE if number is not None], ids=repr)
def test_seconds_of_a_call_are_a_number_above_0(given: Any) -> None:
    with pytest.raises(ConfigurationError):
        Timeout.resolve(given, Timeout())


@given(SECONDS, SECONDS)
def test_a_timeout_is_read_as_it_is_given(seconds: float, other: float) -> None:
    otherwise = Timeout(total_seconds=other)
    assert Timeout.resolve(None, otherwise) is otherwise
    assert Timeout.resolve(Timeout(read_seconds=seconds), otherwise) == Timeout(read_seconds=seconds)
    assert Timeout.resolve(seconds, otherwise).total_seconds == seconds
