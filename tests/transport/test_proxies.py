"""Proxies: where they are found, what they see, and how they fail."""

import sys
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversas import ApiError, ConfigurationError, Retry, Superagentes, TransportError, Zild
from conversas.transport.proxy import proxy_from_env
from support.byte_server import Wire
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_each, get_many
from support.examples import without_id
from support.http_server import HttpServer, always
from support.providers import NO_CERTIFICATES, TOKEN, superagentes
from support.tracebacks import texts_of

SAMPLE = without_id("superagentes/sample")
SAMPLE_OF_ZILD = without_id("zild/sample")
PASSWORD = "password-canary"
ELSEWHERE = "http://127.0.0.1:9"  # nothing is ever sent there
PROXIED = f"{ELSEWHERE}/conversations/a"


# A proxy of the environment


@each_client
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_heeded(
    kind: Kind, variable: str, server: HttpServer, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, server.url)
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE))
    assert server.request.target == PROXIED
    get_many(kind, ["superagentes:b"], Superagentes(TOKEN, ELSEWHERE))
    assert len(server.requests) == 2


@each_sender
def test_a_host_in_no_proxy_is_asked_directly(
    kind: Kind, server: HttpServer, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.answer(200, SAMPLE)
    with HttpServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        get(kind, "superagentes:a", superagentes(server))
        assert proxy.requests == []
    assert server.request.target == "/conversations/a"


@each_sender
@pytest.mark.parametrize("exempt", ["*", "example.com, *"])
def test_a_star_in_no_proxy_means_no_proxy_at_all(
    kind: Kind, exempt: str, server: HttpServer, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer(200, SAMPLE)
    with HttpServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", exempt)
        get(kind, "superagentes:a", superagentes(server))
        assert proxy.requests == []
    assert server.request.target == "/conversations/a"


@each_client
def test_each_platform_is_reached_its_own_way(
    kind: Kind, server: HttpServer, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer(always(200, SAMPLE_OF_ZILD)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        server.answer(200, SAMPLE)
        platforms = Zild("http://localhost:9", TOKEN), superagentes(server)
        get_each(kind, ["zild:1", "superagentes:a"], *platforms)
        get_many(kind, ["zild:1", "superagentes:a"], *platforms)
        assert [request.target for request in proxy.requests] == ["http://localhost:9/api/Conversation/1"] * 2
    assert [request.target for request in server.requests] == ["/conversations/a"] * 2


HOSTS = ["example.com", "www.example.com", "a.www.example.com", "wwwexample.com", "localhost", "127.0.0.1", "10.0.0.1"]
ADDRESSES = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from([*HOSTS, "[::1]"]),
    st.sampled_from(["", ":8080"]),
)


ENTRIES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "https://", "http://", "all://"]),
    st.sampled_from([*HOSTS, ".example.com", "*.example.com", "*example.com", "EXAMPLE.com", "10.0.0.0/8"]),
    st.sampled_from(["", "", ":8080", ":9"]),
) | st.sampled_from(["", "*", "::1", " ", "https://", "com"])


@example("http://www.example.com", "http://*.example.com", {"HTTP_PROXY"})
@given(
    ADDRESSES,
    st.lists(ENTRIES, max_size=3).map(",".join),
    st.sets(st.sampled_from(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])),
)
def test_proxies_of_the_environment_are_those_of_httpx(url: str, exempt: str, variables: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        for name in variables:
            patch.setenv(name, f"{name.replace('_', '-')}.example:1".lower())
        patch.setenv("NO_PROXY", exempt)
        ours = proxy_from_env(url)
        with httpx.Client(verify=NO_CERTIFICATES) as client:
            theirs: Any = client._transport_for_url(httpx.URL(url))
    proxy = getattr(theirs._pool, "_proxy_url", None)
    assert (urlsplit(ours).netloc if ours else None) == (f"{proxy.host.decode()}:{proxy.port}" if proxy else None)


# A proxy that is given


@each_sender
def test_a_proxy_that_is_given_is_used_with_its_password(kind: Kind, server: HttpServer, no_proxies: None) -> None:
    server.answer(200, SAMPLE)
    proxy = server.url.replace("http://", f"http://user:{PASSWORD}@")
    get(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=proxy)
    assert server.request.target == PROXIED
    assert server.request.headers["Proxy-Authorization"].startswith("Basic ")
    assert server.request.headers["Authorization"] == f"Bearer {TOKEN}"


@each_sender
def test_a_proxy_that_refuses_is_an_error_without_its_password(
    kind: Kind, server: HttpServer, no_proxies: None
) -> None:
    server.answer(407, b"", {"Proxy-Authenticate": "Basic"})
    proxy = server.url.replace("http://", f"http://user:{PASSWORD}@")
    for platform in (Superagentes(TOKEN, ELSEWHERE), Superagentes(TOKEN, "https://api.example.com")):
        error = failure(kind, "superagentes:a", platform, proxy=proxy, retry=Retry(attempts=1))
        assert isinstance(error, ApiError | TransportError)
        assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
def test_a_tunnel_hides_the_token_from_the_proxy(kind: Kind, server: HttpServer, no_proxies: None) -> None:
    with Wire() as proxy:
        platform = Superagentes(TOKEN, "https://api.example.com")
        failure(kind, "superagentes:a", platform, proxy=proxy.url, retry=Retry(attempts=1))
        assert [request.target for request in proxy.requests] == ["api.example.com:443"]
        assert "authorization" not in proxy.requests[0].headers


# What is no proxy


@each_client
@pytest.mark.parametrize(
    "proxy",
    [
        f"ftp://user:{PASSWORD}@127.0.0.1",
        f"127.0.0.1:9?{PASSWORD}",
        f"http://user:{PASSWORD}@127.0.0.1:99999",
        f"http://user:{PASSWORD}@127.0.0.1:port",
        f"http://user:{PASSWORD}@a\n",
        f"http://user:{PASSWORD}@",
        "http://[",
        "",
        5,
        b"http://127.0.0.1:9",
    ],
    ids=ascii,
)
def test_what_is_no_proxy_is_a_configuration_error_without_its_password(
    kind: Kind, proxy: Any, server: HttpServer, no_proxies: None
) -> None:
    error = failure(kind, "superagentes:a", superagentes(server), proxy=proxy)
    assert type(error) is ConfigurationError
    assert [text for text in texts_of(error) if PASSWORD in text] == []
    assert server.requests == []


@each_client
def test_what_is_no_proxy_is_not_shown_by_a_client_of_the_environment(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERAGENTES_TOKEN", TOKEN)
    with pytest.raises(ConfigurationError, match="proxy must be the URL") as raised:
        kind.from_env(proxy=f"ftp://user:{PASSWORD}@127.0.0.1")
    assert [text for text in texts_of(raised.value) if PASSWORD in text] == []


@each_sender
def test_what_is_no_proxy_in_the_environment_is_not_shown(
    kind: Kind, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"ftp://user:{PASSWORD}@127.0.0.1")
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, "https://api.example.com"))
    assert type(error) is ConfigurationError
    assert "HTTPS_PROXY" in str(error)
    assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
def test_a_proxy_that_speaks_socks_needs_a_library(
    kind: Kind, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=f"socks5://user:{PASSWORD}@127.0.0.1")
    assert type(error) is ConfigurationError
    assert "httpx[socks]" in str(error)
    assert [text for text in texts_of(error) if PASSWORD in text] == []
