"""Base of both clients: construction, and a repr without secrets. A client cannot be pickled."""

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
    """Client of one or more providers. Each provider may be passed only once.

    Args:
        providers: `Zild(...)`, `Superagentes(...)`, or both.
        retry: The retry policy.
        timeout: The timeouts. A number of seconds applies to all three.
        on_drift: "keep" lists differences from the spec in `drift` of the conversation; "raise" raises a DriftError.
        max_body_bytes: Maximum size of a body in bytes, after decompression.
        proxy: The URL of a proxy. By default, the variables HTTPS_PROXY, ALL_PROXY and NO_PROXY are used.
        verify: Verification of certificates: the path of a file or folder of trusted certificates, an
            `ssl.SSLContext`, or False for no verification.
        transport: An httpx transport that sends the requests, for your own tests: `httpx.BaseTransport` for
            `Client`, `httpx.AsyncBaseTransport` for `AsyncClient`. It replaces `proxy` and `verify`.

    Raises:
        ConfigurationError: No provider is passed, or an option is invalid.
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
            del providers  # a token may be among them, and a traceback may show the locals of this frame
            raise ConfigurationError(
                "the arguments of a client must be providers, for example Client(Zild(...), Superagentes(...))"
            )
        self._config = ClientConfig.from_providers(
            providers, retry=retry, timeout=timeout, on_drift=on_drift, limit=max_body_bytes
        )
        self._setup()

    @property
    def providers(self) -> tuple[ProviderConfig, ...]:
        """The providers that the client was created with."""
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
        """Return a client of all providers that the environment has tokens for. The class describes the options.

        For Zild, the variables are ZILD_BASE_URL, and ZILD_TOKEN or ZILD_TOKEN_FILE. For Superagentes, they are
        SUPERAGENTES_TOKEN or SUPERAGENTES_TOKEN_FILE, and SUPERAGENTES_BASE_URL for a host other than the documented
        host. ZILD_TIMEZONE and SUPERAGENTES_TIMEZONE are the time zones of times without an offset, by default UTC.
        ZILD_ACCOUNT and SUPERAGENTES_ACCOUNT are labels of the accounts.

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
        """Return the class and the providers, if they are set: a traceback may show an unfinished client."""
        return f"<{type(self).__name__} {getattr(self, '_config', '?')}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and cannot be pickled; create a client in each process")
