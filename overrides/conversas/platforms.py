"""The platforms: where each is reached, as whom, and in which time zone it writes times without offset."""

import re
from ipaddress import ip_address
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlsplit

from attrs import define, field, frozen

from conversas.errors import ConfigurationError
from conversas.times import localizer
from conversas.tokens import Given, TokenSource, problem_of

DOCUMENTED_SUPERAGENTES_URL = "https://dash.superagentes.ai/api"

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")


@define(repr=False)
class _Access:
    """A base URL and a token on their way into a platform. Its repr is silent: both may hold a secret."""

    base_url: Any
    token: Any


class Platform:
    """What all platforms share. It holds a secret, so it does not pickle: let each process make its own."""

    name: ClassVar[str]
    token_tells_expiry: ClassVar[bool]
    """Whether tokens are JWTs, whose expiry can be read."""
    forbidden_may_be_the_token: ClassVar[bool]
    """Whether a wrong token is answered with 403."""

    base_url: str
    """Where the platform is reached, without a slash at the end."""
    token: TokenSource
    """The token, or what gives it."""
    timezone: str
    """The time zone of times without offset, by its IANA name."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a token and does not pickle; make one in each process")

    def _checked(self, access: _Access, timezone: str) -> tuple[str, Any, str]:
        problem = _problem_of_url(access.base_url)
        if not problem and not callable(access.token):
            problem = problem_of(Given(access.token))
        if problem:
            raise ConfigurationError(f"{self.name}: {problem}", provider=self.name)
        localizer(timezone)
        return access.base_url.rstrip("/"), access.token, timezone


@frozen(init=False)
class Zild(Platform):
    """Zild. Its base URL is not documented, so it has to be given.

    `token` is a JWT, a callable that gives one and is asked again after a 401, or a `TokenFile`. `AsyncClient` takes
    callables that are awaited, too.

    Raises:
        ConfigurationError: The base URL, the token or the time zone cannot be used.
    """

    name = "zild"
    token_tells_expiry = True
    forbidden_may_be_the_token = False

    base_url: str
    token: TokenSource = field(repr=False)
    timezone: str

    def __init__(self, base_url: str, token: TokenSource, timezone: str = "UTC") -> None:
        access = _Access(base_url, token)
        del base_url, token  # a traceback may show the locals of this frame
        checked = self._checked(access, timezone)
        self.__attrs_init__(*checked)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # by attrs


@frozen(init=False)
class Superagentes(Platform):
    """Superagentes. `token` is a key, a callable that gives one and is asked again after a 401, or a `TokenFile`.

    Raises:
        ConfigurationError: The base URL, the token or the time zone cannot be used.
    """

    name = "superagentes"
    token_tells_expiry = False  # upstream it is an opaque key
    forbidden_may_be_the_token = True  # upstream, too; the platform's own table says 401

    base_url: str
    token: TokenSource = field(repr=False)
    timezone: str

    def __init__(self, token: TokenSource, base_url: str = DOCUMENTED_SUPERAGENTES_URL, timezone: str = "UTC") -> None:
        access = _Access(base_url, token)
        del base_url, token  # a traceback may show the locals of this frame
        checked = self._checked(access, timezone)
        self.__attrs_init__(*checked)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # by attrs


def _problem_of_url(url: object) -> str | None:
    """Say why this is no base URL, without a word of it; None where it is one."""
    if not isinstance(url, str) or not _VISIBLE.fullmatch(url):
        return "base_url is a text such as https://api.example.com, without spaces, in ASCII"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "base_url cannot be read: write it as https://api.example.com"
    if parts.scheme not in ("https", "http"):
        return "base_url begins with https://"
    if "@" in parts.netloc:
        return "base_url has credentials in it: give them as the token"
    if not _AUTHORITY.fullmatch(parts.netloc) or port == 0:
        return "base_url has no host that can be reached: write it as https://api.example.com"
    if "?" in url or "#" in url or not _PATH.fullmatch(parts.path) or _has_dot_segment(parts.path):
        return "base_url is a scheme, a host and a path, without a query, a fragment or '..'"
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        return "base_url begins with http://, which would send the token unencrypted: write https://"
    return None


def _has_dot_segment(path: str) -> bool:
    return any(segment in (".", "..") for segment in path.lower().replace("%2e", ".").split("/"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
