"""Base of both clients: construction, and a repr and pickle protocol that show no secret."""

from typing import NoReturn, Self

from conversas.client.fetch import OnDrift
from conversas.client.retry import Retry, Timeout
from conversas.client.settings import MAX_BODY_BYTES, ClientConfig
from conversas.errors import ConfigurationError
from conversas.providers.base import ProviderConfig
from conversas.providers.environment import providers_from_env
from conversas.transport.httpx_transport import AsyncTransport, Transport
from conversas.transport.network import Network, Verify

DEFAULT_RETRY, DEFAULT_TIMEOUT = Retry(), Timeout()


class BaseClient:
    """A client of one or more providers, each at most once.

    Args:
        providers: `Zild(...)`, `Superagentes(...)`, or both.
        retry: The retry policy.
        timeout: The timeouts; a number is the seconds after which a call gives up.
        on_drift: "keep" reports what differs from the spec in `drift` of a conversation, "raise" makes it a DriftError.
        max_body_bytes: The largest body that is read, after decompression.
        proxy: The URL of a proxy. Left out, the variables HTTPS_PROXY, ALL_PROXY and NO_PROXY are used.
        verify: How certificates are verified: the path of a file or folder of those that are trusted, an
            `ssl.SSLContext`, or False for not at all.
        transport: A transport of httpx that requests go through, for your own tests: `httpx.BaseTransport` for
            `Client`, `httpx.AsyncBaseTransport` for `AsyncClient`. It replaces `proxy` and `verify`.

    Raises:
        ConfigurationError: No provider, or an invalid option.
    """

    def __init__(
        self,
        *providers: ProviderConfig,
        retry: Retry = DEFAULT_RETRY,
        timeout: Timeout | float = DEFAULT_TIMEOUT,
        on_drift: OnDrift = "keep",
        max_body_bytes: int = MAX_BODY_BYTES,
        proxy: str | None = None,
        verify: Verify = True,
        transport: Transport | AsyncTransport | None = None,
    ) -> None:
        self._network = Network(proxy=proxy, verify=verify, transport=transport)
        del proxy  # it may hold a password, and a traceback may show the locals of this frame
        self._network.validate()
        if not all(isinstance(each, ProviderConfig) for each in providers):  # pyright: ignore[reportUnnecessaryIsInstance]
            del providers  # one may be a token instead, and a traceback may show the locals of this frame
            raise ConfigurationError(
                "a client must have only providers, for example Client(Zild(...), Superagentes(...))"
            )
        self._config = ClientConfig.from_providers(
            providers, retry=retry, timeout=timeout, on_drift=on_drift, limit=max_body_bytes
        )
        self._setup()

    @property
    def providers(self) -> tuple[ProviderConfig, ...]:
        """The providers that it was made with."""
        return tuple(state.config for state in self._config.by_name.values())

    def _setup(self) -> None:
        """Create the parts that only one of the two clients has."""

    @classmethod
    def from_env(
        cls,
        *,
        retry: Retry = DEFAULT_RETRY,
        timeout: Timeout | float = DEFAULT_TIMEOUT,
        on_drift: OnDrift = "keep",
        max_body_bytes: int = MAX_BODY_BYTES,
        proxy: str | None = None,
        verify: Verify = True,
        transport: Transport | AsyncTransport | None = None,
    ) -> Self:
        """Return a client of the providers that the environment has tokens for; the options are those of the class.

        The variables are ZILD_BASE_URL with ZILD_TOKEN or ZILD_TOKEN_FILE, and SUPERAGENTES_TOKEN or
        SUPERAGENTES_TOKEN_FILE, with SUPERAGENTES_BASE_URL for another host than the documented one; ZILD_TIMEZONE and
        SUPERAGENTES_TIMEZONE, if times without offset are in another time zone than UTC.

        Raises:
            ConfigurationError: A variable is missing or invalid; the message names it.
        """
        network = Network(proxy=proxy, verify=verify, transport=transport)
        del proxy  # it may hold a password, and a traceback may show the locals of this frame
        return cls(
            *providers_from_env(),
            retry=retry,
            timeout=timeout,
            on_drift=on_drift,
            max_body_bytes=max_body_bytes,
            proxy=network.proxy,
            verify=network.verify,
            transport=network.transport,
        )

    def __repr__(self) -> str:
        """Return the providers, as far as they are set: a traceback may show a half-made client."""
        return f"<{type(self).__name__} {getattr(self, '_config', '?')}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and does not pickle; make one in each process")
