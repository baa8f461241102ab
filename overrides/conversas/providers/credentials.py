"""Sources of tokens, and checks of tokens."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from os import PathLike
from pathlib import Path
from typing import Any

import orjson
from attrs import define

from conversas.errors import ConfigurationError
from conversas.json_pointer import is_object

TokenSource = str | Callable[[], str] | Callable[[], Awaitable[str]]

_SENDABLE = re.compile(r"[\x21-\x7e]+")
_PREFIX = re.compile(r"\Abearer +", re.IGNORECASE)


@define(repr=False)
class Secret:
    """Value that may hold a secret and is not validated yet. The repr is silent, because a traceback may show it."""

    value: Any


class TokenFile:
    """A file that holds a token and nothing else. It is read again when it changes.

    Pass it as the token of a provider: `Zild(base_url=..., token=TokenFile("/run/secrets/zild"))`.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        """Path of the file."""
        self._seen: object = None

    @property
    def has_changed(self) -> bool:
        """Whether the file has changed since it was last read."""
        return self._seen != self._look()

    def __call__(self) -> str:
        """Return the token.

        Raises:
            ConfigurationError: The file cannot be read, or is empty.
        """
        self._seen = self._look()  # before reading, so that a later change is seen next time
        try:
            if token := self.path.read_text("ascii").strip():
                return token
            problem = "is empty"
        except (OSError, ValueError) as error:
            problem = f"cannot be read: {type(error).__name__}"
        raise ConfigurationError(f"the token file {self.path} {problem}")

    def _look(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def __repr__(self) -> str:
        return f"TokenFile({str(self.path)!r})"


def validate_token(secret: Secret) -> str | None:
    """Return the reason why a token is invalid; None if it is valid. The reason does not quote the token."""
    if not isinstance(secret.value, str):
        return "token must be a string"
    text = strip_scheme(secret)
    if not text:
        return "token must not be empty"
    if not _SENDABLE.fullmatch(text):
        return "token must contain only characters that a header can carry: no spaces, no line breaks, only ASCII"
    return None


def strip_scheme(secret: Secret) -> str:
    """Return a token without `Bearer ` in front of it."""
    return _PREFIX.sub("", secret.value)


def jwt_expiry(jwt: str) -> float | None:
    """Return the time when a JWT expires, in seconds since 1970; None if it does not say, or is not a JWT.

    The signature is not checked: the provider does this.
    """
    parts = jwt.split(".")
    if len(parts) != len(("header", "payload", "signature")):
        return None
    try:
        claims = orjson.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    expires_at = claims.get("exp") if is_object(claims) else None
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float):
        return None
    return float(expires_at)
