"""The generated clients against a real server: what they send, and that no answer surprises them."""

import asyncio
import copy
import json
import pickle
import ssl
from importlib import import_module
from types import ModuleType
from typing import Any

import httpx
import pytest
from attrs import frozen

from support.http_server import HttpServer
from support.processes import ROOT

EXAMPLES = ROOT / "openapi" / "examples"
FOLDERS = {"superagentes": "/conversations/", "zild": "/api/Conversation/"}
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # for each client to load them takes longer than all else
TOKEN = "token-canary"
CANARY = "content-canary"
NOT_CONVERSATIONS = {
    "empty": b"",
    "null": b"null",
    "text": b"Forbidden",
    "HTML": b"<!doctype html><title>Down for maintenance</title>",
    "a list": b"[]",
    "a string": b'"conversation"',
    "not UTF-8": b"\xff\xfe\xfd",
    "deeply nested": b"[" * 100_000,
    "deeply nested in an object": b'{"id":' * 100_000,
}


@frozen
class Api:
    """One generated client with its server, to be called the blocking or the awaiting way."""

    provider: str
    awaiting: bool
    server: HttpServer

    def module(self, name: str) -> ModuleType:
        return import_module(f"conversas_api.{self.provider}.{name}")

    def client(self, **settings: Any) -> Any:
        usual = {"base_url": self.server.url, "token": TOKEN, "verify_ssl": NO_CERTIFICATES}
        return self.module("client").AuthenticatedClient(**{**usual, **settings})

    def call(self, name: str, identifier: object, client: Any) -> Any:
        """Call an endpoint function: `sync` or `asyncio`, with this ending."""
        endpoint = self.module("api.conversations.get_conversation")
        if self.awaiting:
            return asyncio.run(getattr(endpoint, f"asyncio{name}")(identifier, client=client))
        return getattr(endpoint, f"sync{name}")(identifier, client=client)

    def get(self, identifier: object = 123, client: Any = None) -> Any:
        """Return the Response, to a client of the usual settings or to this one."""
        return self.call("_detailed", identifier, client or self.client())

    def httpx_client(self, client: Any) -> Any:
        return client.get_async_httpx_client() if self.awaiting else client.get_httpx_client()

    def with_own_httpx_client(self, client: Any, **settings: Any) -> Any:
        if self.awaiting:
            return client.set_async_httpx_client(httpx.AsyncClient(verify=NO_CERTIFICATES, **settings))
        return client.set_httpx_client(httpx.Client(verify=NO_CERTIFICATES, **settings))


@pytest.fixture(params=["superagentes-sync", "superagentes-asyncio", "zild-sync", "zild-asyncio"])
def api(request: pytest.FixtureRequest, server: HttpServer) -> Api:
    provider, way = request.param.split("-")
    return Api(provider, way == "asyncio", server)


def test_a_conversation_is_fetched_with_the_token(api: Api) -> None:
    sample = (EXAMPLES / api.provider / "sample.json").read_bytes()
    api.server.answer(200, sample, {"Content-Type": "application/json"})
    response = api.get()
    assert api.server.request.method == "GET"
    assert api.server.request.target == FOLDERS[api.provider] + "123"
    assert api.server.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert (response.status_code, response.content) == (200, sample)
    assert response.headers["content-type"] == "application/json"
    assert response.parsed == api.module("models").Conversation.from_dict(json.loads(sample))
    assert api.call("", 123, api.client()) == response.parsed


def test_the_path_of_the_base_url_is_kept(api: Api) -> None:
    api.get(client=api.client(base_url=api.server.url + "/prefix/"))
    assert api.server.request.target == "/prefix" + FOLDERS[api.provider] + "123"


@pytest.mark.parametrize(("prefix", "sent"), [("Token", f"Token {TOKEN}"), ("", TOKEN)])
def test_the_header_of_the_token_can_be_chosen(api: Api, prefix: str, sent: str) -> None:
    api.get(client=api.client(prefix=prefix, auth_header_name="X-Key"))
    assert api.server.request.headers["X-Key"] == sent
    assert "Authorization" not in api.server.request.headers


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 429, 499, 500, 503, 520, 529, 599])
def test_no_status_raises(api: Api, status: int) -> None:
    body = b"" if status == 204 else b"{}"
    api.server.answer(status, body)
    response = api.get()
    assert (response.status_code, response.content, response.parsed) == (status, body, None)


@pytest.mark.parametrize("body", NOT_CONVERSATIONS.values(), ids=NOT_CONVERSATIONS)
def test_a_body_that_is_no_conversation_is_kept_unparsed(api: Api, body: bytes) -> None:
    api.server.answer(200, body, {"Content-Type": "application/json"})
    response = api.get()
    assert response.parsed is None
    assert response.content == body


def test_an_unexpected_status_raises_where_asked_for(api: Api) -> None:
    api.server.answer(500, CANARY.encode())
    with pytest.raises(api.module("errors").UnexpectedStatus) as caught:
        api.get(client=api.client(raise_on_unexpected_status=True))
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert (error.status_code, error.content) == (500, CANARY.encode())
        assert str(error) == "unexpected status 500"
        assert CANARY not in repr(error)


@pytest.mark.parametrize("status", [200, 401, 403, 404])
def test_a_documented_status_is_not_unexpected(api: Api, status: int) -> None:
    api.server.answer(status, b"{}")
    assert api.get(client=api.client(raise_on_unexpected_status=True)).status_code == status


def test_a_response_has_a_repr_without_content(api: Api) -> None:
    api.server.answer(200, b'{"id": "%b"}' % CANARY.encode(), {"X-Extra": CANARY})
    response = api.get()
    assert CANARY.encode() in response.content
    assert repr(response) == "Response(status_code=200)"


def test_a_redirect_is_not_followed(api: Api) -> None:
    api.server.answer(302, headers={"Location": "/elsewhere"})
    assert api.get().status_code == 302
    assert len(api.server.requests) == 1


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_that_leads_elsewhere_is_refused(api: Api, identifier: str) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        api.get(identifier)
    assert api.server.requests == []


@pytest.mark.parametrize(
    ("identifier", "segment"),
    [("a/b?c#d", "a%2Fb%3Fc%23d"), ("../x", "..%2Fx"), ("%2e%2e", "%252e%252e"), ("ação", "a%C3%A7%C3%A3o")],
)
def test_an_id_is_one_segment_of_the_path(api: Api, identifier: str, segment: str) -> None:
    api.get(identifier)
    assert api.server.request.target == FOLDERS[api.provider] + segment


def test_the_users_own_httpx_client_sends_the_token(api: Api) -> None:
    api.get(client=api.with_own_httpx_client(api.client(), base_url=api.server.url, headers={"X-Own": "1"}))
    assert api.server.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert api.server.request.headers["X-Own"] == "1"


@pytest.mark.parametrize("build_first", [True, False], ids=["built before", "built after"])
def test_another_client_leaves_the_old_one_alone(api: Api, *, build_first: bool) -> None:
    old = api.client(headers={"X-Old": "1"}, cookies={"old": "1"}, timeout=5.0)
    built = api.httpx_client(old) if build_first else None
    new = old.with_headers({"X-New": "1"}).with_cookies({"new": "1"}).with_timeout(7.0)
    for client in (old, new):
        api.get(client=client)
    by_old, by_new = (request.headers for request in api.server.requests)
    assert (by_old["X-New"], by_old["Cookie"]) == (None, "old=1")
    assert (by_new["X-Old"], by_new["X-New"], by_new["Cookie"]) == ("1", "1", "old=1; new=1")
    assert by_new["Authorization"] == by_old["Authorization"]
    assert built in (None, api.httpx_client(old))
    assert api.httpx_client(old).timeout == httpx.Timeout(5.0)
    assert api.httpx_client(new).timeout == httpx.Timeout(7.0)


def test_no_default_timeout_is_infinite(api: Api) -> None:
    limits = api.httpx_client(api.client()).timeout.as_dict()
    assert all(limit is not None and 0 < limit <= 60 for limit in limits.values())


def test_a_client_has_a_repr_without_secrets(api: Api) -> None:
    settings = {"headers": {"X-Key": CANARY}, "cookies": {"key": CANARY}, "httpx_args": {"auth": ("user", CANARY)}}
    client = api.client(**settings)
    api.httpx_client(client)
    assert api.server.url not in repr(client)  # an address may hold a password
    assert TOKEN not in repr(client)
    assert CANARY not in repr(client)
