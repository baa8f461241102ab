"""Tokens: where one comes from, whether it can be sent, and when another is asked for."""

import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from os import PathLike
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field, frozen

from conversas.errors import ConfigurationError
from conversas.json_pointer import is_object

TokenSource = str | Callable[[], str] | Callable[[], Awaitable[str]]

LEEWAY_SECONDS = 60.0  # clocks differ: a token that expired less long ago is still sent

_PREFIX = re.compile(r"\Abearer +", re.IGNORECASE)
_SENDABLE = re.compile(r"[\x21-\x7e]+")


@frozen(eq=False)
class Token:
    """One token as it was given. Two of the same text are not equal: each was asked for at another time."""

    value: str = field(repr=False)
    expires_at: float | None = None
    """When it expires, in seconds since 1970; None where it does not tell."""

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at + LEEWAY_SECONDS < time.time()


class TokenFile:
    """A file that holds a token and nothing else. It is read again when it changes.

    Give it as the token of a platform: `Zild(base_url=..., token=TokenFile("/run/secrets/zild"))`.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._seen: object = None

    @property
    def has_changed(self) -> bool:
        """Whether the file is another than the one that was read last."""
        return self._seen != self._look()

    def __call__(self) -> str:
        """Read the token.

        Raises:
            ConfigurationError: The file cannot be read, or is empty.
        """
        self._seen = self._look()  # before reading, so that a change meanwhile is seen next time
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


@define(repr=False)
class Given:
    """What a source gave, before it is known to be a token. Its repr is silent, as it may be shown in a traceback."""

    value: Any


@define(repr=False)
class Tokens:
    """The token of one platform: kept until it is refused or expires, then asked for again."""

    provider: str
    source: TokenSource
    tells_expiry: bool
    """Whether the tokens of this platform are JWTs. Their signature is not checked: that is for the platform."""
    _current: Token | None = None

    def usable(self, refused: Token | None) -> Token | None:
        """Give the token at hand; None where the source has to be asked, after `refused` was refused for instance."""
        if isinstance(self.source, str):
            return self._current
        return None if isinstance(self.source, TokenFile) and self.source.has_changed else self.at_hand(refused)

    def at_hand(self, refused: Token | None) -> Token | None:
        """Give the token at hand, if it may serve still. Where a file is being written, it is the one before."""
        current = self._current
        return None if current is None or current is refused or current.has_expired else current

    @property
    def renewable(self) -> bool:
        return not isinstance(self.source, str)

    def take(self, given: Given) -> Token:
        """Take what the source gave as the token from now on.

        Raises:
            ConfigurationError: It cannot be sent.
        """
        problem = problem_of(given)
        if problem:
            raise ConfigurationError(f"{self.provider}: {problem}", provider=self.provider)
        text = _PREFIX.sub("", given.value)
        self._current = Token(text, expiry_of(text) if self.tells_expiry else None)
        return self._current


def problem_of(given: Given) -> str | None:
    """Say why this is no token; None where it is one."""
    if not isinstance(given.value, str):
        return "a token is a text"
    text = _PREFIX.sub("", given.value)
    if not text:
        return "the token is empty"
    if not _SENDABLE.fullmatch(text):
        return "the token has a character that no header can carry: a space, a line break, or one that is not ASCII"
    return None


def expiry_of(jwt: str) -> float | None:
    """Read when a JWT expires, in seconds since 1970; None where it does not say, or is none."""
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
