"""Acme: configuration, request and mapping."""

from collections.abc import Mapping
from typing import Any

from acme_api.acme import models

from conversas import AgentKind, ConfigurationError, Conversation, ConversationRef, Message, Reason, Role, Status
from conversas.providers import Provider, ProviderConfig
from conversas.providers.credentials import Secret
from conversas.providers.mapping import MappingContext, items, or_none


class Acme(ProviderConfig):
    """Configuration of Acme. `token` is an API key."""

    name = "acme"
    default_base_url = "https://acme.example/v1"


def parameters(ref: ConversationRef) -> dict[str, Any]:
    """Return the arguments of the operation. An id is a team and a number, for example `team/42`.

    Raises:
        ConfigurationError: The id is invalid.
    """
    team, _, number = ref.id.partition("/")
    if not team or not number.isdecimal():
        raise ConfigurationError(f"{ref}: an id of Acme must be a team and a number, for example team/42")
    return {"chat_id": ref.id, "include": ["lines", "people & pets"]}


def authenticate(token: Secret) -> Mapping[str, str]:
    """Return the header of the API key."""
    return {"X-Acme-Key": token.value}


def to_record(chat: models.Chat, context: MappingContext) -> Conversation:
    """Return the neutral record of a chat."""
    id_, ref = context.resolve_id(or_none(chat.chat_id) or None)
    messages = context.sorted_messages([_message(line, context) for line in items(chat.lines)])
    return Conversation(
        provider="acme",
        id=id_,
        ref=ref,
        status=Status.CLOSED if chat.closed else Status.UNKNOWN,
        channel_code=str(chat.kind) if or_none(chat.kind) is not None else None,
        created_at=context.to_aware(chat.started_at),
        messages=messages,
        completeness=context.completeness(
            messages,
            None if isinstance(chat.lines, list) else Reason.MESSAGES_MISSING,
            None if chat.closed else Reason.NOT_FINISHED,
            messages_path="/lines",
        ),
        notes=context.sorted_notes(),
        drift=context.drift,
        read_source=context.read_source,
        raw=context.body,
    )


def _message(line: models.Line, context: MappingContext) -> Message:
    id_ = or_none(line.line_id)
    role = {True: Role.CUSTOMER, False: Role.AGENT}.get(or_none(line.by_customer), Role.UNKNOWN)
    return Message(
        id=None if id_ is None else str(id_),
        role=role,
        speaker=AgentKind.UNKNOWN if role is Role.AGENT else None,
        text=or_none(line.words),
        sent_at=context.to_aware(line.at),
    )


PROVIDER = Provider(
    name="acme",
    config=Acme,
    client="acme_api.acme",
    operation="readChat",
    endpoint="api.chats.read_chat",
    model=models.Chat,
    parameters=parameters,
    to_record=to_record,
    authenticate=authenticate,
    id_property="chatId",
    canonical_id=str.lower,
    status_messages={401: "Acme does not know this key"},
    probe_id="conversas/0",
)
