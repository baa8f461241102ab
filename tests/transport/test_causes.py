"""Causes of failures that a user can do something about: the message says what."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from conversas import Superagentes, TransportError
from support.client_kinds import Kind, each_engine, each_sender, failure, quick
from support.http_server import GUARD_SECONDS, HttpServer
from support.providers import TOKEN
from support.scripts import start_script

# Too many open files

OUT_OF_FILES = """
import resource
from conversas import Retry, TransportError

reasons = set()
with Client(zild, retry=Retry(attempts=1)) as client:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        for outcome in client.get_many(map("zild:{}".format, range(300)), concurrency=100, outage_seconds=2):
            if isinstance(outcome, Failed):
                reasons.add(str(outcome.error).partition(": ")[2])
    except TransportError as error:
        reasons.add(str(error).partition(": ")[2])
print(*reasons, sep="\\n")
"""
OUT_OF_FILES_FOR_GET = """
import resource, socket
from conversas import TransportError

with Client(zild) as client:
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    try:
        client.get("zild:1")
    except TransportError as error:
        print(str(error).partition(": ")[2], error.reason, error.attempts)
"""


@each_engine
@pytest.mark.parametrize("code", [OUT_OF_FILES, OUT_OF_FILES_FOR_GET], ids=["run", "get"])
def test_too_many_open_files_are_the_cause_that_is_said(
    engine: str, code: str, keeper: HttpServer, tmp_path: Path
) -> None:
    with start_script(code, keeper.url, engine, cwd=tmp_path) as process:
        out, err = process.communicate(timeout=2 * GUARD_SECONDS)
    assert process.returncode == 0, err  # without files, Python has more to say of itself
    words = " ".join(out.split())
    arrived = code == OUT_OF_FILES and not words  # all of a run may arrive, over fewer connections
    assert arrived or "(open_files)" in words
    assert arrived or "lower `concurrency`, or raise `ulimit -n`" in words
    assert "unreachable" not in words


# A server that demands a certificate of its client


class _Handler(BaseRequestHandler):
    context: ssl.SSLContext

    def handle(self) -> None:
        self.request.settimeout(5)
        with contextlib.suppress(OSError), self.context.wrap_socket(self.request, server_side=True) as secure:
            secure.recv(65536)


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def demanding(request: pytest.FixtureRequest, certificate: Path) -> Iterator[str]:
    """Serve to clients that have a certificate alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = request.param
    with ThreadingTCPServer(("127.0.0.1", 0), type("_Handler", (_Handler,), {"context": context})) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@each_sender
def test_a_client_certificate_that_is_missing_is_the_cause_that_is_said(
    kind: Kind, demanding: str, certificate: Path, engine: str, no_proxies: None
) -> None:
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, demanding), verify=certificate, retry=quick(20))
    assert isinstance(error, TransportError)
    assert (error.reason, error.retryable) == ("tls", False)
    assert "client certificate" in str(error)
    assert "load_cert_chain" in str(error)
