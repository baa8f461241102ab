"""The platforms: where each is reached, as whom, and in which time zone it writes times without offset."""

from typing import Any, ClassVar, NoReturn

from attrs import define, frozen

from conversas.errors import ConfigurationError
from conversas.providers.credentials import Given, TokenSource, problem_of
from conversas.providers.datetimes import localizer
from conversas.urls import problem_of_base_url

DOCUMENTED_SUPERAGENTES_URL = "https://dash.superagentes.ai/api"


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

    def __repr__(self) -> str:
        """Tell the class and the base URL, as far as they are known: a traceback may show a platform in the making."""
        return f"{type(self).__name__}({getattr(self, 'base_url', '?')!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a token and does not pickle; make one in each process")

    def _checked(self, access: _Access, timezone: str) -> tuple[str, Any, str]:
        problem = problem_of_base_url(access.base_url)
        if not problem and not callable(access.token):
            problem = problem_of(Given(access.token))
        if problem:
            raise ConfigurationError(f"{self.name}: {problem}", provider=self.name)
        localizer(timezone)
        return access.base_url.rstrip("/"), access.token, timezone


@frozen(init=False, repr=False)
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
    token: TokenSource
    timezone: str

    def __init__(self, base_url: str, token: TokenSource, timezone: str = "UTC") -> None:
        access = _Access(base_url, token)
        del base_url, token  # a traceback may show the locals of this frame
        checked = self._checked(access, timezone)
        self.__attrs_init__(*checked)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # by attrs


@frozen(init=False, repr=False)
class Superagentes(Platform):
    """Superagentes. `token` is a key, a callable that gives one and is asked again after a 401, or a `TokenFile`.

    Raises:
        ConfigurationError: The base URL, the token or the time zone cannot be used.
    """

    name = "superagentes"
    token_tells_expiry = False  # upstream it is an opaque key
    forbidden_may_be_the_token = True  # upstream, too; the platform's own table says 401

    base_url: str
    token: TokenSource
    timezone: str

    def __init__(self, token: TokenSource, base_url: str = DOCUMENTED_SUPERAGENTES_URL, timezone: str = "UTC") -> None:
        access = _Access(base_url, token)
        del base_url, token  # a traceback may show the locals of this frame
        checked = self._checked(access, timezone)
        self.__attrs_init__(*checked)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # by attrs
