"""Requests to a sandbox over a socket of their own, and the responses as they are."""

import http.client
import re
import socket
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from attrs import frozen

from conversas.providers import PROVIDERS, get_provider
from conversas.providers.base import bearer
from conversas.providers.credentials import Secret
from conversas.sandbox import Sandbox
from conversas.sandbox.platforms import get_platform
from support.processes import ROOT
from tools.regenerate.spec import load_yaml


def _route(provider: str) -> tuple[str, str]:
    """Return what comes before the id in the path of a provider's spec, and the example of an id there."""
    for path, methods in load_yaml(ROOT / "openapi" / f"{provider}.yaml")["paths"].items():
        if methods["get"]["operationId"] == get_provider(provider).operation:
            [id_] = (each["schema"]["example"] for each in methods["get"]["parameters"] if each["in"] == "path")
            return path.partition("{")[0], str(id_)
    raise LookupError(provider)


_ROUTES = {provider: _route(provider) for provider in PROVIDERS}
IN_SPEC = {provider: path for provider, (path, _) in _ROUTES.items()}
"""What comes before the id in the paths of the specs."""
PATHS = {provider: get_platform(provider).base_path + path for provider, path in IN_SPEC.items()}
each_provider = pytest.mark.parametrize("provider", PATHS)


def id_of(provider: str, number: int) -> str:
    """Return the id with this number: the number itself if it is one, else the example of the spec with it."""
    if get_platform(provider).canonical_id(str(number)):
        return str(number)
    return re.sub(r"\d+$", str(abs(number)), _ROUTES[provider][1])


def segment(provider: str, number: int) -> str:
    """Return the last part of the path of a conversation."""
    return quote(id_of(provider, number), safe="")


def path_of(provider: str, number: int = 1) -> str:
    return PATHS[provider] + segment(provider, number)


def ref_of(provider: str, number: int = 1) -> str:
    return f"{provider}:{id_of(provider, number)}"


def credentials(path: str, token: str) -> Mapping[str, str]:
    """Return the headers that carry a token to the provider of a path."""
    found = [provider for provider, prefix in PATHS.items() if path.startswith(prefix)]
    return get_provider(found[0]).authenticate(Secret(token)) if found else bearer(Secret(token))


@frozen
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


def tokens(sandbox: Sandbox) -> dict[str, str]:
    return {provider: str(sandbox.provider(provider).token) for provider in PROVIDERS}


def ask(sandbox: Sandbox, path: str, token: str | None = None, *, method: str = "GET", body: bytes = b"") -> Response:
    """Make one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=60)
    try:
        connection.request(method, path, body, {} if token is None else credentials(path, token))
        response = connection.getresponse()
        return Response(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def get(sandbox: Sandbox, provider: str, id_: str) -> Response:
    return ask(sandbox, PATHS[provider] + id_, tokens(sandbox)[provider])


def get_number(sandbox: Sandbox, provider: str, number: int = 1) -> Response:
    """Get the conversation with this number, whatever the ids of the provider look like."""
    return get(sandbox, provider, segment(provider, number))


def raw(sandbox: Sandbox, provider: str = "zild", id_: str | None = None) -> bytes:
    path = path_of(provider) if id_ is None else PATHS[provider] + id_
    headers = {"Host": "sandbox", **credentials(path, tokens(sandbox)[provider])}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


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
