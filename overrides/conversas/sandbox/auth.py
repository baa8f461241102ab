"""Tokens that a sandbox issues and checks."""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Any

import orjson
from attrs import define, field

HEADER = {"alg": "HS256", "typ": "JWT"}


class TokenStatus(StrEnum):
    """Result of checking a token."""

    VALID = "valid"
    ABSENT = "absent"
    REFUSED = "refused"
    EXPIRED = "expired"


@define
class TokenIssuer:
    """Issuer of signed JWTs and of opaque keys. It refuses the tokens of other issuers."""

    _key: bytes = field(factory=lambda: secrets.token_bytes(32), repr=False)
    _keys: set[str] = field(factory=set[str], repr=False)
    _revoked: set[str] = field(factory=set[str], repr=False)

    def issue_jwt(self, lifetime_seconds: float) -> str:
        """Return a JWT. `exp` is rounded down to whole seconds, unless the lifetime is under a minute."""
        issued_at = time.time()
        expires_at = issued_at + lifetime_seconds
        claims: dict[str, Any] = {
            "sub": "1042",
            "name": "Supervisora Fictícia",
            "tenantId": 7,
            "jti": secrets.token_hex(8),
            "iat": int(issued_at),
            "exp": int(expires_at) if abs(lifetime_seconds) >= 60 else expires_at,
        }
        signed = f"{_encoded(orjson.dumps(HEADER))}.{_encoded(orjson.dumps(claims))}"
        return f"{signed}.{self._signature(signed)}"

    def issue_key(self) -> str:
        """Return an opaque key, which does not expire."""
        key = secrets.token_hex(20)
        self._keys.add(key)
        return key

    def revoke(self, token: str) -> None:
        self._revoked.add(token)

    def check_jwt(self, token: str | None) -> tuple[TokenStatus, float]:
        """Return the status of a JWT, and its expiry in seconds since 1970, which is 0 if it is unknown."""
        if token is None:
            return TokenStatus.ABSENT, 0.0
        signed, _, signature = token.rpartition(".")
        is_authentic = hmac.compare_digest(signature.encode(errors="replace"), self._signature(signed).encode())
        if not is_authentic or token in self._revoked:
            return TokenStatus.REFUSED, 0.0
        expires_at = float(orjson.loads(_decoded(signed.partition(".")[2]))["exp"])
        return (TokenStatus.VALID if time.time() < expires_at else TokenStatus.EXPIRED), expires_at

    def check_key(self, key: str | None) -> TokenStatus:
        if key is None:
            return TokenStatus.ABSENT
        return TokenStatus.VALID if key in self._keys and key not in self._revoked else TokenStatus.REFUSED

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.digest(self._key, signed.encode(errors="replace"), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
