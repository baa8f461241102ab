"""A client library for accessing Zild conversations"""

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
SPEC_SHA256 = "28b3408390fc0d6a922f07bcd1f1db860a4307b5fbff44a715acf6522120cbec"
