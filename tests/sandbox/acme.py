"""A made-up third provider, which takes an API key in a header of its own and names its ids and texts differently."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from attrs import frozen

from conversas.sandbox.auth import TokenIssuer, TokenStatus
from conversas.sandbox.platforms.base import SandboxPlatform, objects_of
from conversas.sandbox.responses import Response


@frozen
class Acme:
    """Stands for the configuration of a client."""

    base_url: str
    api_key: str


class AcmeSandbox(SandboxPlatform):
    name = "acme"
    path = re.compile(r"/acme/v1/chats/([^/]+)")
    base_path = "/acme/v1"
    id_rule = "a letter and digits"
    datetime_fields = frozenset({"at"})

    def canonical_id(self, id_: str) -> str | None:
        return id_.upper() if re.fullmatch(r"[A-Za-z]\d+", id_) else None

    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        return issuer.issue_key()

    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        status = issuer.check_key(headers.get("x-api-key"))
        return None if status is TokenStatus.VALID else Response(401, status.encode())

    def config(self, url: str, token: str) -> Any:
        return Acme(f"{url}{self.base_path}", token)

    def env(self, url: str, token: str) -> dict[str, str]:
        return {"ACME_URL": f"{url}{self.base_path}", "ACME_API_KEY": token}

    def error(self, status: int) -> Response:
        return Response(status, b"acme")

    def make_body(self, id_: str, random: Random, *, messages: int | None, cursor: str | None) -> dict[str, Any]:
        count = 3 if messages is None else messages
        texts = [{"words": f"{random.random()}", "at": "2024-01-01T00:00:00Z"} for _ in range(count)]
        return {"chat": id_, "kind": "sms", "messages": texts}

    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        return {"chat": id_, "messages": [{"words": text}]}

    def other_id(self, id_: str) -> str:
        return f"{id_}0"

    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        objects_of(body, "messages")[-1]["words"] = text

    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        body["kind"] = "carrier-pigeon"

    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        body["kind"] = None


class SecondZild(AcmeSandbox):
    name = "zild"


PLATFORM, SECOND_ZILD = AcmeSandbox(), SecondZild()
NO_PLATFORM = AcmeSandbox
