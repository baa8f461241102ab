"""Typed, checked access to customer conversations from several platforms.

Every name is imported from its module when it is first asked for, so that `import conversas` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas.async_client import AsyncClient
    from conversas.bulk.export import export
    from conversas.bulk.run import ExportSummary
    from conversas.bulk.stored import read_export
    from conversas.bulk.writer import PartLimits
    from conversas.client import Client
    from conversas.decoding import decode
    from conversas.drift import Drift, DriftKind
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
    from conversas.outcomes import Failed, Fetched
    from conversas.platforms import Superagentes, Zild
    from conversas.policy import Retry, Timeout
    from conversas.records import (
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
    from conversas.ref import ConversationRef
    from conversas.report import DriftReport
    from conversas.tokens import TokenFile
    from conversas.words import AgentKind, Channel, Note, Rating, Reason, Role, Status, Verdict

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
    "words",
    "errors",
    "ref",
    "drift",
    "records",
    "report",
    "decoding",
    "policy",
    "tokens",
    "platforms",
    "outcomes",
    "client",
    "async_client",
    "bulk.writer",
    "bulk.run",
    "bulk.export",
    "bulk.stored",
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
