"""Tokens of a provider config: which are refused, when a JWT expires, and what a token file holds."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import AuthenticationError, ConfigurationError, Superagentes, TokenFile, Zild
from conversas.providers import ProviderConfig
from conversas.providers.credentials import jwt_expiry
from support.client_kinds import Kind, each_client, get, get_each
from support.http_server import HttpServer
from support.providers import TOKEN, each_kind_of_platform, platform_of
from support.tokens import jwt
from support.tracebacks import texts_of

BODY = b'{"id": 1, "messages": []}'


# Tokens


@each_kind_of_platform
@pytest.mark.parametrize(
    "token",
    [
        "",
        "Bearer ",
        " ",
        "a b",
        "a\n",
        "a\r\nX: canary",
        "\n",
        "a\tb",
        "a\0b",
        "\x7f",
        "ção",
        "\u2028",
        "\ud800",
        "Bearer a b",
    ],
    ids=ascii,
)
def test_a_token_that_no_header_can_carry_is_refused(platform: type[ProviderConfig], token: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "https://api.example.com", f"{token}")
    assert raised.value.provider == platform.name


@each_kind_of_platform
@pytest.mark.parametrize("token", [None, 1, b"token", ["token"]], ids=repr)
def test_a_token_that_is_no_text_is_refused(platform: type[ProviderConfig], token: Any) -> None:
    with pytest.raises(ConfigurationError):
        platform_of(platform, "https://api.example.com", token)


@each_kind_of_platform
@pytest.mark.parametrize("token", ["token-canary\n", "token-canary x", "token-canary\u00e9"], ids=ascii)
def test_a_refused_token_is_not_shown(platform: type[ProviderConfig], token: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "https://api.example.com", token)
    assert [text for text in texts_of(raised.value) if TOKEN in text] == []


# Expiry


@each_client
def test_an_expired_jwt_of_zild_is_seen_before_anything_is_sent(kind: Kind, server: HttpServer) -> None:
    with pytest.raises(AuthenticationError, match=r"expired at 2001-09-09 01:46 UTC") as raised:
        get(kind, "zild:1", Zild(server.url, jwt({"exp": 1_000_000_000})))
    assert server.requests == []
    assert raised.value.status is None


@each_client
def test_the_clocks_may_differ_a_little(kind: Kind, server: HttpServer) -> None:
    server.answer(200, BODY)
    get(kind, "zild:1", Zild(server.url, jwt({"exp": time.time() - 20})))
    assert len(server.requests) == 1


@each_client
@pytest.mark.parametrize("claims", [{"exp": "soon"}, {"exp": None}, [], {}, {"exp": 1e300}, {"exp": True}], ids=repr)
def test_a_jwt_that_tells_no_expiry_is_sent(kind: Kind, claims: Any, server: HttpServer) -> None:
    server.answer(200, BODY)
    get(kind, "zild:1", Zild(server.url, jwt(claims)))
    assert len(server.requests) == 1


@each_client
def test_the_key_of_superagentes_is_never_looked_into(kind: Kind, server: HttpServer) -> None:
    server.answer(200, b'{"id": "1"}')
    get(kind, "superagentes:1", Superagentes(jwt({"exp": 1}), server.url))
    assert len(server.requests) == 1


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_reading_an_expiry_never_fails(text: str) -> None:
    assert jwt_expiry(text) is None or isinstance(jwt_expiry(text), float)


# Token files


@each_client
def test_a_token_file_is_read_again_when_it_changes(kind: Kind, server: HttpServer, tmp_path: Path) -> None:
    file, other = tmp_path / "token", tmp_path / "other"
    file.write_text("first\n")
    server.answer(200, BODY)

    def refs() -> Iterator[str]:
        yield "zild:1"
        other.write_text("other\n")
        other.replace(file)
        yield "zild:1"

    get_each(kind, refs(), Zild(server.url, TokenFile(file)))
    assert server.tokens == ["first", "other"]


@each_client
@pytest.mark.parametrize("content", [None, "", "half a token"])
def test_a_token_file_that_is_being_written_leaves_the_token_at_hand(
    kind: Kind, content: str | None, server: HttpServer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    server.answer(200, BODY)

    def refs() -> Iterator[str]:
        yield "zild:1"
        file.unlink()
        if content is not None:
            file.write_text(content)
        yield "zild:1"
        file.write_text("second")
        yield "zild:1"

    get_each(kind, refs(), Zild(server.url, TokenFile(file)))
    assert server.tokens == ["first", "first", "second"]


@each_client
def test_a_token_file_that_is_empty_is_a_configuration_error(kind: Kind, server: HttpServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("\n")
    with pytest.raises(ConfigurationError, match=f"the token file {file} is empty"):
        get(kind, "zild:1", Zild(server.url, TokenFile(file)))


@each_client
def test_a_token_file_that_is_not_there_is_a_configuration_error(
    kind: Kind, server: HttpServer, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="FileNotFoundError"):
        get(kind, "zild:1", Zild(server.url, TokenFile(tmp_path / "none")))
