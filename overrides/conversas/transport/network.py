"""Network settings of a client: its proxy, its TLS settings, and the route to each provider."""

import os
import ssl
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

import certifi
from attrs import field, frozen

from conversas.errors import ConfigurationError
from conversas.transport.httpx_transport import (
    AsyncTransport,
    Transport,
    create_ssl_context,
    load_certificates,
    open_async_transport,
    open_transport,
    setup_error,
)
from conversas.transport.proxy import Route, Routes, find_proxy
from conversas.transport.tls_deadline import with_deadlines
from conversas.urls import is_proxy_url

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts no certificate, because loading certificates takes long

T = TypeVar("T")
Verify = ssl.SSLContext | str | os.PathLike[str] | bool
"""TLS settings, a file or folder of trusted certificates, or a bool: whether certificates are verified."""


@frozen(kw_only=True)
class Network:
    """Network settings. Proxies from the environment are used the same as in httpx."""

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    verify: Verify = True
    transport: Transport | AsyncTransport | None = None

    def validate(self) -> None:
        """Check the settings. This is not a part of `__init__`, because its frame shows the password.

        Raises:
            ConfigurationError: `proxy` or `verify` is invalid.
        """
        if self.proxy is not None and not is_proxy_url(self.proxy):
            raise ConfigurationError("proxy must be the URL of a proxy, for example http://127.0.0.1:3128")
        if isinstance(self.verify, str | os.PathLike):
            if not Path(self.verify).exists():
                raise ConfigurationError(
                    "verify must be the path of a certificate file or directory, got a path that does not exist"
                )
        elif not isinstance(self.verify, ssl.SSLContext | bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"verify must be a path, an ssl.SSLContext, True or False, got {type(self.verify).__name__}"
            raise ConfigurationError(message)

    def ssl_context(self, base_url: str) -> ssl.SSLContext:
        """Return the TLS settings for a provider.

        Raises:
            ConfigurationError: The certificates cannot be loaded.
        """
        return _NO_TLS if _is_plain(base_url) else self._ssl_context

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        if isinstance(self.verify, ssl.SSLContext | bool):
            return with_deadlines(create_ssl_context(self.verify))
        return with_deadlines(load_certificates(os.fspath(self.verify)))

    def certificates(self, base_url: str) -> str | None:
        """Return the file or folder of trusted certificates for a provider; None means no verification.

        httpx uses the same file or folder.

        Raises:
            ConfigurationError: The certificates cannot be loaded.
        """
        if self.verify is False or _is_plain(base_url):
            return None
        given = self.verify if isinstance(self.verify, str | os.PathLike) else None
        chosen = given or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        if chosen is None:
            return certifi.where()
        load_certificates(os.fspath(chosen))
        return os.fspath(chosen)

    def routes(self, base_urls: Iterable[str]) -> Routes:
        """Return the route to each provider.

        Raises:
            ConfigurationError: A proxy from the environment is invalid.
        """
        found = {base_url: Route(find_proxy(base_url, self.proxy)) for base_url in base_urls}
        if not all(route.proxy is None or is_proxy_url(route.proxy) for route in found.values()):
            raise setup_error("ValueError")
        return found

    def transports(self, base_urls: Iterable[str]) -> dict[str, Transport]:
        """Return a blocking transport of httpx for each base URL.

        Raises:
            ConfigurationError: A transport cannot be created.
        """
        return self._open(open_transport, base_urls)

    def async_transports(self, base_urls: Iterable[str]) -> dict[str, AsyncTransport]:
        """Return an asynchronous transport of httpx for each base URL.

        Raises:
            ConfigurationError: A transport cannot be created.
        """
        return self._open(open_async_transport, base_urls)

    def _open(self, open_one: Callable[[ssl.SSLContext, Route], T], base_urls: Iterable[str]) -> dict[str, T]:
        """Open one transport for all base URLs that are reached the same way."""
        if self.transport is not None:
            return dict.fromkeys(base_urls, cast(T, self.transport))
        needs = {url: (self.ssl_context(url), route) for url, route in self.routes(base_urls).items()}
        by_need = {(context, route): open_one(context, route) for context, route in set(needs.values())}
        return {url: by_need[need] for url, need in needs.items()}


def _is_plain(base_url: str) -> bool:
    """Return whether a URL is reached without TLS. The scheme may be in upper case."""
    return urlsplit(base_url).scheme == "http"
