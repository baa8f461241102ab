"""Checks of URLs from users: whether a token may be sent to them."""

import re
import socket
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_NAME = r"(?=.{1,253}(?::|$))[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?"
_AUTHORITY = re.compile(rf"(?:{_NAME}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
_LOCAL_NAMES = {"localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def validate_base_url(url: object) -> str | None:
    """Return the reason why a base URL is invalid; None if it is valid. The reason does not quote the URL."""
    if not isinstance(url, str) or not _VISIBLE.fullmatch(url):
        return "base_url must be an ASCII string without spaces, for example https://api.example.com"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "base_url is not a valid URL: write it like https://api.example.com"
    if parts.scheme not in ("https", "http"):
        return "base_url must begin with https://"
    if "@" in parts.netloc:
        return "base_url must not contain credentials: pass them as the token"
    if not _AUTHORITY.fullmatch(parts.netloc) or port == 0:
        return "base_url has no valid host: write it like https://api.example.com"
    if "?" in url or "#" in url or not _PATH.fullmatch(parts.path) or _has_dot_segment(parts.path):
        return "base_url must be a scheme, a host and a path, without a query, a fragment or '..'"
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        return "base_url begins with http://, which would send the token unencrypted: use https://"
    return None


def normalized_base_url(url: str) -> str:
    """Return a valid base URL in one spelling: a lower-case host, no default port, no slashes at the end."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def _has_dot_segment(path: str) -> bool:
    return any(segment in (".", "..") for segment in path.lower().replace("%2e", ".").split("/"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine, in any spelling that resolvers accept: 127.1, 0x7f000001, 0.0.0.0, ::1."""
    name = host.lower().rstrip(".")
    if name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        try:
            address = ip_address(socket.inet_aton(name))  # the C library reads octal, hexadecimal and short numbers
        except (OSError, ValueError):
            return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_loopback or address.is_unspecified


def is_proxy_url(address: object) -> bool:
    """Return whether a value is the URL of a proxy. The URL may contain credentials."""
    if not isinstance(address, str) or not _VISIBLE.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    authority = parts.netloc.rpartition("@")[2]
    return parts.scheme in _PROXY_SCHEMES and port != 0 and bool(_AUTHORITY.fullmatch(authority))
