"""Certificates, and handshakes that fail."""

import http.server
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conversas import ConfigurationError, Fetched, Retry, Superagentes, Timeout, TransportError
from support.byte_server import Wire
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import TOKEN, superagentes

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


SAMPLE = without_id("superagentes/sample")


class _Secret(http.server.BaseHTTPRequestHandler):
    """Answers with the sample, and notes the tokens that arrived."""

    tokens: list[str | None]

    def do_GET(self) -> None:
        self.tokens.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SAMPLE)

    def log_message(self, *_: object) -> None:
        """Write no log."""


class _SecretServer(http.server.ThreadingHTTPServer):
    connections = 0

    def verify_request(self, *_: Any) -> bool:
        self.connections += 1
        return True

    def handle_error(self, *_: object) -> None:
        """Write nothing about a client that does not go on."""


@pytest.fixture
def secret_server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_SecretServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_Secret, "tokens", [], raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _SecretServer(("127.0.0.1", 0), _Secret) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@each_sender
@pytest.mark.parametrize("scheme", ["https", "HTTPS", "hTTps"])
def test_a_certificate_that_nobody_trusts_is_an_error_and_not_tried_again(
    kind: Kind, scheme: str, secret_server: _SecretServer
) -> None:
    platform = Superagentes(TOKEN, f"{scheme}://127.0.0.1:{secret_server.server_port}")
    error = failure(kind, "superagentes:a", platform, verify=True)
    assert type(error) is TransportError
    assert error.reason == "tls"
    assert "verify=" in str(error)
    assert (error.attempts, error.retryable, secret_server.connections) == (1, False, 1)
    assert _Secret.tokens == []


@each_client
def test_a_certificate_of_a_given_authority_is_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path
) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    trusting = ssl.create_default_context(cafile=certificate)
    assert get(kind, "superagentes:a", platform, verify=trusting).raw == SAMPLE
    (outcome,) = get_many(kind, ["superagentes:b"], platform, verify=trusting)
    assert isinstance(outcome, Fetched)
    assert _Secret.tokens == [f"Bearer {TOKEN}"] * 2
    address = ("127.0.0.1", secret_server.server_port)
    with trusting.wrap_socket(socket.create_connection(address), server_hostname="127.0.0.1") as ours:
        ours.settimeout(600)  # the context is the user's, and as good as before
        assert ours.gettimeout() == 600


@each_sender
def test_an_authority_of_the_environment_is_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get(kind, "superagentes:a", platform, verify=True).raw == SAMPLE
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("none")))
    assert type(failure(kind, "superagentes:a", platform, verify=True)) is ConfigurationError


@each_sender
def test_a_certificate_of_another_host_is_not_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path
) -> None:
    platform = Superagentes(TOKEN, f"https://localhost:{secret_server.server_port}")
    error = failure(kind, "superagentes:a", platform, verify=ssl.create_default_context(cafile=certificate))
    assert isinstance(error, TransportError)
    assert (error.reason, error.attempts) == ("tls", 1)
    assert _Secret.tokens == []


@each_client
def test_a_certificate_that_nobody_trusts_stops_a_run(kind: Kind, secret_server: _SecretServer) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    outcomes: list[Any] = []
    with pytest.raises(TransportError):
        get_many(kind, (f"superagentes:{number}" for number in range(500)), platform, into=outcomes)
    assert outcomes == []
    assert secret_server.connections <= 4


@each_sender
def test_a_server_that_does_not_speak_tls_is_an_error(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    platform = Superagentes(TOKEN, server.url.replace("http://", "https://"))
    error = failure(kind, "superagentes:a", platform, retry=Retry(attempts=1))
    assert type(error) is TransportError
    assert server.requests == []


@each_sender
@pytest.mark.parametrize("timeout", [0.3, Timeout(total_seconds=0.3), Timeout(connect_seconds=0.3)], ids=repr)
def test_a_handshake_that_stalls_is_given_up_and_its_connection_closed(
    kind: Kind, timeout: Any, server: HttpServer
) -> None:
    with Wire() as wire:
        platform = Superagentes(TOKEN, wire.url.replace("http://", "https://"))
        error = failure(kind, "superagentes:a", platform, retry=Retry(attempts=1), timeout=timeout)
    assert type(error) is TransportError
    assert wire.without_request == ["closed"]


@each_client
@pytest.mark.parametrize("verify", ["certificate.pem", 0, 1, None, []], ids=repr)
def test_what_is_no_way_to_verify_is_a_configuration_error(kind: Kind, verify: Any, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server), verify=verify)) is ConfigurationError
    assert server.requests == []
