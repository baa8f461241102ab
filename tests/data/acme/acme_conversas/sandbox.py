"""Acme in the sandbox."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from acme_conversas.provider import Acme
from conversas.sandbox.auth import TokenIssuer, TokenStatus
from conversas.sandbox.platforms.base import ACCOUNT, SandboxPlatform, objects_of
from conversas.sandbox.responses import Response


class AcmeSandbox(SandboxPlatform):
    """Acme as the sandbox plays it."""

    name = "acme"
    path = re.compile(r"/acme/v1/chats/([^/]+)")
    base_path = "/acme/v1"
    id_rule = "a team and a number"
    datetime_fields = frozenset({"startedAt", "at"})

    def canonical_id(self, id_: str) -> str | None:
        return id_.lower() if re.fullmatch(r"[A-Za-z]+/\d+", id_) else None

    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        return issuer.issue_key()

    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        status = issuer.check_key(headers.get("x-acme-key"))
        return None if status is TokenStatus.VALID else self.error(401)

    def config(self, url: str, token: str) -> Acme:
        return Acme(token, f"{url}{self.base_path}", account=ACCOUNT)

    def error(self, status: int) -> Response:
        return Response(status, b"acme")

    def make_body(self, id_: str, random: Random, *, messages: int | None, cursor: str | None) -> dict[str, Any]:
        count = 3 if messages is None else messages
        lines = [
            {"lineId": n, "byCustomer": n % 2 == 0, "words": f"{random.random()}", "at": f"2024-01-01T00:00:{n:02}Z"}
            for n in range(count)
        ]
        return {"chatId": id_, "closed": True, "kind": "sms", "startedAt": "2024-01-01T00:00:00Z", "lines": lines}

    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        return {"chatId": id_, "lines": [{"words": text}]}

    def other_id(self, id_: str) -> str:
        return f"{id_}0"

    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        body["lines"] = [*objects_of(body, "lines"), {"words": text}]

    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        body["kind"] = "carrier-pigeon"

    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        body["kind"] = None


SANDBOX = AcmeSandbox()
