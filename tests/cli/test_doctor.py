"""`conversas doctor`: the right fix for each problem, and no secret."""

import re
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from conversas import (
    ApiError,
    ConfigurationError,
    DecodeError,
    DecodeErrorReason,
    ServerError,
    TransportError,
    TransportErrorReason,
    __version__,
)
from conversas.cli.commands.doctor import suggest_fix
from conversas.providers import PROVIDERS
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.transport.proxy import redacted_proxy
from support.byte_server import Wire, head
from support.cli import Run, conversas, leading_to
from support.http_server import HttpServer
from support.proxy_server import ProxyServer

SECRET = "secret-canary"
HTTPS = "https://conversas.invalid"  # it has no address: only a proxy is ever asked for it
WIDE = {"COLUMNS": "400"}  # so that nothing is wrapped
CHECKS = ["base URL", "proxy", "token", "host"]


@pytest.fixture
def doctor(command: Run) -> Run:
    return lambda **variables: command("doctor", **WIDE | variables)


def section(shown: str, platform: str) -> dict[str, str]:
    """Return the results of one provider by check, each with its mark, its text and the fix."""
    _, _, rest = shown.partition(f"\n{platform}\n")
    found: dict[str, str] = {}
    name = ""
    for line in rest.partition("\n\n")[0].splitlines():
        if line.startswith("      "):
            found[name] += f" -> {line.strip()}"
        else:
            name = line[6:21].strip()
            found[name] = f"{line[2:4]} {line[21:]}"
    return found


def zild(url: str, token: str = SECRET) -> dict[str, str]:
    return {"ZILD_BASE_URL": url, "ZILD_TOKEN": token}


def superagentes(url: str, token: str = SECRET) -> dict[str, str]:
    return {"SUPERAGENTES_BASE_URL": url, "SUPERAGENTES_TOKEN": token}


def test_all_is_well(doctor: Run, sandbox: Sandbox) -> None:
    code, out, err = doctor(**leading_to(sandbox))
    assert (code, err) == (0, "")
    assert out.startswith(f"conversas {__version__}, Python 3.")
    first, second = section(out, "zild"), section(out, "superagentes")
    assert list(first) == list(second) == CHECKS
    assert first["base URL"] == f"ok {sandbox.url}"
    assert first["proxy"] == "ok none"
    assert re.fullmatch(r"ok from ZILD_TOKEN, \d+ characters, expires in (1 hour|60 minutes)", first["token"])
    assert second["token"] == "ok from SUPERAGENTES_TOKEN, 40 characters"
    assert first["host"].startswith("ok responds")
    assert sandbox.counts.requests == len(PROVIDERS)


def test_that_there_is_no_such_conversation_is_an_answer(doctor: Run, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    code, out, _ = doctor(**leading_to(sandbox))
    assert code == 0
    not_there = "ok responds with the status 404: no such conversation, or a wrong path in the base URL"
    assert section(out, "zild")["host"] == not_there
    assert section(out, "superagentes")["host"] == "ok responds with the status 200"


def test_nothing_is_set(doctor: Run) -> None:
    code, out, err = doctor()
    assert (code, err) == (2, "")
    assert section(out, "zild") == {"not configured": "-- to use this provider, set ZILD_BASE_URL and ZILD_TOKEN"}
    assert section(out, "superagentes") == {"not configured": "-- to use this provider, set SUPERAGENTES_TOKEN"}


def test_one_platform_is_enough(doctor: Run, sandbox: Sandbox) -> None:
    variables = {name: value for name, value in leading_to(sandbox).items() if name.startswith("ZILD")}
    code, out, _ = doctor(**variables)
    assert code == 0
    assert list(section(out, "superagentes")) == ["not configured"]


@pytest.mark.parametrize(
    ("variables", "problem", "advised"),
    [
        (zild("nonsense"), "base_url must begin with https://", "set ZILD_BASE_URL again"),
        (zild("http://conversas.invalid"), "would send the token unencrypted", "set ZILD_BASE_URL again"),
        (zild(f"https://user:{SECRET}@127.0.0.1"), "must not contain credentials", "set ZILD_BASE_URL again"),
        (zild("https://127.0.0.1:0"), "base_url has no valid host", "set ZILD_BASE_URL again"),
        ({"ZILD_TOKEN": SECRET}, "ZILD_BASE_URL is not set", "set ZILD_BASE_URL and ZILD_TOKEN again"),
        (
            zild("https://127.0.0.1", f"{SECRET} x"),
            "token must contain only characters",
            "set ZILD_BASE_URL and ZILD_TOKEN",
        ),
        (zild("https://127.0.0.1") | {"ZILD_TOKEN_FILE": "/nowhere"}, "unset one of them", "set ZILD"),
    ],
)
def test_a_setting_is_of_no_use(doctor: Run, variables: dict[str, str], problem: str, advised: str) -> None:
    code, out, err = doctor(**variables)
    (text,) = section(out, "zild").values()
    told, _, what_to_do = text.partition(" -> ")
    assert (code, err) == (2, "")
    assert told.startswith("!! ")
    assert problem in told
    assert what_to_do.startswith(advised)
    assert SECRET not in out


def test_a_base_url_of_superagentes_is_of_no_use(doctor: Run) -> None:
    code, out, _ = doctor(**superagentes("nonsense"))
    assert code == 2
    assert section(out, "superagentes")["configuration"].endswith("-> set SUPERAGENTES_BASE_URL again")


def test_the_host_is_down(doctor: Run) -> None:
    with HttpServer() as server:
        url = server.url
    code, out, _ = doctor(**zild(url))
    found = section(out, "zild")
    assert code == 1
    assert found["host"].startswith("!! no response (refused) -> nothing listens at that address; check host and port")


def test_there_is_no_such_host() -> None:
    error = TransportError("", reason=TransportErrorReason.DNS)
    assert (suggest_fix(error, None) or "").startswith("the host does not exist; check the spelling")


@pytest.mark.parametrize("platform", ["zild", "superagentes"])
def test_the_token_is_wrong(doctor: Run, sandbox: Sandbox, platform: str) -> None:
    with Sandbox() as other:
        token = other.issue_token(platform)
    code, out, _ = doctor(**leading_to(sandbox) | {f"{platform.upper()}_TOKEN": token})
    found = section(out, platform)
    assert code == 1
    assert found["host"].startswith("!! responds with the status 40")
    assert "-> the host rejects the token; check that it is complete, belongs to this provider" in found["host"]
    assert token not in out


def test_the_jwt_has_expired_and_nothing_is_sent(doctor: Run, sandbox: Sandbox) -> None:
    token = sandbox.issue_token("zild", lifetime_seconds=-2 * 86_400)
    code, out, _ = doctor(**zild(sandbox.url, token))
    found = section(out, "zild")
    assert (code, sandbox.counts.requests) == (1, 0)
    assert "host" not in found
    assert found["token"] == (
        f"!! from ZILD_TOKEN, {len(token)} characters, expired 2 days ago -> log in again, and set ZILD_TOKEN again"
    )


def test_a_token_that_tells_no_expiry_is_tried(doctor: Run, server: HttpServer) -> None:
    server.answer(404)
    code, out, _ = doctor(**zild(server.url))
    assert code == 0
    assert (
        section(out, "zild")["token"] == f"ok from ZILD_TOKEN, {len(SECRET)} characters, does not say when it expires"
    )


def test_a_token_file_is_read_and_named(doctor: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "token"
    variables = {"ZILD_BASE_URL": sandbox.url, "ZILD_TOKEN_FILE": str(file)}
    code, out, _ = doctor(**variables)
    assert code == 2
    assert (
        "cannot be read: FileNotFoundError -> write the token into that file" in section(out, "zild")["configuration"]
    )
    file.write_text("\n")
    code, out, _ = doctor(**variables)
    assert code == 2
    assert f"the token file {file} is empty -> write the token into that file" in section(out, "zild")["configuration"]
    file.write_text(sandbox.issue_token("zild", lifetime_seconds=-100) + "\n")
    code, out, _ = doctor(**variables)
    assert code == 1
    assert section(out, "zild")["token"].endswith("and write the new token into the file of ZILD_TOKEN_FILE")
    file.write_text(str(sandbox.zild.token) + "\n")
    code, out, _ = doctor(**variables)
    assert code == 0
    assert section(out, "zild")["token"].startswith("ok from ZILD_TOKEN_FILE, ")


# Certificates


class _Silent(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Ignore a client that hangs up."""


@pytest.fixture
def secure_url(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), _Silent) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_authority_of_the_certificate_is_not_known(doctor: Run, secure_url: str, certificate: Path) -> None:
    code, out, _ = doctor(**zild(secure_url))
    host = section(out, "zild")["host"]
    assert code == 1
    assert host.startswith("!! no response (tls) -> the host's certificate ")
    assert "SSL_CERT_FILE=" in host
    code, out, _ = doctor(**zild(secure_url), SSL_CERT_FILE=str(certificate))
    assert code == 0
    assert section(out, "zild")["host"].startswith("ok responds with the status 404")


# Proxies


def proxied(proxy: str) -> dict[str, str]:
    return zild(HTTPS) | {"HTTPS_PROXY": proxy, "NO_PROXY": ""}


@pytest.mark.parametrize("status", [403, 502])
def test_the_proxy_refuses(doctor: Run, status: int) -> None:
    with Wire(standing=lambda peer: peer.send(head(status))) as proxy:
        address = proxy.url.removeprefix("http://")
        code, out, _ = doctor(**proxied(f"http://user:{SECRET}@{address}"))
        assert [request.target for request in proxy.requests] == ["conversas.invalid:443"]
    found = section(out, "zild")
    assert code == 1
    assert found["proxy"] == f"ok {address}"
    assert found["host"].startswith(
        f"!! no response (proxy) -> the proxy {address} refuses the connection or is down; check HTTPS_PROXY"
    )
    assert "user:" not in out.replace("user:password@", "")
    assert SECRET not in out


def test_the_proxy_is_down(doctor: Run) -> None:
    with HttpServer() as server:
        address = server.url.removeprefix("http://")
    code, out, _ = doctor(**proxied(address))
    assert code == 1
    assert section(out, "zild")["host"].startswith(
        f"!! no response (refused) -> the proxy {address} refuses the connection or is down"
    )


def test_a_proxy_in_between_wants_credentials(doctor: Run) -> None:
    with ProxyServer(refuses=True) as proxy:
        code, out, _ = doctor(**zild("https://zild.example"), HTTPS_PROXY=f"http://{proxy.address}", NO_PROXY="")
    assert code == 1
    assert f"the proxy {proxy.address} requires credentials" in section(out, "zild")["host"]


@pytest.mark.parametrize(
    "proxy",
    [
        f"http://user:{SECRET}/x@127.0.0.1:9",
        f"http://user:12/{SECRET}@127.0.0.1:9",
        f"http://[{SECRET}",
        f"user:{SECRET}",
    ],
)
def test_an_address_of_a_proxy_that_cannot_be_read_is_not_shown(doctor: Run, proxy: str) -> None:
    code, out, err = doctor(**proxied(proxy))
    assert (code, err) == (1, "")
    assert section(out, "zild")["host"].startswith("!! ")
    assert SECRET not in out


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "proxy.example:3128"),
        ({"https_proxy": "http://proxy.example:3128/"}, "proxy.example:3128"),
        ({"ALL_PROXY": "socks5://a:b@proxy.example:1080"}, "proxy.example:1080"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
        ({"HTTPS_PROXY": "a:b@c@proxy.example:3128"}, "proxy.example:3128"),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "example,conversas.invalid"}, None),
        ({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:none"}, "(invalid)"),
    ],
)
def test_the_proxy_of_an_address_is_told_without_credentials(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    for kind in ("HTTP", "HTTPS", "ALL", "NO"):
        monkeypatch.delenv(f"{kind}_PROXY", raising=False)
        monkeypatch.delenv(f"{kind}_PROXY".lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert redacted_proxy(HTTPS) == proxy


# Answers


@pytest.mark.parametrize(
    ("status", "body", "told", "advised"),
    [
        (200, b"<html>canary</html>", "", "the response is not from the provider"),
        (302, b"", "responds with the status 302", "the base URL redirects"),
        (402, b"canary", "responds with the status 402", "the response is not a conversation"),
        (503, b"canary", "responds with the status 503", "the provider has an internal failure"),
    ],
)
def test_the_host_answers_something_else(
    doctor: Run, server: HttpServer, status: int, body: bytes, told: str, advised: str
) -> None:
    server.answer(status, body, {"Location": "https://conversas.invalid/canary"})
    code, out, _ = doctor(**zild(server.url))
    host = section(out, "zild")["host"]
    assert code == 1
    assert host.startswith(f"!! {told}")
    assert f"-> {advised}" in host
    assert "canary" not in out
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reason", [TransportErrorReason.READ_TIMEOUT, TransportErrorReason.RESET, TransportErrorReason.PROTOCOL]
)
def test_the_host_takes_the_connection_and_says_nothing(reason: TransportErrorReason) -> None:
    assert (suggest_fix(TransportError("", reason=reason), None) or "").startswith(
        "the connection was made, but no response"
    )


def test_every_error_has_advice_but_those_that_show_that_the_platform_answers() -> None:
    errors = [ServerError("", status=500), DecodeError("", reason=DecodeErrorReason.NOT_JSON), ConfigurationError("")]
    errors += [TransportError("", reason=reason) for reason in TransportErrorReason]
    assert all(suggest_fix(error, None) for error in errors)
    assert [status for status in (400, 404, 429) if suggest_fix(ApiError("", status=status), None)] == []


# Secrets


def test_no_secret_is_shown_in_another_process(server: HttpServer) -> None:
    server.answer(401)
    variables = zild(server.url) | superagentes(server.url) | {"ALL_PROXY": f"http://user:{SECRET}@127.0.0.1:9"}
    result = conversas("doctor", **WIDE | variables)
    assert result.returncode == 1
    assert result.stdout.count(b"rejects the token") == 2
    assert SECRET.encode() not in result.stdout + result.stderr


# How it looks


def test_what_is_long_is_wrapped_below_itself(command: Run, server: HttpServer) -> None:
    server.answer(401)
    _, out, _ = command("doctor", **zild(server.url, "x"))
    lines = out.splitlines()
    first = lines.index("  !!  host           responds with the status 401")
    assert lines[first - 1 : first + 2] == [
        "  ok  token          from ZILD_TOKEN, 1 character, does not say when it expires",
        "  !!  host           responds with the status 401",
        "      the host rejects the token; check that it is complete, belongs to this",
    ]
    assert lines[first + 2] == "      provider, and is not revoked"


def test_colours_are_for_terminals(doctor: Run, sandbox: Sandbox) -> None:
    _, out, _ = doctor(**leading_to(sandbox))
    assert "\x1b" not in out
