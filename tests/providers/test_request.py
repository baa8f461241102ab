"""The request that a provider builds: all of it is sent, and nothing that could change its meaning."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from conversas import ConfigurationError
from conversas.providers import get_provider
from conversas.providers.base import ListOperation
from conversas.providers.request import ConversationRequest, validate_headers

VALUES = st.one_of(st.text(), st.booleans(), st.integers(), st.none())
PARAMS = st.dictionaries(st.text(min_size=1), st.one_of(VALUES, st.lists(VALUES)))


def request(**arguments: Any) -> ConversationRequest:
    return ConversationRequest.from_arguments({"method": "get", "url": "/chats/1", **arguments})


def query_of(target: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(target).query, keep_blank_values=True)


@given(PARAMS)
def test_a_query_is_that_of_httpx(params: dict[str, Any]) -> None:
    theirs = httpx.Request("GET", "http://a.example/chats/1", params=params).url
    assert query_of(request(params=params).path) == query_of(theirs.raw_path.decode())


def test_all_of_a_request_is_kept() -> None:
    built = request(method="post", params={"page": 2, "closed": True}, headers={"X-Tenant": "acme", "X-Page": 3})
    assert (built.method, built.path) == ("POST", "/chats/1?page=2&closed=true")
    assert built.headers == {"X-Tenant": "acme", "X-Page": "3"}


@pytest.mark.parametrize("name", ["json", "content", "data", "files", "cookies"])
def test_what_cannot_be_sent_is_refused_and_not_dropped(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot carry {name}"):
        request(**{name: {}})


@pytest.mark.parametrize("url", ["", "chats/1", "/chats/1 HTTP/1.1\r\nX: y", "/chats/\N{SNOWMAN}", "/a b"])
def test_a_path_that_is_not_encoded_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="percent-encoded"):
        request(url=url)


@given(st.text())
def test_a_header_has_one_line_of_ascii_or_is_refused(value: str) -> None:
    try:
        validate_headers({"X-Key": value})
    except ConfigurationError:
        assert not value or not value.isascii() or not value.isprintable() or value.strip() != value or "\t" in value
    else:
        assert value.isascii()
        assert value.strip() == value
        assert not {"\r", "\n", "\0"} & {*value}


def test_a_refused_header_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="X-Key must be printable ASCII") as raised:
        validate_headers({"X-Key": "canary\n"})
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "X Key", "X-Key:", "X\r\nY", "X-Ch\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_an_invalid_name_of_a_header_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="the name of a header"):
        validate_headers({name: "value"})


def test_a_list_whose_parameter_cannot_be_sent_is_a_wrong_configuration() -> None:
    listing = ListOperation(
        operation="getConversation",
        endpoint="api.conversations.get_conversation",
        parameters=lambda _, agent_id: {"id": agent_id},
        statuses={},
    )
    provider = evolve(get_provider("superagentes"), list_operation=listing)
    assert provider.build_list_request(None, "a").path == "/conversations/a"
    with pytest.raises(ConfigurationError, match=r"superagentes: a path parameter must not be"):
        provider.build_list_request(None, "..")
