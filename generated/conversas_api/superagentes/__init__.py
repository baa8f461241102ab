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
SPEC_SHA256 = "682d3ccbb63a7d140f5afb393233d194e0430457c3faae1603bccaa9f67d2c85"
