"""A client library for accessing Superagentes conversations"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

__all__ = ("SPEC_SHA256", "SPEC_VERSION", "AuthenticatedClient", "Client")


def __getattr__(name: str) -> Any:
    if name in ("AuthenticatedClient", "Client"):
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


SPEC_VERSION = "1.0.0"
SPEC_SHA256 = "16c1827a848a31455b0e16b5aecd9f815650f4f8b47fadb052b053b0265ad67f"
