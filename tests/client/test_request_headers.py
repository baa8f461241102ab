"""The headers of a request, and whom they reach."""

from pathlib import Path

import pytest

from conversas import __version__
from support.client_kinds import Kind, each_client, each_sender, get, get_each, get_many
from support.examples import without_id
from support.http_server import HttpServer, always
from support.providers import TOKEN, superagentes, zild

SAMPLE = without_id("superagentes/sample")
SAMPLE_OF_ZILD = without_id("zild/sample")


@each_sender
def test_a_request_has_these_headers_and_no_others(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server))
    headers = {name.lower(): value for name, value in server.request.headers.items()}
    assert headers == {
        "host": server.url.removeprefix("http://"),
        "authorization": f"Bearer {TOKEN}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": f"conversas/{__version__}",
    }


@each_client
@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer ", "BEARER  "])
def test_a_pasted_prefix_is_dropped(kind: Kind, prefix: str, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server, prefix + TOKEN))
    assert server.request.headers.get_all("Authorization") == [f"Bearer {TOKEN}"]


@each_client
def test_each_platform_gets_its_own_token(kind: Kind, server: HttpServer) -> None:
    server.answer(200, SAMPLE_OF_ZILD)
    with HttpServer(always(200, SAMPLE)) as other:
        platforms = zild(server, "token-of-zild"), superagentes(other, "token-of-superagentes")
        get_many(kind, ["zild:1", "superagentes:a", "zild:2", "superagentes:b"], *platforms)
        assert {request.headers["Authorization"] for request in other.requests} == {"Bearer token-of-superagentes"}
    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer token-of-zild"}


@each_client
def test_a_cookie_is_not_sent_back(kind: Kind, server: HttpServer) -> None:
    server.first = [(503, b"", {"Set-Cookie": "session=canary; Path=/", "Retry-After": "0"})]
    server.answer(200, SAMPLE, {"Set-Cookie": "session=canary; Path=/"})
    get_each(kind, ["superagentes:a", "superagentes:b"], superagentes(server))
    get_many(kind, ["superagentes:c", "superagentes:d"], superagentes(server), concurrency=1)
    assert len(server.requests) == 5
    assert [request.headers["Cookie"] for request in server.requests] == [None] * 5


@each_sender
def test_a_netrc_file_is_not_heeded(
    kind: Kind, server: HttpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("default login user password password-canary\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server))
    assert server.request.headers.get_all("Authorization") == [f"Bearer {TOKEN}"]
