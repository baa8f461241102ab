"""A body of another id than the one that was asked for is a failure, whatever form its id has."""

import pytest

from conversas import Client, DecodeError, Failed, Fetched
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_many, quick
from support.http_server import HttpServer, Request
from support.providers import superagentes, zild

OTHER_OF_ZILD = [b"8", b'"8"', b"8.0", b"-7", b'"-7"', b'"070"', b"12345678901234567890123", b'" 8"']
SAME_OF_ZILD = [b"7", b'"7"', b"7.0", b'"007"', b'" 7 "', b"null", b"0", b"true", b'""', b"[8]", b"{}"]
OTHER_OF_SUPERAGENTES = [b'"8"', b"8", b'"07"', b'"7a"']
SAME_OF_SUPERAGENTES = [b'"7"', b"7", b'""', b"null", b"[8]"]


def body(id_: bytes) -> bytes:
    return b'{"id": ' + id_ + b', "messages": [], "contactName": "Ana", "channel": "whatsapp"}'


@each_sender
@pytest.mark.parametrize("id_", OTHER_OF_ZILD)
def test_another_number_of_zild_is_a_failure(kind: Kind, id_: bytes, server: HttpServer) -> None:
    server.answer(200, body(id_))
    error = failure(kind, "zild:7", zild(server))
    assert isinstance(error, DecodeError)
    assert (error.reason, error.retryable, error.body) == ("id_mismatch", True, body(id_))
    assert (str(error.ref), error.attempts) == ("zild:7", 1)


@each_client
@pytest.mark.parametrize("id_", SAME_OF_ZILD)
def test_the_same_number_or_none_is_no_failure_of_zild(kind: Kind, id_: bytes, server: HttpServer) -> None:
    server.answer(200, body(id_))
    assert get(kind, "zild:7", zild(server)).raw == body(id_)


@each_client
@pytest.mark.parametrize("id_", OTHER_OF_SUPERAGENTES)
def test_another_id_of_superagentes_is_a_failure(kind: Kind, id_: bytes, server: HttpServer) -> None:
    server.answer(200, body(id_))
    error = failure(kind, "superagentes:7", superagentes(server))
    assert isinstance(error, DecodeError)
    assert error.reason == "id_mismatch"


@each_client
@pytest.mark.parametrize("id_", SAME_OF_SUPERAGENTES)
def test_the_same_id_or_none_is_no_failure_of_superagentes(kind: Kind, id_: bytes, server: HttpServer) -> None:
    server.answer(200, body(id_))
    assert get(kind, "superagentes:7", superagentes(server)).raw == body(id_)


def test_ids_of_superagentes_that_differ_in_case_are_two(server: HttpServer) -> None:
    server.answer(200, body(b'"CLX"'))
    assert isinstance(failure(Client, "superagentes:clx", superagentes(server)), DecodeError)


@each_client
def test_a_body_of_another_id_fails_alone_in_a_run(kind: Kind, server: HttpServer) -> None:
    def swapped(asked: Request) -> tuple[int, bytes, dict[str, str]]:
        return 200, body(b"4" if asked.id == "3" else asked.id.encode()), {}

    server.reply = swapped
    outcomes = get_many(kind, map("zild:{}".format, range(1, 7)), zild(server), retry=quick(1))
    assert {outcome.ref.id for outcome in outcomes if isinstance(outcome, Failed)} == {"3"}
    assert {outcome.conversation.id for outcome in outcomes if isinstance(outcome, Fetched)} == set("12456")
