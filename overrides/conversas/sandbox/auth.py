"""The tokens that a sandbox issues, and what it makes of those that it is given."""

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


class Standing(StrEnum):
    """What a token is worth."""

    VALID = "valid"
    ABSENT = "absent"
    REFUSED = "refused"
    EXPIRED = "expired"


@define
class Issuer:
    """Signs JWTs with a key of its own, and gives opaque keys. What another issuer gave is refused."""

    _key: bytes = field(factory=lambda: secrets.token_bytes(32), repr=False)
    _keys: set[str] = field(factory=set[str], repr=False)
    _revoked: set[str] = field(factory=set[str], repr=False)

    def jwt(self, lifetime_seconds: float) -> str:
        """Give a JWT. `exp` is a whole number of seconds, but for a lifetime under a minute, which is kept exactly."""
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

    def key(self) -> str:
        """Give an opaque key, which does not expire."""
        key = secrets.token_hex(20)
        self._keys.add(key)
        return key

    def revoke(self, token: str) -> None:
        self._revoked.add(token)

    def standing_of_jwt(self, token: str | None) -> tuple[Standing, float]:
        """Judge a JWT, and give when it expires, in seconds since 1970; 0 where it is not known."""
        if token is None:
            return Standing.ABSENT, 0.0
        signed, _, signature = token.rpartition(".")
        ours = hmac.compare_digest(signature.encode(errors="replace"), self._signature(signed).encode())
        if not ours or token in self._revoked:
            return Standing.REFUSED, 0.0
        expires_at = float(orjson.loads(_decoded(signed.partition(".")[2]))["exp"])
        return (Standing.VALID if time.time() < expires_at else Standing.EXPIRED), expires_at

    def standing_of_key(self, key: str | None) -> Standing:
        if key is None:
            return Standing.ABSENT
        return Standing.VALID if key in self._keys and key not in self._revoked else Standing.REFUSED

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.digest(self._key, signed.encode(errors="replace"), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def bearer(authorization: str | None) -> str | None:
    """Give the token in an `Authorization` header; None where there is none by the scheme Bearer."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
