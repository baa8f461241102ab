"""Parts that all generated clients share: absence, open enums, models, responses and HTTP clients.

Each name is imported from its module when it is first used: the version of a client's spec needs none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
    from .enums import OpenIntEnum, OpenStrEnum
    from .errors import UnexpectedStatus
    from .model import EXTRA, Model
    from .response import Response
    from .unset import UNSET, Unset

__all__ = [
    "EXTRA",
    "UNSET",
    "AuthenticatedClient",
    "Client",
    "Model",
    "OpenIntEnum",
    "OpenStrEnum",
    "Response",
    "UnexpectedStatus",
    "Unset",
]

_MODULES = {
    "EXTRA": "model",
    "UNSET": "unset",
    "AuthenticatedClient": "client",
    "Client": "client",
    "Model": "model",
    "OpenIntEnum": "enums",
    "OpenStrEnum": "enums",
    "Response": "response",
    "UnexpectedStatus": "errors",
    "Unset": "unset",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
