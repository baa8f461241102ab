"""What both clients share: how they are made, and that they print and pickle no secret."""

import ssl
from typing import Any, NoReturn, Self

from attrs import frozen

from conversas.client.fetch import OnDrift
from conversas.client.retry import Retry, Timeout
from conversas.client.settings import MAX_BODY_BYTES, Sources
from conversas.errors import ConfigurationError
from conversas.providers.base import Platform
from conversas.providers.environment import platforms_of_environment
from conversas.transport.httpx_transport import AsyncTransport, Network, Transport

DEFAULT_RETRY, DEFAULT_TIMEOUT = Retry(), Timeout()


@frozen(repr=False)
class _Options:
    """The options of a client on their way into it. Its repr is silent."""

    given: dict[str, Any]


class Twin:
    """A client of the platforms that it is given, each at most once.

    Args:
        platforms: `Zild(...)`, `Superagentes(...)`, or both.
        retry: How often a conversation is asked for, and how long is waited in between.
        timeout: How long is waited for what; a number is the seconds after which a call gives up.
        on_drift: "keep" reports what differs from the spec in `drift` of a conversation, "raise" makes it a DriftError.
        max_body_bytes: The longest body that is read, after decompression.
        proxy: The address of a proxy. Left out, the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY are heeded.
        verify: How certificates are checked: an `ssl.SSLContext` with your own CA, for instance.
        transport: A transport of httpx that requests go through, for tests of your own: blocking for `Client`,
            awaiting for `AsyncClient`. It takes the place of `proxy` and `verify`, too.

    Raises:
        ConfigurationError: No platform, or an option that is none.
    """

    def __init__(
        self,
        *platforms: Platform,
        retry: Retry = DEFAULT_RETRY,
        timeout: Timeout | float = DEFAULT_TIMEOUT,
        on_drift: OnDrift = "keep",
        max_body_bytes: int = MAX_BODY_BYTES,
        proxy: str | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: Transport | AsyncTransport | None = None,
    ) -> None:
        self._network = Network(proxy=proxy, verify=verify, transport=transport)
        del proxy  # it may hold a password, and a traceback may show the locals of this frame
        self._network.check()
        if not all(isinstance(each, Platform) for each in platforms):  # pyright: ignore[reportUnnecessaryIsInstance]
            del platforms  # what was given instead may be a token, and a traceback may show the locals of this frame
            raise ConfigurationError("a client takes platforms: Client(Zild(...), Superagentes(...))")
        self._sources = Sources.of(platforms, retry=retry, timeout=timeout, on_drift=on_drift, limit=max_body_bytes)
        self._prepare()

    def _prepare(self) -> None:
        """Make what only one of the twins has."""

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """Make a client of the platforms that the environment has tokens for; `options` are those of the class.

        The variables are ZILD_BASE_URL with ZILD_TOKEN or ZILD_TOKEN_FILE, and SUPERAGENTES_TOKEN or
        SUPERAGENTES_TOKEN_FILE, with SUPERAGENTES_BASE_URL for another host than the documented one; ZILD_TIMEZONE and
        SUPERAGENTES_TIMEZONE, where times without offset are of another time zone than UTC.

        Raises:
            ConfigurationError: A variable is missing, or of no use; the message names it.
        """
        silent = _Options(options)
        del options  # a proxy among them may hold a password, and a traceback may show the locals of this frame
        return cls(*platforms_of_environment(), **silent.given)

    def __repr__(self) -> str:
        """Tell the platforms, as far as they are known: a traceback may show a client in the making."""
        return f"<{type(self).__name__} {getattr(self, '_sources', '?')}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and does not pickle; make one in each process")
