"""Kept connections that have ended meanwhile: a request begins again on another, and that is no attempt."""

import contextlib
import socket
import time
from collections.abc import Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from conversas import Fetched, Retry, Zild
from support.byte_server import RESET_AT_CLOSE
from support.client_kinds import Kind, each_client, get_each, get_many
from support.messages import whole_response
from support.providers import TOKEN
from support.sizes import size

pytestmark = pytest.mark.usefixtures("engine", "no_proxies")  # once with libcurl, once with httpx

ONCE = Retry(attempts=1)
REFS = size({"pycurl": 1_000, "httpx": 1_000}, reduced={"pycurl": 150, "httpx": 60})  # httpx takes ten times as long


class _Handler(BaseRequestHandler):
    """Answers one request, waits, and ends the connection."""

    reset: bool
    seconds: float

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            data = b""
            while not data.endswith(b"\r\n\r\n"):
                data += self.request.recv(65536)
                if not data:
                    return
            id_ = data.split(b" ", 2)[1].rpartition(b"/")[2]
            self.request.sendall(whole_response(b'{"id": %b, "messages": []}' % id_))
            time.sleep(self.seconds)
            if self.reset:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)

    def finish(self) -> None:
        self.request.close()


class _Server(ThreadingTCPServer):
    request_queue_size = 256
    daemon_threads = False

    def shutdown_request(self, request: object) -> None:
        """Leave the end of a connection to the handler, as this would send an end before a reset."""


@pytest.fixture(params=[(reset, seconds) for reset in (False, True) for seconds in (0.0005, 0.002, 0.01)], ids=repr)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve, and end each connection some time after its first response."""
    reset, seconds = request.param
    handler = type("_Handler", (_Handler,), {"reset": reset, "seconds": seconds})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@each_client
def test_all_of_a_hundred_arrive_with_one_attempt_each(kind: Kind, url: str) -> None:
    conversations = get_each(kind, [f"zild:{number}" for number in range(100)], Zild(url, TOKEN), retry=ONCE)
    assert [conversation.id for conversation in conversations] == [str(number) for number in range(100)]


@each_client
def test_all_of_a_run_arrive_with_one_attempt_each(kind: Kind, url: str, engine: str) -> None:
    refs = [f"zild:{number}" for number in range(REFS[engine])]
    outcomes = get_many(kind, refs, Zild(url, TOKEN), retry=ONCE)
    assert {type(outcome) for outcome in outcomes} == {Fetched}
    assert {outcome.attempts for outcome in outcomes if isinstance(outcome, Fetched)} == {1}
    assert all(outcome.conversation.id == outcome.ref.id for outcome in outcomes if isinstance(outcome, Fetched))
