"""Requests to a sandbox over a socket of their own, and the responses as they are."""

import http.client
import socket

from attrs import frozen

from conversas.sandbox import Sandbox

PATHS = {"zild": "/api/Conversation/", "superagentes": "/api/conversations/"}


@frozen
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


def tokens(sandbox: Sandbox) -> dict[str, str]:
    return {"zild": str(sandbox.zild.token), "superagentes": str(sandbox.superagentes.token)}


def ask(sandbox: Sandbox, path: str, token: str | None = None, *, method: str = "GET", body: bytes = b"") -> Response:
    """Make one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=60)
    try:
        connection.request(method, path, body, {} if token is None else {"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return Response(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def get(sandbox: Sandbox, provider: str, id_: str) -> Response:
    return ask(sandbox, PATHS[provider] + id_, tokens(sandbox)[provider])


def raw(sandbox: Sandbox, provider: str = "zild", id_: str = "1") -> bytes:
    token = tokens(sandbox)[provider]
    head = f"GET {PATHS[provider]}{id_} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {token}\r\n\r\n"
    return head.encode()


def connected(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=60)


def received(client: socket.socket) -> bytes:
    """Read until the other side closes, in one way or another."""
    pieces: list[bytes] = []
    try:
        while piece := client.recv(65_536):
            pieces.append(piece)
    except ConnectionError:
        pass
    return b"".join(pieces)
