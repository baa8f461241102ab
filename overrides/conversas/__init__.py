"""Typed, checked access to customer conversations from several platforms.

Every name is imported from its module when it is first asked for, so that `import conversas` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas.client.async_client import AsyncClient
    from conversas.client.outcomes import Failed, Fetched
    from conversas.client.retry import Retry, Timeout
    from conversas.client.sync_client import Client
    from conversas.decoding.decoder import decode
    from conversas.decoding.drift_report import DriftReport
    from conversas.errors import (
        ApiError,
        AuthenticationError,
        BodyTooLargeError,
        ConfigurationError,
        ConversasError,
        DecodeError,
        DriftError,
        ExportError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitedError,
        ServerError,
        TransportError,
    )
    from conversas.exporter.export import export
    from conversas.exporter.reader import read_export
    from conversas.exporter.run import ExportSummary
    from conversas.exporter.writer import PartLimits
    from conversas.providers.base import Superagentes, Zild
    from conversas.providers.credentials import TokenFile
    from conversas.records.conversation import (
        Agent,
        Attachment,
        Call,
        Completeness,
        Contact,
        Conversation,
        Evaluation,
        Message,
        MessageError,
        NamedValue,
        Participant,
        Tag,
    )
    from conversas.records.drift import Drift, DriftKind
    from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status, Verdict
    from conversas.records.ref import ConversationRef

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "AgentKind",
    "ApiError",
    "AsyncClient",
    "Attachment",
    "AuthenticationError",
    "BodyTooLargeError",
    "Call",
    "Channel",
    "Client",
    "Completeness",
    "ConfigurationError",
    "Contact",
    "ConversasError",
    "Conversation",
    "ConversationRef",
    "DecodeError",
    "Drift",
    "DriftError",
    "DriftKind",
    "DriftReport",
    "Evaluation",
    "ExportError",
    "ExportSummary",
    "Failed",
    "Fetched",
    "Message",
    "MessageError",
    "NamedValue",
    "NotFoundError",
    "Note",
    "PartLimits",
    "Participant",
    "PermissionDeniedError",
    "RateLimitedError",
    "Rating",
    "Reason",
    "Retry",
    "Role",
    "ServerError",
    "Status",
    "Superagentes",
    "Tag",
    "Timeout",
    "TokenFile",
    "TransportError",
    "Verdict",
    "Zild",
    "__version__",
    "decode",
    "export",
    "read_export",
]

_MODULES = (
    "records.enums",
    "errors",
    "records.ref",
    "records.drift",
    "records.conversation",
    "decoding.drift_report",
    "decoding.decoder",
    "client.retry",
    "providers.credentials",
    "providers.base",
    "client.outcomes",
    "client.sync_client",
    "client.async_client",
    "exporter.writer",
    "exporter.run",
    "exporter.export",
    "exporter.reader",
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            found = vars(import_module(f"conversas.{module}")).get(name)
            if getattr(found, "__module__", None) == f"conversas.{module}":
                globals()[name] = found
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
