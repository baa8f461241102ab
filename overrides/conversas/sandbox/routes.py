"""Routing: the conversation, or the list of conversations, that a request asks for."""

from collections.abc import Iterable
from urllib.parse import unquote

from attrs import frozen

from conversas.sandbox.platforms.base import SandboxPlatform

WHOLE_LIST = "*"
"""The value of `id` in a route to the list of conversations."""


@frozen
class Route:
    """A requested conversation, or the requested list of conversations."""

    platform: SandboxPlatform
    id: str
    """The decoded id, in its canonical spelling if it is valid."""
    is_valid: bool
    """Whether the provider may have a conversation with this id."""
    cursor: str | None = None
    """The position of an earlier page, for providers that have pages."""

    list_query: str | None = None
    """The query of a request for the list of conversations; None if one conversation is requested."""

    @property
    def ref(self) -> str:
        return f"{self.platform.name}:{self.id}"


def find_route(target: str, platforms: Iterable[SandboxPlatform]) -> Route | None:
    """Return the route of a request's target; None if no provider has such a path."""
    path, _, query = target.partition("?")
    for platform in platforms:
        if platform.list_path == path:
            return Route(platform, WHOLE_LIST, is_valid=True, list_query=query)
        if found := platform.path.fullmatch(path):
            id_ = unquote(found[1])
            if id_ in (".", ".."):
                return None
            canonical = platform.canonical_id(id_)
            return Route(platform, canonical or id_, canonical is not None, platform.cursor(query))
    return None
