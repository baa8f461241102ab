"""Typed, checked access to customer conversations from several providers.

Each public name is imported from its module when it is first used, so `import conversas` takes almost no time, and
`from conversas import Retry` imports only what `Retry` needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversas._version import __version__
    from conversas.client.async_client import AsyncClient
    from conversas.client.async_results import AsyncOutcomes
    from conversas.client.fetch import Failed, Fetched
    from conversas.client.results import Outcomes
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
        DecodeErrorReason,
        DriftError,
        ExportError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitedError,
        ServerError,
        TransportError,
        TransportErrorReason,
    )
    from conversas.exporter.export import export
    from conversas.exporter.maintenance.adopt import ExportAdoption
    from conversas.exporter.maintenance.erase import ExportErasure
    from conversas.exporter.maintenance.redecode import ExportRedecoding
    from conversas.exporter.reader import Export, read_export
    from conversas.exporter.settings import PartLimits
    from conversas.exporter.status import ExportFailure, ExportStatus, OutcomeGroup
    from conversas.exporter.summary import ExportSummary
    from conversas.exporter.verify import ExportProblem
    from conversas.providers.credentials import TokenFile
    from conversas.providers.superagentes import Superagentes
    from conversas.providers.zild import Zild
    from conversas.records.conversation import (
        Agent,
        Attachment,
        Call,
        Citation,
        Completeness,
        Contact,
        Conversation,
        Evaluation,
        Message,
        MessageError,
        NamedValue,
        Participant,
        Queue,
        Tag,
    )
    from conversas.records.drift import Drift, DriftKind
    from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status, Verdict
    from conversas.records.ref import ConversationRef
    from conversas.redaction.findings import Finding
    from conversas.redaction.redactor import Redacted, Redactor
    from conversas.transcripts.chat import ChatMessage, NextTurn, RatedAnswer, chat_messages, next_turns, ratings
    from conversas.transcripts.gallery import gallery_html
    from conversas.transcripts.page import transcript_html
    from conversas.transcripts.text import to_text

__all__ = [
    "Agent",
    "AgentKind",
    "ApiError",
    "AsyncClient",
    "AsyncOutcomes",
    "Attachment",
    "AuthenticationError",
    "BodyTooLargeError",
    "Call",
    "Channel",
    "ChatMessage",
    "Citation",
    "Client",
    "Completeness",
    "ConfigurationError",
    "Contact",
    "ConversasError",
    "Conversation",
    "ConversationRef",
    "DecodeError",
    "DecodeErrorReason",
    "Drift",
    "DriftError",
    "DriftKind",
    "DriftReport",
    "Evaluation",
    "Export",
    "ExportAdoption",
    "ExportErasure",
    "ExportError",
    "ExportFailure",
    "ExportProblem",
    "ExportRedecoding",
    "ExportStatus",
    "ExportSummary",
    "Failed",
    "Fetched",
    "Finding",
    "Message",
    "MessageError",
    "NamedValue",
    "NextTurn",
    "NotFoundError",
    "Note",
    "OutcomeGroup",
    "Outcomes",
    "PartLimits",
    "Participant",
    "PermissionDeniedError",
    "Queue",
    "RateLimitedError",
    "RatedAnswer",
    "Rating",
    "Reason",
    "Redacted",
    "Redactor",
    "Retry",
    "Role",
    "ServerError",
    "Status",
    "Superagentes",
    "Tag",
    "Timeout",
    "TokenFile",
    "TransportError",
    "TransportErrorReason",
    "Verdict",
    "Zild",
    "__version__",
    "chat_messages",
    "decode",
    "export",
    "gallery_html",
    "next_turns",
    "ratings",
    "read_export",
    "to_text",
    "transcript_html",
]

_MODULES = {
    "Agent": "records.conversation",
    "AgentKind": "records.enums",
    "ApiError": "errors",
    "AsyncClient": "client.async_client",
    "AsyncOutcomes": "client.async_results",
    "Attachment": "records.conversation",
    "AuthenticationError": "errors",
    "BodyTooLargeError": "errors",
    "Call": "records.conversation",
    "Channel": "records.enums",
    "ChatMessage": "transcripts.chat",
    "Citation": "records.conversation",
    "Client": "client.sync_client",
    "Completeness": "records.conversation",
    "ConfigurationError": "errors",
    "Contact": "records.conversation",
    "ConversasError": "errors",
    "Conversation": "records.conversation",
    "ConversationRef": "records.ref",
    "DecodeError": "errors",
    "DecodeErrorReason": "errors",
    "Drift": "records.drift",
    "DriftError": "errors",
    "DriftKind": "records.drift",
    "DriftReport": "decoding.drift_report",
    "Evaluation": "records.conversation",
    "Export": "exporter.reader",
    "ExportAdoption": "exporter.maintenance.adopt",
    "ExportErasure": "exporter.maintenance.erase",
    "ExportError": "errors",
    "ExportFailure": "exporter.status",
    "ExportProblem": "exporter.verify",
    "ExportRedecoding": "exporter.maintenance.redecode",
    "ExportStatus": "exporter.status",
    "ExportSummary": "exporter.summary",
    "Failed": "client.fetch",
    "Fetched": "client.fetch",
    "Finding": "redaction.findings",
    "Message": "records.conversation",
    "MessageError": "records.conversation",
    "NamedValue": "records.conversation",
    "NextTurn": "transcripts.chat",
    "NotFoundError": "errors",
    "Note": "records.enums",
    "OutcomeGroup": "exporter.status",
    "Outcomes": "client.results",
    "PartLimits": "exporter.settings",
    "Participant": "records.conversation",
    "PermissionDeniedError": "errors",
    "Queue": "records.conversation",
    "RateLimitedError": "errors",
    "RatedAnswer": "transcripts.chat",
    "Rating": "records.enums",
    "Reason": "records.enums",
    "Redacted": "redaction.redactor",
    "Redactor": "redaction.redactor",
    "Retry": "client.retry",
    "Role": "records.enums",
    "ServerError": "errors",
    "Status": "records.enums",
    "Superagentes": "providers.superagentes",
    "Tag": "records.conversation",
    "Timeout": "client.retry",
    "TokenFile": "providers.credentials",
    "TransportError": "errors",
    "TransportErrorReason": "errors",
    "Verdict": "records.enums",
    "Zild": "providers.zild",
    "__version__": "_version",
    "chat_messages": "transcripts.chat",
    "decode": "decoding.decoder",
    "export": "exporter.export",
    "gallery_html": "transcripts.gallery",
    "next_turns": "transcripts.chat",
    "ratings": "transcripts.chat",
    "read_export": "exporter.reader",
    "to_text": "transcripts.text",
    "transcript_html": "transcripts.page",
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
