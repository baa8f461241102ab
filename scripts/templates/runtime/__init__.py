"""Parts that all generated clients share: absence, open enums, models, responses and HTTP clients."""

from typing import TYPE_CHECKING

from .enums import OpenIntEnum, OpenStrEnum
from .errors import UnexpectedStatus
from .lazy import client_getter
from .model import EXTRA, Model
from .response import Response
from .unset import UNSET, Unset

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

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

__getattr__ = client_getter(__name__)
