"""Base URLs: which are refused, and how others are used."""

import traceback
from typing import Any

import pytest

from conversas import ConfigurationError, Superagentes
from conversas.providers import PROVIDERS, ProviderConfig, get_provider
from support.client_kinds import Kind, each_sender, get
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import TOKEN, each_kind_of_platform, platform_of
from support.tracebacks import texts_of

SAMPLE = without_id("superagentes/sample")
PASSWORD = "password-canary"
BAD_URLS: dict[str, list[Any]] = {
    "begins with http://": [
        *("http://api.example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0"),
        *("http://10.0.0.1", "http://169.254.169.254", "http://[fe80::1]", "http://2130706433", "http://0x7f000001"),
        *("http://127.1", "http://0177.0.0.1", "http://localhost.", "HTTP://example.com", "http://[::]"),
    ],
    "must not contain credentials": [
        f"https://user:{PASSWORD}@api.example.com",
        f"https://{PASSWORD}@api.example.com",
        f"https://:{PASSWORD}@api.example.com",
        f"http://user:{PASSWORD}@127.0.0.1",
        f"http://127.0.0.1:80{PASSWORD}@api.example.com",
        f"https://api.example.com%40{PASSWORD}@127.0.0.1",
    ],
    "begins with https://": ["", "ftp://a.com", "file:///etc", "api.example.com", "//a.com", "javascript:1"],
    "no host": [
        *("https://", "https:///a", "https://:443", "https://a.com:", "https://a.com:0", "https://a,b"),
        *("https://a.com\\@b.com", "https://a.com\\.b.com", "https://[::1", "https://[zz]", "https://%61.com"),
        *("https://a.com;b", "https://a.com:99999", "https://a.com:-1", "https://a.com:8O"),
        *("https://a..b", "https://.", "https://..", "https://.a.com", f"https://{'a' * 64}.com"),
    ],
    "query": [
        *(
            "https://a.com?x=1",
            "https://a.com/#a",
            "https://a.com/..",
            "https://a.com/a/../b",
            "https://a.com/%2e%2E/b",
        ),
        *("https://a.com/.", "https://a.com?", "https://a.com#", "https://a.com/.%2e/a", "https://a.com/<>"),
    ],
    "ASCII string without spaces": [
        *(
            " https://a.com",
            "https://a.com ",
            "https://a.com\n",
            "https://a\nb.com",
            "https://a.com/a b",
            "https://á.com",
        ),
        *("https://a.com\0", "https://a.com\t", "https://\u2025.com", "https://a\u3002com", "https://\ud800.com"),
        *(1, b"https://a.com", ["https://a.com"]),
    ],
}


EACH_BAD_URL = [url for urls in BAD_URLS.values() for url in urls]


@each_kind_of_platform
@pytest.mark.parametrize("url", EACH_BAD_URL, ids=lambda url: ascii(url)[:40])
def test_an_address_that_is_not_safe_is_refused_and_not_shown(platform: type[ProviderConfig], url: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, url)
    assert raised.value.provider == platform.name
    texts = list(texts_of(raised.value))
    assert [text for text in texts if PASSWORD in text or TOKEN in text] == []


TAKES_NONE = [
    get_provider(name).config for name in PROVIDERS if get_provider(name).config.__init__ is ProviderConfig.__init__
]
"""The configurations for which no address is the documented one."""


@each_kind_of_platform
def test_no_address_is_refused_unless_there_is_a_documented_one(platform: type[ProviderConfig]) -> None:
    if platform in TAKES_NONE and platform.default_base_url:
        assert platform_of(platform, None).base_url == platform.default_base_url
        return
    with pytest.raises(ConfigurationError, match="ASCII string without spaces") as raised:
        platform_of(platform, None)
    assert raised.value.provider == platform.name
    assert [text for text in texts_of(raised.value) if TOKEN in text] == []


@each_kind_of_platform
def test_a_refusal_can_be_printed_with_its_locals(platform: type[ProviderConfig]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "http://example.com")
    trace = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "base_url begins with http://" in "".join(trace.format())


@each_kind_of_platform
@pytest.mark.parametrize(
    "problem", ["begins with http://", "must not contain credentials", "ASCII string without spaces", "query"]
)
def test_the_message_says_what_is_wrong_with_an_address(platform: type[ProviderConfig], problem: str) -> None:
    for url in BAD_URLS[problem]:
        with pytest.raises(ConfigurationError, match=problem):
            platform_of(platform, url)


@each_kind_of_platform
@pytest.mark.parametrize(
    "url",
    [
        *("https://api.example.com", "https://api.example.com:8443/v1", "https://a_b.example.com", "https://10.0.0.1"),
        *(
            "https://[2001:db8::1]:443",
            "http://127.0.0.1:80",
            "http://localhost:80",
            "http://LOCALHOST",
            "http://[::1]",
        ),
        *("http://127.8.8.8", "https://a.com/a%20b", "HTTPS://a.com", "https://xn--c1yn36f.com", "https://a.com."),
    ],
)
def test_other_addresses_are_taken(platform: type[ProviderConfig], url: str) -> None:
    assert platform_of(platform, url).base_url == url
    assert platform_of(platform, url + "/").base_url == url


@each_sender
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/a%20b/v1", "/a//b", "/conversations"])
def test_the_path_of_an_address_is_kept(kind: Kind, path: str, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", Superagentes(TOKEN, server.url + path))
    assert server.request.target == f"{path.rstrip('/')}/conversations/a"
