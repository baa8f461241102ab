"""What the environment says of the platforms and of proxies. Nothing else in this package reads the environment.

ZILD_BASE_URL, ZILD_TOKEN or ZILD_TOKEN_FILE; SUPERAGENTES_TOKEN or SUPERAGENTES_TOKEN_FILE, SUPERAGENTES_BASE_URL;
ZILD_TIMEZONE, SUPERAGENTES_TIMEZONE. No variable here holds a token or an address, as a traceback may show those.
"""

import os
import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

from conversas.errors import ConfigurationError
from conversas.providers.base import DOCUMENTED_SUPERAGENTES_URL, Platform, Superagentes, Zild
from conversas.providers.credentials import TokenFile, TokenSource
from conversas.urls import is_proxy

WHAT_TO_SET = {"zild": "ZILD_BASE_URL and ZILD_TOKEN", "superagentes": "SUPERAGENTES_TOKEN"}


def platforms_of_environment() -> list[Platform]:
    """Give each platform that the environment has a token for. An empty variable is none.

    Raises:
        ConfigurationError: There is none, or a part is missing; the message names the variables to set.
    """
    found = [platform_of_environment(name) for name in WHAT_TO_SET]
    platforms = [platform for platform in found if platform]
    if not platforms:
        raise ConfigurationError(f"no token is set: set {', or '.join(WHAT_TO_SET.values())}, or all of them")
    return platforms


def platform_of_environment(name: str) -> Platform | None:
    """Give one platform; None where the environment has no token for it.

    Raises:
        ConfigurationError: A part is missing, or of no use; the message names the variables to set.
    """
    if token_variable(name) is None:
        return None
    timezone = os.environ.get(f"{name.upper()}_TIMEZONE") or "UTC"
    if name == "superagentes":
        return Superagentes(_token(name), _base_url(name) or DOCUMENTED_SUPERAGENTES_URL, timezone)
    if not _base_url(name):
        raise ConfigurationError("ZILD_BASE_URL is not set: it is such as https://api.example.com", provider="zild")
    return Zild(_base_url(name), _token(name), timezone)


def token_variable(name: str) -> str | None:
    """Give the name of the variable that has a token of a platform, or the name of a file with one.

    Raises:
        ConfigurationError: Both are set.
    """
    token = f"{name.upper()}_TOKEN"
    given = [variable for variable in (token, f"{token}_FILE") if os.environ.get(variable)]
    if len(given) > 1:
        raise ConfigurationError(f"both {given[0]} and {given[1]} are set: unset one of them", provider=name)
    return given[0] if given else None


def proxy_for(url: str) -> str | None:
    """Give the proxy that the environment names for an address, as `host:port`, without its credentials."""
    address = environment_proxy(url)
    if address is None or not is_proxy(address):
        return address and "(no address)"
    # what follows the last @ has no credentials in it, even where they are not written as they should be
    return re.split("[/?#]", address.partition("//")[2].rpartition("@")[2])[0]


def environment_proxy(url: str) -> str | None:
    """Give the proxy that the environment names for an address, as httpx reads it. It may have credentials."""
    parts, proxies = urlsplit(url), getproxies()
    if any(_exempts(entry.strip(), parts) for entry in proxies.get("no", "").split(",")):
        return None
    address = proxies.get(parts.scheme) or proxies.get("all")
    return f"http://{address}" if address and "://" not in address else address or None


def _exempts(entry: str, parts: SplitResult) -> bool:
    """Tell whether an entry of NO_PROXY is of this address."""
    scheme, _, rest = entry.rpartition("://")
    if entry in ("", "*") or scheme not in ("", "all", parts.scheme):
        return entry == "*"
    named = urlsplit(f"//[{rest}]" if _is_address(rest) and ":" in rest else f"//{rest}")
    name, host = named.hostname or "", parts.hostname or ""
    if not name or named.port not in (None, parts.port):
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


def _base_url(name: str) -> str:
    return os.environ.get(f"{name.upper()}_BASE_URL", "")


def _token(name: str) -> TokenSource:
    file = os.environ.get(f"{name.upper()}_TOKEN_FILE")
    return TokenFile(file) if file else os.environ[f"{name.upper()}_TOKEN"]
