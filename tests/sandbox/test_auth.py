"""The tokens of a sandbox: which it issues, takes and refuses."""

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from conversas.providers import PROVIDERS
from conversas.sandbox import Sandbox
from support.raw_http import PATHS, ask, connected, each_provider, get_number, path_of, received, tokens

pytest_plugins = ["conversas.testing.fixtures"]


@pytest.mark.parametrize("headers", ["", "Authorization: Basic abc\r\n", "Authorization: Bearer\r\n"])
def test_without_a_token_zild_challenges(sandbox: Sandbox, headers: str) -> None:
    with connected(sandbox) as client:
        client.sendall(f"GET /api/Conversation/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n".encode())
        head, _, body = received(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nWWW-Authenticate: Bearer\r\n" in head
    assert body == b""


def test_zild_says_when_a_token_expired(sandbox: Sandbox) -> None:
    token = sandbox.issue_token("zild", lifetime_seconds=-90)
    answer = ask(sandbox, "/api/Conversation/1", token)
    at = datetime.fromtimestamp(claims(token)["exp"], UTC)
    assert (answer.status, answer.body) == (401, b"")
    assert answer.headers["www-authenticate"] == (
        f'Bearer error="invalid_token", error_description="The token expired at \'{at:%m/%d/%Y %H:%M:%S}\'"'
    )


def claims(token: str) -> dict[str, Any]:
    _, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize("seconds", [0.25, 59.5, 3600, -0.25, -3600])
def test_a_token_of_zild_is_a_jwt_that_tells_when_it_expires(sandbox: Sandbox, seconds: float) -> None:
    before = time.time()
    expires_at = claims(sandbox.issue_token("zild", lifetime_seconds=seconds))["exp"]
    assert before - 1 < expires_at - seconds <= time.time()
    assert isinstance(expires_at, int) == (abs(seconds) >= 60)


@pytest.mark.parametrize("options", [{}, {"token_lifetime_seconds": 86_400}])
def test_the_tokens_of_a_sandbox_are_valid_for_an_hour_or_as_long_as_it_is_told(options: dict[str, float]) -> None:
    before = time.time()
    with Sandbox(**options) as sandbox:
        lifetime = options.get("token_lifetime_seconds", 3_600)
        assert before - 1 < claims(sandbox.env["ZILD_TOKEN"])["exp"] - lifetime <= time.time()


def test_no_two_tokens_are_equal(sandbox: Sandbox) -> None:
    assert len({sandbox.issue_token(provider) for provider in PATHS for _ in range(20)}) == 20 * len(PATHS)


REFUSALS = {"zild": (401, b"", 'Bearer error="invalid_token"'), "superagentes": (403, b"Forbidden", None)}


def spoil(token: str) -> str:
    """Change the signature."""
    return token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]


@each_provider
def test_a_changed_or_foreign_or_revoked_token_is_refused(sandbox: Sandbox, provider: str) -> None:
    ours = tokens(sandbox)
    with Sandbox() as other:
        foreign = other.issue_token(provider)
    revoked = sandbox.issue_token(provider)
    sandbox.revoke(revoked)
    of_other_platforms = {*ours.values()} - {ours[provider]}
    assert len(of_other_platforms) == len(PATHS) - 1
    for token in (spoil(ours[provider]), foreign, revoked, *of_other_platforms, "ünï", "a.b.c", "."):
        answer = ask(sandbox, path_of(provider), token)
        seen = (answer.status, answer.body, answer.headers.get("www-authenticate"))
        assert answer.status in (401, 403)
        assert seen == REFUSALS.get(provider, seen)
    assert get_number(sandbox, provider).status == 200


def test_another_claim_under_the_same_signature_is_refused(sandbox: Sandbox) -> None:
    header, _, signature = tokens(sandbox)["zild"].split(".")
    payload = base64.urlsafe_b64encode(b'{"exp":99999999999}').decode().rstrip("=")
    assert ask(sandbox, "/api/Conversation/1", f"{header}.{payload}.{signature}").status == 401


def test_superagentes_refuses_a_missing_key_in_plain_text(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "/api/conversations/1")
    assert (answer.status, answer.body) == (403, b"Forbidden")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_there_are_no_tokens_for_a_third_platform(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match=f"expected one of: {', '.join(PROVIDERS)}"):
        sandbox.issue_token("acme")
