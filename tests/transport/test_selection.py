"""The selection of the transport: libcurl if it can serve, else httpx."""

import asyncio
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pycurl
import pytest

from conversas import AsyncClient, Client, Fetched, Retry, Superagentes, Timeout, TransportError
from conversas.transport.httpx_transport import AsyncHttpxTransport, HttpxTransport
from conversas.transport.network import Network
from conversas.transport.selection import open_async_transport, open_transport
from support.byte_server import Wire
from support.client_kinds import get_many
from support.http_server import BODY, HttpServer, Request
from support.providers import TOKEN, zild

ONCE = Retry(attempts=1)
URLS = ["https://a.example", "http://127.0.0.1:1"]


class Proactor(asyncio.SelectorEventLoop):
    """A loop that cannot wait for a socket to be readable, as that of Windows by default."""

    is_open = False

    def add_reader(self, *arguments: Any) -> Any:
        if self.is_open:
            raise NotImplementedError
        return super().add_reader(*arguments)  # its own

    def run_until_complete(self, future: Any) -> Any:
        self.is_open = True
        return super().run_until_complete(future)


def uses_curl(loop: Any = asyncio.SelectorEventLoop, **options: Any) -> tuple[bool, bool]:
    """Return whether the blocking and the asynchronous transport go over libcurl."""
    network = Network(**options)

    async def open_in_loop() -> bool:
        transport = open_async_transport(network, URLS)
        await transport.close()
        return not isinstance(transport, AsyncHttpxTransport)

    transport = open_transport(network, URLS)
    transport.close()
    with asyncio.Runner(loop_factory=loop) as runner:
        return not isinstance(transport, HttpxTransport), runner.run(open_in_loop())


def test_libcurl_serves_with_pycurl_and_httpx_without_it(no_proxies: None, engine: str) -> None:
    expected = engine == "pycurl"
    assert uses_curl() == (expected, expected)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "https://127.0.0.1:1", "socks5://127.0.0.1:1"])
def test_libcurl_serves_with_a_proxy(no_proxies: None, proxy: str) -> None:
    assert uses_curl(proxy=proxy) == (True, True)


def test_libcurl_serves_with_certificates_of_a_path(no_proxies: None, certificate: Path) -> None:
    assert uses_curl(verify=certificate) == uses_curl(verify=str(certificate.parent)) == (True, True)


def test_httpx_serves_with_a_transport_or_tls_settings_of_the_user(no_proxies: None) -> None:
    assert uses_curl(transport=httpx.MockTransport(lambda _: httpx.Response(200))) == (False, False)
    assert uses_curl(verify=ssl.create_default_context()) == (False, False)


@pytest.mark.parametrize("version", ["PycURL/7.45.7 libcurl/8.23.0", "PycURL/6.99.0", "unknown"])
def test_httpx_serves_with_an_older_pycurl(no_proxies: None, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pycurl, "version", version)
    assert uses_curl() == (False, False)


def test_httpx_serves_in_a_loop_that_takes_no_readers(no_proxies: None, keeper: HttpServer) -> None:
    async def use() -> list[Any]:
        async with AsyncClient(zild(keeper)) as client:
            return [await client.get("zild:1"), *[outcome async for outcome in client.get_many(["zild:2"])]]

    assert uses_curl(loop=Proactor) == (True, False)
    with asyncio.Runner(loop_factory=Proactor) as runner:
        assert len(runner.run(use())) == 2


def test_pycurl_is_imported_by_the_first_client_alone(tmp_path: Path) -> None:
    code = """
import sys
import conversas
from conversas import Client, Zild
seen = ["pycurl" in sys.modules]
with Client(Zild(sys.argv[1], "token")) as client:
    seen.append("pycurl" in sys.modules)
    before = set(sys.modules)
    client.get("zild:1")
    seen.append(set(sys.modules) == before)
print(seen)
"""
    with HttpServer(keep_alive=True) as keeper:
        command = [sys.executable, "-c", code, keeper.url]
        environment = {"NO_PROXY": "127.0.0.1"}
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert result.stdout == "[False, True, True]\n"


# That it makes no difference


def test_a_provider_that_cannot_be_reached_stops_a_run_for_the_same_reason(server: HttpServer, engine: str) -> None:
    reasons: list[str | None] = []
    with Wire() as gone:
        refused = gone.url
    with Wire() as stalling:
        secure = [each.url.replace("http://", "https://") for each in (stalling, server)]
        for url in (refused, "https://host.invalid", *secure):
            options: dict[str, Any] = {"timeout": Timeout(connect_seconds=0.2)}
            with pytest.raises(TransportError) as raised:
                get_many(
                    Client, ["superagentes:a", "superagentes:b"], Superagentes("token", url), retry=ONCE, **options
                )
            reasons.append(raised.value.reason)
    assert reasons == ["refused", "dns", "connect_timeout", "tls"]
    assert stalling.without_request == ["closed"] * 2


def test_a_run_that_begins_again_on_a_new_connection_has_made_one_attempt(engine: str, server: HttpServer) -> None:
    def hang_up_on_the_second(asked: Request) -> tuple[int, bytes, dict[str, str]]:
        if len(keeper.requests) == 2:
            raise ConnectionResetError
        return 200, BODY, {}

    with HttpServer(hang_up_on_the_second, keep_alive=True) as keeper:
        outcomes = get_many(Client, ["zild:1", "zild:2"], zild(keeper, TOKEN), concurrency=1, retry=ONCE)
    assert [(asked.connection, asked.id) for asked in keeper.requests] == [(1, "1"), (1, "2"), (2, "2")]
    assert [outcome.attempts for outcome in outcomes if isinstance(outcome, Fetched)] == [1, 1]
