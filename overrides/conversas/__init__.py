"""Typed, checked access to customer conversations from several providers.

Each public name is imported from its module when it is first used, so that `import conversas` costs next to nothing and
`from conversas import Retry` imports what `Retry` needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas._version import __version__
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

_MODULES = {
    "Agent": "records.conversation",
    "AgentKind": "records.enums",
    "ApiError": "errors",
    "AsyncClient": "client.async_client",
    "Attachment": "records.conversation",
    "AuthenticationError": "errors",
    "BodyTooLargeError": "errors",
    "Call": "records.conversation",
    "Channel": "records.enums",
    "Client": "client.sync_client",
    "Completeness": "records.conversation",
    "ConfigurationError": "errors",
    "Contact": "records.conversation",
    "ConversasError": "errors",
    "Conversation": "records.conversation",
    "ConversationRef": "records.ref",
    "DecodeError": "errors",
    "Drift": "records.drift",
    "DriftError": "errors",
    "DriftKind": "records.drift",
    "DriftReport": "decoding.drift_report",
    "Evaluation": "records.conversation",
    "ExportError": "errors",
    "ExportSummary": "exporter.run",
    "Failed": "client.outcomes",
    "Fetched": "client.outcomes",
    "Message": "records.conversation",
    "MessageError": "records.conversation",
    "NamedValue": "records.conversation",
    "NotFoundError": "errors",
    "Note": "records.enums",
    "PartLimits": "exporter.writer",
    "Participant": "records.conversation",
    "PermissionDeniedError": "errors",
    "RateLimitedError": "errors",
    "Rating": "records.enums",
    "Reason": "records.enums",
    "Retry": "client.retry",
    "Role": "records.enums",
    "ServerError": "errors",
    "Status": "records.enums",
    "Superagentes": "providers.base",
    "Tag": "records.conversation",
    "Timeout": "client.retry",
    "TokenFile": "providers.credentials",
    "TransportError": "errors",
    "Verdict": "records.enums",
    "Zild": "providers.base",
    "__version__": "_version",
    "decode": "decoding.decoder",
    "export": "exporter.export",
    "read_export": "exporter.reader",
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"conversas.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
