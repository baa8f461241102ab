"""What goes wrong at a platform: which error it is, what it says and knows, and that it survives a process border."""

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx
import pytest

from conversas import (
    ApiError,
    AuthenticationError,
    Client,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    DecodeError,
    DriftError,
    ExportError,
    Failed,
    Fetched,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    Retry,
    ServerError,
    Superagentes,
    Timeout,
    TokenFile,
    TransportError,
    decode,
)
from support.byte_server import Peer, Play, Wire, answer, bytes_then, head
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_many
from support.examples import body_of
from support.http_server import Loopback
from support.providers import TOKEN, superagentes, zild
from support.tracebacks import texts_of

CANARY = "content-canary"
SAMPLE = body_of("superagentes/sample")
SAMPLE_OF_ZILD = body_of("zild/sample")
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
    401: ": the token is refused",
    403: ": the token does not open this conversation",
    404: ": there is no such conversation",
    429: ": too many requests",
}

each_status = pytest.mark.parametrize("status", STATUSES)


# Statuses


@each_sender
@each_status
def test_each_status_has_its_error(kind: Kind, status: int, server: Loopback) -> None:
    server.answer(status, b"" if status in WITHOUT_BODY else HTML)
    error = failure(kind, "zild:42", zild(server), retry=Retry(attempts=3, first_wait_seconds=0.001))
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
    kind: Kind, status: int, server: Loopback
) -> None:
    headers = {"X-Canary": "header-canary", "Set-Cookie": "cookie-canary=1", "X-Request-Id": "request-canary"}
    server.answer(status, b"" if status in WITHOUT_BODY else HTML, headers)
    error = failure(kind, "zild:42", zild(server), retry=Retry(attempts=1))
    redirected = ": redirects are not followed; is base_url right?" if 300 <= status < 400 else ""
    assert str(error) == f"zild:42 answered {status}{MEANINGS.get(status, redirected)}"
    assert [text for text in texts_of(error) if "canary" in text] == []


@each_client
def test_a_403_of_superagentes_may_be_the_key(kind: Kind, server: Loopback) -> None:
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
    kind: Kind, headers: dict[str, str], expected: str | None, server: Loopback
) -> None:
    server.answer(404, b"", headers)
    error = failure(kind, "zild:1", zild(server))
    assert isinstance(error, ApiError)
    assert error.request_id == expected


@each_client
def test_an_error_knows_how_long_the_platform_asks_to_wait(kind: Kind, server: Loopback) -> None:
    server.answer(503, b"", {"Retry-After": "7"})
    error = failure(kind, "zild:1", zild(server), retry=Retry(attempts=1))
    assert isinstance(error, ServerError)
    assert error.retry_after == 7


@each_sender
@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere",
        "",
        "//",
        "http://[",
        "https://:99999999/",
        "http://a b/\x01",
        "http://\xff..",
        "http://xn--/",
        "http:\\\\x",
        "http://" + "a" * 70_000,
        "javascript:alert(1)",
    ],
    ids=lambda location: repr(location[:20]),
)
def test_a_redirect_is_its_status_wherever_it_leads(kind: Kind, location: str, server: Loopback) -> None:
    server.answer(302, b"", {"Location": location})
    error = failure(kind, "zild:1", zild(server))
    assert isinstance(error, ApiError)
    assert (error.status, error.attempts, len(server.requests)) == (302, 1, 1)


@each_client
def test_a_redirect_that_leads_nowhere_does_not_end_a_run(kind: Kind, server: Loopback) -> None:
    server.first = [(302, b"", {"Location": "http://xn--/"})]
    server.answer(200, SAMPLE)
    outcomes = get_many(kind, ["superagentes:a", "superagentes:b"], superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]


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
    kind: Kind, end: Callable[[int], Play], status: int, server: Loopback
) -> None:
    with Wire(standing=end(status)) as wire:
        retry = Retry(attempts=2, first_wait_seconds=0.001)
        error = failure(kind, "zild:1", zild(wire), retry=retry, timeout=Timeout(read_seconds=0.2))
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
    kind: Kind, body: bytes, provider: str, server: Loopback
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
def test_a_body_null_is_no_such_conversation(kind: Kind, server: Loopback) -> None:
    server.answer(200, b"null")
    error = failure(kind, "zild:42", zild(server))
    assert type(error) is NotFoundError
    assert "zild:42" in str(error)
    assert (error.attempts, error.retryable, len(server.requests)) == (1, False, 1)


@each_client
def test_a_body_null_was_answered_with_a_status_and_the_name_of_the_request(kind: Kind, server: Loopback) -> None:
    server.answer(200, b"null", {"X-Request-Id": "abc"})
    error = failure(kind, "zild:42", zild(server))
    assert isinstance(error, NotFoundError)
    assert (error.status, error.request_id) == (200, "abc")


@each_client
def test_drift_is_an_error_where_it_is_asked_for(kind: Kind, server: Loopback) -> None:
    body = json.dumps(json.loads(SAMPLE) | {"surprise": CANARY}).encode()
    server.answer(200, body)
    error = failure(kind, "superagentes:a", superagentes(server), on_drift="raise")
    assert type(error) is DriftError
    assert [drift.path for drift in error.drift] == ["/surprise"]
    assert (error.body, error.attempts, len(server.requests)) == (body, 1, 1)
    assert [text for text in texts_of(error) if CANARY in text] == []


# No answer


@each_sender
def test_an_error_without_an_answer_says_why(kind: Kind, server: Loopback) -> None:
    with Wire() as wire:
        error = failure(kind, "zild:42", zild(wire), retry=Retry(attempts=2, first_wait_seconds=0.001))
        assert type(error) is TransportError
        assert str(error) == f"zild:42: no answer ({error.reason})"
        assert (error.attempts, error.retryable, len(wire.requests)) == (2, True, 2)
        assert (error.provider, error.ref) == ("zild", ConversationRef("zild", "42"))
        assert error.__cause__ is error.__context__ is None
        assert [text for text in texts_of(error) if TOKEN in text] == []


@each_client
def test_a_refused_connection_says_that_nothing_listens(kind: Kind, server: Loopback) -> None:
    with Wire() as gone:
        platform = zild(gone)
    error = failure(kind, "zild:42", platform)
    assert type(error) is TransportError
    assert (error.reason, error.attempts) == ("ConnectionRefusedError", 5)
    assert "nothing listens at base_url" in str(error)


@each_client
def test_the_frames_of_a_success_and_of_an_error_show_no_token(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE)

    def refs() -> Iterator[str]:
        yield "superagentes:a"
        yield "not a ref"

    with pytest.raises(ConfigurationError) as raised:
        get_many(kind, refs(), superagentes(server), concurrency=1)
    assert [text for text in texts_of(raised.value) if TOKEN in text] == []


# What a source of tokens or a transport of the user raises


@each_client
def test_an_error_of_a_source_knows_the_conversation(kind: Kind, server: Loopback, tmp_path: Path) -> None:
    platform = superagentes(server, TokenFile(tmp_path / "none"))
    error = failure(kind, "superagentes:a", platform)
    assert type(error) is ConfigurationError
    assert (error.provider, error.ref, error.attempts) == ("superagentes", ConversationRef("superagentes", "a"), 0)
    assert error.elapsed_seconds > 0
    assert server.requests == []


@each_sender
def test_an_error_of_a_source_that_is_asked_again_knows_the_requests_before(kind: Kind, server: Loopback) -> None:
    server.first = [(503, b"", {})]
    server.answer(401)
    tokens = iter(["token", "no token"])
    error = failure(kind, "superagentes:a", superagentes(server, lambda: next(tokens)))
    assert type(error) is ConfigurationError
    assert (error.ref, error.attempts) == (ConversationRef("superagentes", "a"), 2)
    assert len(server.requests) == 2


@each_client
@pytest.mark.parametrize(("error", "attempts"), [(ServerError("full"), 1), (ConfigurationError("none"), 0)], ids=repr)
def test_an_error_of_a_transport_of_the_user_knows_the_conversation(
    kind: Kind, error: ConversasError, attempts: int
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    platform, transport = Superagentes(TOKEN), httpx.MockTransport(fail)
    assert failure(kind, "superagentes:a", platform, transport=transport) is error
    assert (error.provider, error.ref) == ("superagentes", ConversationRef("superagentes", "a"))
    assert error.attempts == attempts
    assert error.elapsed_seconds > 0


@each_client
def test_a_transport_of_the_user_that_is_at_its_end_is_an_error_of_its_own(kind: Kind) -> None:
    answers = iter([httpx.Response(200, content=SAMPLE)])
    platform, transport = Superagentes(TOKEN), httpx.MockTransport(lambda _: next(answers))
    assert get(kind, "superagentes:a", platform, transport=transport).raw == SAMPLE
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        get(kind, "superagentes:a", platform, transport=transport)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        get_many(kind, ["superagentes:a"], platform, transport=transport)


# Across a process border


def errors_of_each_class() -> list[ConversasError]:
    ref = ConversationRef("zild", "1")
    api: dict[str, Any] = {"status": 418, "request_id": "abc", "retry_after": 1.5, "provider": "zild", "ref": ref}
    kinds: list[type[ApiError]] = [ApiError, *ApiError.__subclasses__()]
    errors: list[ConversasError] = [kind("told", **api) for kind in kinds]
    errors += [kind("told", provider="zild", ref=ref) for kind in (ConversasError, ConfigurationError)]
    errors.append(TransportError("told", reason="ReadError", provider="zild", ref=ref))
    errors.append(DecodeError("told", body=b"[", reason="JSONDecodeError", provider="zild", ref=ref))
    errors.append(ExportError("told"))
    drift = decode("zild", b'{"surprise": 1}').drift
    errors.append(DriftError("told", drift=drift, body=b"{}", provider="zild", ref=ref))
    for error in errors:
        error.attempts, error.elapsed_seconds, error.retryable = 3, 1.25, True
        error.add_note("noted")
    return errors


def classes_below(kind: type[ConversasError]) -> set[type[ConversasError]]:
    return {kind}.union(*map(classes_below, kind.__subclasses__()))


def facts(error: ConversasError) -> tuple[Any, ...]:
    return type(error), error.args, str(error), vars(error)


def test_each_class_of_error_is_pickled_here() -> None:
    assert {type(error) for error in errors_of_each_class()} == classes_below(ConversasError)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_pickle_and_copy_with_all_they_know(protocol: int) -> None:
    for error in errors_of_each_class():
        assert facts(pickle.loads(pickle.dumps(error, protocol))) == facts(error)
        assert facts(copy.copy(error)) == facts(copy.deepcopy(error)) == facts(error)


def test_errors_and_outcomes_go_through_another_process(server: Loopback) -> None:
    server.first = [(200, SAMPLE, {}), (200, b"[", {}), (404, b"", {"X-Request-Id": "abc"})]
    refs = ["superagentes:a", "superagentes:b", "superagentes:c"]
    fetched, *failed = get_many(Client, refs, superagentes(server), concurrency=1)
    failed_here = [outcome for outcome in failed if isinstance(outcome, Failed)]
    errors = errors_of_each_class()
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        others = list(pool.map(copy.copy, errors))
        came_back, *failed_there = pool.map(copy.copy, [fetched, *failed])
    assert list(map(facts, others)) == list(map(facts, errors))
    assert isinstance(fetched, Fetched)
    assert came_back == fetched
    assert came_back.conversation.raw == SAMPLE
    assert [type(outcome) for outcome in failed_there] == [Failed, Failed]
    assert [facts(outcome.error) for outcome in failed_there] == [facts(each.error) for each in failed_here]
    assert failed_there[0].error.body == b"["
    assert failed_there[1].error.request_id == "abc"


def test_an_error_raised_in_another_process_is_the_same_here() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        running = pool.submit(decode, "zild", b"content-canary", ref="zild:1")
        with pytest.raises(DecodeError) as raised:
            running.result()
    assert raised.value.body == b"content-canary"
    assert raised.value.ref == ConversationRef("zild", "1")
