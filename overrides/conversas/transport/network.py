"""Network settings of a client: its proxy, its TLS settings, and the route to each provider."""

import ssl
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TypeVar, cast

from attrs import field, frozen

from conversas.errors import ConfigurationError
from conversas.transport.httpx_transport import (
    AsyncTransport,
    Transport,
    create_ssl_context,
    open_async_transport,
    open_transport,
)
from conversas.transport.proxy import Route, Routes, proxy_from_env
from conversas.transport.tls_deadline import with_deadlines
from conversas.urls import is_proxy_url

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts no certificate; to load those that are trusted takes long

T = TypeVar("T")


@frozen(kw_only=True)
class Network:
    """Network settings. Proxies of the environment are used as httpx uses them."""

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    verify: ssl.SSLContext | bool = True
    transport: Transport | AsyncTransport | None = None

    def validate(self) -> None:
        """Check the settings. This is no part of `__init__`, whose frame has the password in the open.

        Raises:
            ConfigurationError: `proxy` or `verify` is invalid.
        """
        if self.proxy is not None and not is_proxy_url(self.proxy):
            raise ConfigurationError("proxy must be the URL of a proxy, for example http://127.0.0.1:3128")
        if not isinstance(self.verify, ssl.SSLContext | bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("verify must be an ssl.SSLContext, True or False")

    def ssl_context(self, base_url: str) -> ssl.SSLContext:
        """Return the TLS settings for a provider.

        Raises:
            ConfigurationError: They cannot be loaded.
        """
        return self._ssl_context if base_url.startswith("https://") else _NO_TLS

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return with_deadlines(create_ssl_context(self.verify))

    def routes(self, base_urls: Iterable[str]) -> Routes:
        """Return the route to each provider."""
        return {base_url: Route(self.proxy or proxy_from_env(base_url)) for base_url in base_urls}

    def transports(self, base_urls: Iterable[str]) -> dict[str, Transport]:
        """Return a blocking transport of httpx for each base URL.

        Raises:
            ConfigurationError: One cannot be made.
        """
        return self._open(open_transport, base_urls)

    def async_transports(self, base_urls: Iterable[str]) -> dict[str, AsyncTransport]:
        """Return an asynchronous transport of httpx for each base URL.

        Raises:
            ConfigurationError: One cannot be made.
        """
        return self._open(open_async_transport, base_urls)

    def _open(self, open_one: Callable[[ssl.SSLContext, Route], T], base_urls: Iterable[str]) -> dict[str, T]:
        """Open one transport for all base URLs that are reached the same way."""
        if self.transport is not None:
            return dict.fromkeys(base_urls, cast(T, self.transport))
        needs = {url: (self.ssl_context(url), route) for url, route in self.routes(base_urls).items()}
        by_need = {(context, route): open_one(context, route) for context, route in set(needs.values())}
        return {url: by_need[need] for url, need in needs.items()}
