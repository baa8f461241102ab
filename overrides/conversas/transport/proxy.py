"""Proxies from the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

from attrs import frozen

from conversas.urls import is_proxy_url, is_this_machine


@frozen(repr=False)
class Route:
    """Network settings of a provider. The repr is silent, because the URL of a proxy may hold a password."""

    proxy: str | None
    """URL of the proxy; None if the provider is reached directly."""


Routes = Mapping[str, Route]
"""The route to each provider, by its base URL."""


def find_proxy(url: str, proxy: str | None = None) -> str | None:
    """Return `proxy`, or the proxy from the environment for a URL; None if the URL is reached directly.

    An `http://` URL of this machine is always reached directly, because a proxy would see the token.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and is_this_machine(parts.hostname or ""):
        return None
    return proxy or proxy_from_env(url)


def redacted_proxy(url: str) -> str | None:
    """Return the proxy for a URL as `host:port`, without its credentials; None without a proxy."""
    address = find_proxy(url)
    if address is None or not is_proxy_url(address):
        return address and "(invalid)"
    # the part after the last @ contains no credentials, even if they are malformed
    return re.split("[/?#]", address.partition("//")[2].rpartition("@")[2])[0]


def proxy_from_env(url: str) -> str | None:
    """Return the same proxy for a URL as httpx; None without a proxy. The URL of the proxy may contain credentials."""
    parts, proxies = urlsplit(url), getproxies()
    if any(_no_proxy_matches(entry.strip(), parts) for entry in proxies.get("no", "").split(",")):
        return None
    address = proxies.get(parts.scheme) or proxies.get("all")
    return f"http://{address}" if address and "://" not in address else address or None


def _no_proxy_matches(entry: str, parts: SplitResult) -> bool:
    """Return whether an entry of NO_PROXY matches a URL."""
    scheme, _, rest = entry.rpartition("://")
    if entry in ("", "*") or scheme not in ("", "all", parts.scheme):
        return entry == "*"
    try:
        named = urlsplit(f"//[{rest}]" if _is_address(rest) and ":" in rest else f"//{rest}")
        port = named.port
    except ValueError:  # the entry is not a host and port
        return False
    name, host = named.hostname or "", parts.hostname or ""
    if not name or port not in (None, parts.port):
        return not name and scheme == parts.scheme
    if scheme and name.startswith("*"):
        ending = name.removeprefix("*")
        return host.endswith(ending if ending.startswith(".") else f".{ending}") or host == ending
    if scheme or name == "localhost" or _is_address(name):
        return name == host
    return host.endswith(f".{name.removeprefix('.')}") or name == host


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
