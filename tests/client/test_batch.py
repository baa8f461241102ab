"""Runs of many in which something fails, and which go on."""

import itertools
import time
from threading import Event
from typing import Any

import pytest

from conversas import (
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
from conversas.client.circuit_breaker import MAX_SUSPECTS
from support.broken_responses import BROKEN, WHOLE
from support.byte_server import Peer, Play, Wire, answer
from support.client_kinds import Kind, each_client, get_many, quick, stopped
from support.examples import without_id
from support.http_server import GUARD_SECONDS, HttpServer, Reply, Request, always
from support.providers import superagentes, zild
from support.refs import alternating, refs_of

SAMPLE = without_id("superagentes/sample")
SAMPLE_OF_ZILD = without_id("zild/sample")


# One conversation

SINGLE: dict[str, tuple[list[Play], type[ConversasError]]] = {
    "404": ([answer(b"", 404)], NotFoundError),
    "403 for ever": ([answer(b"", 403)] * 2, PermissionDeniedError),
    "null": ([answer(b"null")], NotFoundError),
    "no JSON": ([answer(b"<html>")], DecodeError),
    "too large": ([answer(b"x" * 100_000)], BodyTooLargeError),
    "500 for ever": ([answer(b"", 500)] * 4, ServerError),
    "429 for ever": ([answer(b"", 429)] * 4, RateLimitedError),
    "broken for ever": ([Peer.reset] * 4, TransportError),
    "garbage for ever": ([BROKEN["bytes"]] * 4, TransportError),
}


@each_client
@pytest.mark.parametrize(("plays", "error"), SINGLE.values(), ids=SINGLE)
def test_one_conversation_that_fails_does_not_stop_a_run(
    kind: Kind, plays: list[Play], error: type[ConversasError], server: HttpServer
) -> None:
    def play(peer: Peer) -> object:
        return plays[0](peer) if peer.request.target.endswith("/2") else peer.send(WHOLE)

    with Wire(standing=play) as wire:
        options: dict[str, Any] = {"retry": quick(3), "concurrency": 1, "max_body_bytes": 50_000}
        outcomes = get_many(kind, refs_of("superagentes", 5), superagentes(wire), **options)
        assert sorted(outcome.ref.id for outcome in outcomes if isinstance(outcome, Fetched)) == list("1345")
        (failed,) = (outcome for outcome in outcomes if isinstance(outcome, Failed))
        assert type(failed.error) is error
        assert failed.error.attempts == len(plays)
        assert failed.error.ref == failed.ref


@each_client
def test_outcomes_hold_no_frames_and_no_other_errors(kind: Kind, server: HttpServer) -> None:
    plays = [*(play for plays, _ in SINGLE.values() for play in plays[:1]), BROKEN["stalled in the body"]]
    by_id = dict(enumerate(plays, 1))
    with Wire(standing=lambda peer: by_id[int(peer.request.target.rpartition("/")[2])](peer)) as wire:
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
def test_a_ref_that_is_no_id_of_its_platform_fails_alone(kind: Kind, bad: str, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    outcomes = get_many(kind, ["superagentes:a", bad, "superagentes:b"], superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Fetched, Failed, Fetched]
    failed = outcomes[1]
    assert isinstance(failed, Failed)
    assert type(failed.error) is ConfigurationError
    assert str(failed.ref) in str(failed.error)
    assert len(server.requests) == 2


@each_client
def test_an_id_that_is_too_long_for_an_address_fails_alone(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    refs = ["superagentes:" + "a" * 70_000, "superagentes:a"]
    outcomes = get_many(kind, refs, superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]


# One platform


@each_client
def test_connections_that_are_accepted_and_broken_do_not_stop_a_run(kind: Kind, server: HttpServer) -> None:
    with Wire() as wire:
        outcomes = get_many(kind, refs_of("zild", 10), zild(wire), retry=quick(1))
        assert [type(outcome) for outcome in outcomes] == [Failed] * 10
        assert len(wire.requests) == 10


@each_client
def test_conversations_that_are_forbidden_do_not_stop_a_run_of_zild(kind: Kind, server: HttpServer) -> None:
    server.answer(403)
    outcomes = get_many(kind, refs_of("zild", 40), zild(server))
    assert len(outcomes) == len(server.requests) == 40


@each_client
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_an_outage_in_the_middle_is_waited_out(kind: Kind, status: int, server: HttpServer) -> None:
    numbers = itertools.count(1)

    def reply(_: Request) -> Reply:
        if not 10 < next(numbers) <= 24:
            return 200, SAMPLE_OF_ZILD, {}
        time.sleep(0.05)  # the responses before the outage arrive first: each is a proof that the provider works
        return status, b"", {"Retry-After": "0"}

    server.reply = reply
    refs = refs_of("zild", 80)
    outcomes = get_many(kind, refs, zild(server), retry=quick(1), concurrency=4, outage_seconds=GUARD_SECONDS)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 80


@each_client
@pytest.mark.parametrize("outage_seconds", [0, 0.1])
def test_an_outage_that_lasts_longer_stops_a_run(kind: Kind, outage_seconds: float, server: HttpServer) -> None:
    server.first = [(200, SAMPLE_OF_ZILD, {})] * 3
    server.answer(503)
    options: dict[str, Any] = {"retry": quick(1), "concurrency": 1, "outage_seconds": outage_seconds}
    error, outcomes = stopped(kind, refs_of("zild", 80), zild(server), **options)
    assert isinstance(error, ServerError)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 3
    assert any("stopped for zild" in note for note in error.__notes__)


@each_client
def test_conversations_that_are_not_there_do_not_stop_a_run(kind: Kind, server: HttpServer) -> None:
    server.answer(404)
    assert len(get_many(kind, refs_of("zild", 80), zild(server))) == 80


@each_client
def test_conversations_that_differ_from_the_spec_do_not_stop_a_run(kind: Kind, server: HttpServer) -> None:
    server.answer(200, b'{"id": "one", "contactName": null}')
    outcomes = get_many(kind, refs_of("zild", 80), zild(server), on_drift="raise")
    assert {type(outcome.error) for outcome in outcomes if isinstance(outcome, Failed)} == {DriftError}
    assert len(outcomes) == 80


@each_client
@pytest.mark.parametrize(
    ("status", "headers"), [(401, {}), (429, {"Retry-After": "3600"})], ids=["refused token", "long wait"]
)
def test_the_other_platform_goes_on_to_the_end(
    kind: Kind, status: int, headers: dict[str, str], server: HttpServer
) -> None:
    server.answer(status, b"", headers)
    with HttpServer(always(200, SAMPLE)) as other:
        refs = alternating(refs_of("zild", 500), refs_of("superagentes", 60))
        error, outcomes = stopped(kind, refs, zild(server), superagentes(other))
    assert isinstance(error, AuthenticationError | RateLimitedError)
    assert error.provider == "zild"
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(1, 61))
    assert {type(outcome) for outcome in outcomes} == {Fetched}
    assert len(server.requests) <= MAX_SUSPECTS + 4
    assert len(other.requests) == 60


# Tokens


def test_a_token_that_is_waited_for_holds_no_other_platform_back() -> None:
    served = Event()

    def serve(_: object) -> tuple[int, bytes, dict[str, str]]:
        served.set()
        return 200, SAMPLE, {}

    def token() -> str:
        assert served.wait(GUARD_SECONDS), "the other platform was not asked meanwhile"
        return "token"

    with HttpServer(keep_alive=True) as slow, HttpServer(serve, keep_alive=True) as quick:
        outcomes = get_many(Client, ["zild:1", "superagentes:1"], zild(slow, token), superagentes(quick))
    assert [str(outcome.ref) for outcome in outcomes] == ["superagentes:1", "zild:1"]


@each_client
def test_a_renewed_token_is_no_attempt(kind: Kind, server: HttpServer) -> None:
    server.first = [(401, b"", {}), (503, b"", {})]
    server.answer(200, SAMPLE)
    retry = Retry(attempts=2, initial_backoff_seconds=0.001)
    (outcome,) = get_many(kind, ["superagentes:1"], superagentes(server, lambda: "token"), retry=retry)
    assert isinstance(outcome, Fetched)
    assert len(server.requests) == 3
