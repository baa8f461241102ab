"""Proxies: where they are found, what they see, and how they fail."""

import base64
import contextlib
import gc
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversas import ConfigurationError, Retry, Superagentes, TransportError, Zild
from conversas.transport.proxy import find_proxy, proxy_from_env
from support.byte_server import Wire, answer
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_each, get_many, quick
from support.examples import without_id
from support.http_server import HttpServer, always
from support.providers import TOKEN, superagentes
from support.proxy_server import ProxyServer
from support.tracebacks import texts_of

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


SAMPLE = without_id("superagentes/sample")
PASSWORD = "password-canary"
ELSEWHERE = "https://api.example.com"
TUNNEL = "api.example.com:443"
LEAVES_A_SOCKET = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore, blocking


# A proxy of the environment


@each_client
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_heeded(
    kind: Kind, variable: str, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), retry=Retry(attempts=1))
        with contextlib.suppress(TransportError):
            get_many(kind, ["superagentes:b"], Superagentes(TOKEN, ELSEWHERE), retry=Retry(attempts=1))
    assert [request.target for request in proxy.requests] == [TUNNEL] * 2


@pytest.mark.parametrize("entry", ["localhost:abc", "a:99999", "[::1", "[x]", "a@b:c", "\u2100"])
def test_an_entry_of_no_proxy_that_is_no_host_matches_nothing(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("NO_PROXY", entry)
    assert find_proxy(ELSEWHERE) == "http://127.0.0.1:3128"
    monkeypatch.setenv("NO_PROXY", f"{entry}, api.example.com")
    assert find_proxy(ELSEWHERE) is None


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
def test_each_provider_is_reached_its_own_way(
    kind: Kind, server: HttpServer, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer(200, SAMPLE)
    with Wire() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        providers = Zild("https://zild.example", TOKEN), superagentes(server)
        with pytest.raises(TransportError):
            get_each(kind, ["superagentes:a", "zild:1"], *providers, retry=Retry(attempts=1))
        with contextlib.suppress(TransportError):
            get_many(kind, ["superagentes:a", "zild:1"], *providers, retry=Retry(attempts=1))
    assert [request.target for request in proxy.requests] == ["zild.example:443"] * 2
    assert [request.target for request in server.requests] == ["/conversations/a"] * 2


# This machine


LOCAL = [
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost"),
    *("127.0.0.1", "127.9.9.9", "127.1", "127.0.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "0x7f.1"),
    *("0.0.0.0", "0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1."),
]
OTHERS = ["example.com", "localhost.example.com", "notlocalhost", "10.0.0.1", "128.0.0.1", "2147483649", "[::2]"]


@pytest.mark.parametrize("host", LOCAL)
def test_no_proxy_is_for_this_machine(host: str, no_proxies: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    assert find_proxy(f"http://{host}:8080/api") is None
    assert find_proxy(f"http://{host}", "http://other.example") is None
    assert find_proxy(f"https://{host}", "http://other.example") == "http://other.example"


@pytest.mark.parametrize("host", OTHERS)
def test_a_proxy_is_for_other_machines(host: str, no_proxies: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    assert find_proxy(f"http://{host}:8080/api") == "http://proxy.example"


@each_sender
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("given", ["by proxy=", "by the environment"])
def test_a_token_in_the_clear_reaches_no_proxy(
    kind: Kind, host: str, given: str, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer(always(200, SAMPLE)) as server, HttpServer() as proxy:
        platform = Superagentes(TOKEN, server.url.replace("127.0.0.1", host))
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.url)
        assert (
            get(kind, "superagentes:a", platform, **({"proxy": proxy.url} if given == "by proxy=" else {})).raw
            == SAMPLE
        )
        assert proxy.connections == 0


# Proxies of the environment, as httpx finds them


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
        with httpx.Client(verify=False) as client:
            theirs: Any = client._transport_for_url(httpx.URL(url))
    proxy = getattr(theirs._pool, "_proxy_url", None)
    assert (urlsplit(ours).netloc if ours else None) == (f"{proxy.host.decode()}:{proxy.port}" if proxy else None)


# A proxy that is given


@each_sender
@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_a_response_comes_through_a_tunnel_and_the_proxy_sees_its_password_alone(
    kind: Kind, scheme: str, engine: str, certificate: Path, no_proxies: None
) -> None:
    with ProxyServer() as proxy, Wire(standing=answer(SAMPLE), certificate=certificate) as wire:
        url = f"{scheme}://user:{PASSWORD}@{proxy.address}"
        conversation = get(kind, "superagentes:a", superagentes(wire), proxy=url, verify=certificate)
        assert conversation.raw == SAMPLE
        assert proxy.asked == [wire.url.removeprefix("https://")]
        credentials = f"user:{PASSWORD}"
        basic = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        assert proxy.authorizations == [basic if scheme == "http" else credentials]
        assert "proxy-authorization" not in wire.requests[0].headers
        assert wire.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


@each_sender
@pytest.mark.parametrize("scheme", ["http", pytest.param("socks5", marks=LEAVES_A_SOCKET)])
def test_a_proxy_that_rejects_its_credentials_is_an_error_without_them_and_not_asked_again(
    kind: Kind, scheme: str, engine: str, no_proxies: None
) -> None:
    with ProxyServer(refuses=True) as proxy:
        url = f"{scheme}://user:{PASSWORD}@{proxy.address}"
        error = failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=url)
    assert isinstance(error, TransportError)
    assert (error.reason, error.attempts, error.retryable) == ("proxy", 1, False)
    gc.collect()  # the socket, in this test
    assert "credentials of the proxy" in str(error)
    assert len(proxy.authorizations) == 1
    assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
def test_a_proxy_that_refuses_is_asked_again(kind: Kind, no_proxies: None) -> None:
    with Wire(standing=answer(b"", 503)) as proxy:
        error = failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=proxy.url, retry=quick(2))
    assert isinstance(error, TransportError)
    assert (error.reason, error.attempts, error.retryable) == ("proxy", 2, True)


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
    monkeypatch.setitem(sys.modules, "pycurl", None)
    monkeypatch.setitem(sys.modules, "socksio", None)
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=f"socks5://user:{PASSWORD}@127.0.0.1")
    assert type(error) is ConfigurationError
    assert "run pip install pycurl or pip install socksio" in str(error)
    assert [text for text in texts_of(error) if PASSWORD in text] == []
