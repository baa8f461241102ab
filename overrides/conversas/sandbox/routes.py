"""Which conversation a request asks for, and of which platform."""

import re
from urllib.parse import parse_qs, unquote

from attrs import frozen

ZILD = re.compile(r"/api/conversation/([^/]+)", re.IGNORECASE)  # inferred: its routing ignores case
SUPERAGENTES = re.compile(r"/api/conversations/([^/]+)")
INT32 = range(-(2**31), 2**31)


@frozen
class Route:
    """A conversation that is asked for."""

    provider: str
    id: str
    """The id as text, decoded; with Zild it need be no integer."""
    cursor: str | None = None
    """The id of a message, where older ones than that are asked for. Superagentes alone."""


def find_route(target: str) -> Route | None:
    """Read the target of a request; None where nothing is served."""
    path, _, query = target.partition("?")
    for provider, pattern in (("zild", ZILD), ("superagentes", SUPERAGENTES)):
        if found := pattern.fullmatch(path):
            id_ = unquote(found[1])
            return None if id_ in (".", "..") else Route(provider, id_, _cursor(provider, query))
    return None


def _cursor(provider: str, query: str) -> str | None:
    return parse_qs(query).get("cursor", [None])[-1] if provider == "superagentes" else None


def int32(text: str) -> int | None:
    """Read an id as .NET does: an integer of 32 bits in ASCII, with zeros or a sign in front; None where it is none."""
    if not re.fullmatch(r"[+-]?[0-9]{1,40}", text):
        return None
    return value if (value := int(text)) in INT32 else None
