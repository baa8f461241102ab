"""Redirects, and other headers of a response that name an address: none is followed."""

import pytest

from conversas import ApiError, Failed, Fetched
from support.client_kinds import Kind, each_client, each_sender, failure, get_each, get_many
from support.examples import without_id
from support.http_server import HttpServer, always
from support.providers import superagentes, zild

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


SAMPLE = without_id("superagentes/sample")


@each_client
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_not_followed_and_no_token_reaches_another_host(
    kind: Kind, status: int, server: HttpServer
) -> None:
    with HttpServer(always(200, SAMPLE)) as other:
        server.answer(status, b"", {"Location": f"{other.url}/conversations/a"})
        error = failure(kind, "superagentes:a", superagentes(server))
        (outcome,) = get_many(kind, ["superagentes:a"], superagentes(server))
        assert other.requests == []
    assert type(error) is ApiError
    assert (error.status, error.retryable) == (status, False)
    assert isinstance(outcome, Failed)
    assert type(outcome.error) is ApiError
    assert len(server.requests) == 2


@each_sender
def test_a_redirect_to_the_same_host_is_not_followed_either(kind: Kind, server: HttpServer) -> None:
    server.first = [(307, b"", {"Location": "/conversations/b"})]
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server))) is ApiError
    assert len(server.requests) == 1


@each_client
def test_headers_that_ask_for_another_address_are_not_heeded(kind: Kind, server: HttpServer) -> None:
    with HttpServer(always(200, SAMPLE)) as other:
        server.answer(
            200, SAMPLE, {"Refresh": f"0; url={other.url}", "Content-Location": other.url, "Alt-Svc": "clear"}
        )
        get_each(kind, ["superagentes:a", "superagentes:b"], superagentes(server))
        assert other.requests == []


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
def test_a_redirect_is_its_status_wherever_it_leads(kind: Kind, location: str, server: HttpServer) -> None:
    server.answer(302, b"", {"Location": location})
    error = failure(kind, "zild:1", zild(server))
    assert isinstance(error, ApiError)
    assert (error.status, error.attempts, len(server.requests)) == (302, 1, 1)


@each_client
def test_a_redirect_that_leads_nowhere_does_not_end_a_run(kind: Kind, server: HttpServer) -> None:
    server.first = [(302, b"", {"Location": "http://xn--/"})]
    server.answer(200, SAMPLE)
    outcomes = get_many(kind, ["superagentes:a", "superagentes:b"], superagentes(server), concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Failed, Fetched]
