"""Errors that a client raises: their class, their message, and their attributes."""

import json
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from conversas import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    ConversationRef,
    DecodeError,
    DriftError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    Retry,
    ServerError,
    Timeout,
    TokenFile,
    TransportError,
)
from support.byte_server import Peer, Play, Wire, answer, bytes_then, head
from support.client_kinds import Kind, each_client, each_sender, failure, get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import TOKEN, superagentes, zild
from support.tracebacks import texts_of

CANARY = "content-canary"
SAMPLE = without_id("superagentes/sample")
HTML = b"<!doctype html><title>content-canary</title>"
STATUSES: dict[int, type[ApiError]] = {
    **dict.fromkeys([201, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 402, 405, 406, 408], ApiError),
    **dict.fromkeys([409, 410, 418, 422, 425, 451, 499], ApiError),
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitedError,
    **dict.fromkeys([500, 501, 502, 503, 504, 505, 511, 520, 521, 525, 529, 530, 599, 999], ServerError),
}
RETRIED = {408, 425, 429, 500, 502, 503, 504, *range(520, 530)}
WITHOUT_BODY = {204, 304}
MEANINGS = {
    401: ": the token is rejected",
    403: ": the token gives no access to this conversation",
    404: ": there is no such conversation",
    429: ": too many requests",
}

each_status = pytest.mark.parametrize("status", STATUSES)


# Statuses


@each_sender
@each_status
def test_each_status_has_its_error(kind: Kind, status: int, server: HttpServer) -> None:
    server.answer(status, b"" if status in WITHOUT_BODY else HTML)
    error = failure(kind, "zild:42", zild(server), retry=Retry(attempts=3, initial_backoff_seconds=0.001))
    assert type(error) is STATUSES[status]
    assert isinstance(error, ApiError)
    assert error.status == status
    assert error.provider == "zild"
    assert error.ref == ConversationRef("zild", "42")
    assert error.retryable is (status in RETRIED)
    assert error.attempts == len(server.requests) == (3 if status in RETRIED else 1)
    assert error.elapsed_seconds > 0
    assert (error.request_id, error.retry_after) == (None, None)


@each_client
@each_status
def test_a_message_names_the_conversation_and_the_status_and_nothing_of_the_answer(
    kind: Kind, status: int, server: HttpServer
) -> None:
    headers = {"X-Canary": "header-canary", "Set-Cookie": "cookie-canary=1", "X-Request-Id": "request-canary"}
    server.answer(status, b"" if status in WITHOUT_BODY else HTML, headers)
    error = failure(kind, "zild:42", zild(server), retry=Retry(attempts=1))
    redirected = ": redirects are not followed; is base_url right?" if 300 <= status < 400 else ""
    assert str(error) == f"zild:42: the provider answered {status}{MEANINGS.get(status, redirected)}"
    assert [text for text in texts_of(error) if "canary" in text] == []


@each_client
def test_a_403_of_superagentes_may_be_the_key(kind: Kind, server: HttpServer) -> None:
    server.answer(403)
    error = failure(kind, "superagentes:a", superagentes(server))
    assert type(error) is PermissionDeniedError
    assert "the key is wrong" in str(error)


@each_sender
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Request-Id": "abc-123"}, "abc-123"),
        ({"x-request-id": "abc-123"}, "abc-123"),
        ({"Request-Id": "|7d5.1"}, "|7d5.1"),
        ({"X-Correlation-ID": "a:b"}, "a:b"),
        ({"x-amzn-RequestId": "a"}, "a"),
        ({"CF-RAY": "8a-GRU"}, "8a-GRU"),
        ({"X-Request-Id": "olá, tudo bem?"}, None),
        ({"X-Request-Id": "a" * 129}, None),
        ({"X-Request-Id": ""}, None),
        ({"X-Request-Id": "", "Request-Id": "b"}, "b"),
    ],
    ids=str,
)
def test_an_error_knows_the_name_of_the_request(
    kind: Kind, headers: dict[str, str], expected: str | None, server: HttpServer
) -> None:
    server.answer(404, b"", headers)
    error = failure(kind, "zild:1", zild(server))
    assert isinstance(error, ApiError)
    assert error.request_id == expected


@each_client
def test_an_error_knows_how_long_the_platform_asks_to_wait(kind: Kind, server: HttpServer) -> None:
    server.answer(503, b"", {"Retry-After": "7"})
    error = failure(kind, "zild:1", zild(server), retry=Retry(attempts=1))
    assert isinstance(error, ServerError)
    assert error.retry_after == 7


# Error statuses with a body that breaks off


def endless(peer: Peer) -> None:
    """Send, until the client hangs up."""
    while True:
        peer.send(b"x" * 65536)


BROKEN_ENDS: dict[str, Callable[[int], Play]] = {
    "ends early": lambda status: bytes_then(head(status, content_length=100) + b"{"),
    "a chunk ends early": lambda status: bytes_then(head(status, transfer_encoding="chunked") + b"10\r\nabc"),
    "no chunk": lambda status: bytes_then(head(status, transfer_encoding="chunked") + b"zzz\r\n"),
    "stalls": lambda status: bytes_then(head(status, content_length=100) + b"{", lambda peer: peer.stall()),
    "unknown encoding": lambda status: answer(b"x", status, content_encoding="br"),
    "damaged encoding": lambda status: answer(b"x", status, content_encoding="gzip"),
    "endless": lambda status: bytes_then(head(status), endless),
}


@each_sender
@pytest.mark.parametrize("end", BROKEN_ENDS.values(), ids=BROKEN_ENDS)
@pytest.mark.parametrize("status", [404, 503])
def test_an_error_status_stays_one_however_its_body_ends(
    kind: Kind, end: Callable[[int], Play], status: int, server: HttpServer
) -> None:
    with Wire(standing=end(status)) as wire:
        retry = Retry(attempts=2, initial_backoff_seconds=0.001)
        error = failure(kind, "zild:1", zild(wire), retry=retry, timeout=Timeout(read_seconds=1))
        assert isinstance(error, ApiError)
        assert error.status == status
        assert error.attempts == len(wire.requests) == (2 if status in RETRIED else 1)


# Bodies that are no conversation

NO_CONVERSATIONS = {
    "empty": b"",
    "HTML": HTML,
    "truncated": SAMPLE[: len(SAMPLE) // 2],
    "a list": b"[]",
    "a text": b'"content-canary"',
    "a number": b"1",
    "not UTF-8": b"\xff\xfe\xfd",
    "deeply nested": b'{"id":' * 100_000,
}


@each_client
@pytest.mark.parametrize("body", NO_CONVERSATIONS.values(), ids=NO_CONVERSATIONS)
@pytest.mark.parametrize("provider", ["zild", "superagentes"])
def test_a_body_that_is_no_conversation_is_kept_in_the_error_and_asked_for_once(
    kind: Kind, body: bytes, provider: str, server: HttpServer
) -> None:
    server.answer(200, body, {"Content-Type": "application/json"})
    error = failure(kind, f"{provider}:7", zild(server), superagentes(server))
    assert type(error) is DecodeError
    assert error.body == body
    assert (error.provider, error.ref) == (provider, ConversationRef(provider, "7"))
    assert (error.attempts, error.retryable, len(server.requests)) == (1, False, 1)
    assert error.elapsed_seconds > 0
    assert error.__cause__ is error.__context__ is None
    assert [text for text in texts_of(error) if CANARY in text or TOKEN in text] == []


@each_client
def test_a_body_null_is_no_such_conversation(kind: Kind, server: HttpServer) -> None:
    server.answer(200, b"null")
    error = failure(kind, "zild:42", zild(server))
    assert type(error) is NotFoundError
    assert "zild:42" in str(error)
    assert (error.attempts, error.retryable, len(server.requests)) == (1, False, 1)


@each_client
def test_a_body_null_was_answered_with_a_status_and_the_name_of_the_request(kind: Kind, server: HttpServer) -> None:
    server.answer(200, b"null", {"X-Request-Id": "abc"})
    error = failure(kind, "zild:42", zild(server))
    assert isinstance(error, NotFoundError)
    assert (error.status, error.request_id) == (200, "abc")


@each_client
def test_drift_is_an_error_where_it_is_asked_for(kind: Kind, server: HttpServer) -> None:
    body = json.dumps(json.loads(SAMPLE) | {"surprise": CANARY}).encode()
    server.answer(200, body)
    error = failure(kind, "superagentes:a", superagentes(server), on_drift="raise")
    assert type(error) is DriftError
    assert [drift.path for drift in error.drift] == ["/surprise"]
    assert (error.body, error.attempts, len(server.requests)) == (body, 1, 1)
    assert [text for text in texts_of(error) if CANARY in text] == []


# No answer


@each_sender
def test_an_error_without_an_answer_says_why(kind: Kind, server: HttpServer) -> None:
    with Wire() as wire:
        error = failure(kind, "zild:42", zild(wire), retry=Retry(attempts=2, initial_backoff_seconds=0.001))
        assert type(error) is TransportError
        assert str(error) == f"zild:42: no response ({error.reason})"
        assert (error.attempts, error.retryable, len(wire.requests)) == (2, True, 2)
        assert (error.provider, error.ref) == ("zild", ConversationRef("zild", "42"))
        assert error.__cause__ is error.__context__ is None
        assert [text for text in texts_of(error) if TOKEN in text] == []


@each_client
def test_a_refused_connection_says_that_nothing_listens(kind: Kind, server: HttpServer) -> None:
    with Wire() as gone:
        platform = zild(gone)
    error = failure(kind, "zild:42", platform)
    assert type(error) is TransportError
    assert (error.reason, error.attempts) == ("refused", 5)
    assert "nothing listens at base_url" in str(error)


@each_client
def test_the_frames_of_a_success_and_of_an_error_show_no_token(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE)

    def refs() -> Iterator[str]:
        yield "superagentes:a"
        yield "not a ref"

    with pytest.raises(ConfigurationError) as raised:
        get_many(kind, refs(), superagentes(server), concurrency=1)
    assert [text for text in texts_of(raised.value) if TOKEN in text] == []


# What a source of tokens raises


@each_client
def test_an_error_of_a_source_knows_the_conversation(kind: Kind, server: HttpServer, tmp_path: Path) -> None:
    platform = superagentes(server, TokenFile(tmp_path / "none"))
    error = failure(kind, "superagentes:a", platform)
    assert type(error) is ConfigurationError
    assert (error.provider, error.ref, error.attempts) == ("superagentes", ConversationRef("superagentes", "a"), 0)
    assert error.elapsed_seconds > 0
    assert server.requests == []


@each_sender
def test_an_error_of_a_source_that_is_asked_again_knows_the_requests_before(kind: Kind, server: HttpServer) -> None:
    server.first = [(503, b"", {})]
    server.answer(401)
    tokens = chain(["token"], repeat("no token"))
    error = failure(kind, "superagentes:a", superagentes(server, lambda: next(tokens)))
    assert type(error) is ConfigurationError
    assert (error.ref, error.attempts) == (ConversationRef("superagentes", "a"), 2)
    assert len(server.requests) == 2
