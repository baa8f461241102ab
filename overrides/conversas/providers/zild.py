"""Zild: configuration, request and mapping. docs/mapping.md says what comes from where."""

import re
from collections.abc import Iterable, Iterator

from conversas.errors import ConfigurationError
from conversas.providers.base import Provider, ProviderConfig
from conversas.providers.credentials import Secret, TokenSource
from conversas.providers.datetimes import parse_timespan
from conversas.providers.mapping import MappingContext, items, make_message, or_none
from conversas.records.conversation import (
    Agent,
    Attachment,
    Call,
    Contact,
    Conversation,
    Evaluation,
    Message,
    MessageError,
    NamedValue,
    Participant,
    Tag,
)
from conversas.records.enums import AgentKind, Note, Reason, Role, Status
from conversas.records.ref import ConversationRef
from conversas_api.runtime import UNSET, Unset
from conversas_api.zild import models

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,9}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_INT32 = range(-(2**31), 2**31)


NO_EVALUATION = Evaluation()


class Zild(ProviderConfig):
    """Configuration of Zild. Its base URL is not documented, so it must be passed.

    Args:
        base_url: The URL that `/api/Conversation` follows.
        token: A JWT, a callable that returns one and is called again after a 401, or a `TokenFile`. `AsyncClient`
            accepts coroutine functions, too.
        timezone: The time zone of times without offset, by its IANA name.

    Raises:
        ConfigurationError: The base URL, the token or the time zone is invalid.
    """

    name = "zild"

    def __init__(self, base_url: str, token: TokenSource, timezone: str = "UTC") -> None:
        secret = Secret((base_url, token))
        del base_url, token  # a traceback may show the locals of this frame
        self._set(secret, timezone)


def parameters(ref: ConversationRef) -> dict[str, int]:
    """Return the arguments of the operation.

    Raises:
        ConfigurationError: The id is not an int32 in its shortest decimal form.
    """
    if not _DECIMAL.fullmatch(ref.id) or int(ref.id) not in _INT32:
        message = f"{ref}: an id of Zild must be an integer of 32 bits, for example 123"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return {"id": int(ref.id)}


def canonical_id(text: str) -> str:
    """Return an id in its shortest decimal form, if it is a number."""
    return str(int(text)) if _INTEGER.fullmatch(text) else text


def to_record(source: models.Conversation, context: MappingContext) -> Conversation:
    """Return the neutral record of a model."""
    id_, ref = context.resolve_id(_id(source.id))
    messages = context.sorted_messages(list(_messages(source, context)))
    if any(message.role is not Role.UNKNOWN for message in messages):
        context.notes.add(Note.ROLE_INFERRED)
    return Conversation(
        provider="zild",
        id=id_,
        ref=ref,
        summary=or_none(source.conversation_summary),
        status=_status(source, context),
        channel_code=_code(source.conversation_integration_type),
        created_at=context.to_aware(source.created_at),
        updated_at=context.to_aware(source.last_conversation_update_time),
        queued_at=context.to_aware(source.queued_at),
        ended_at=context.to_aware(source.finished_at),
        agent=_agent(source, context),
        contacts=tuple(_contacts(source, context)),
        participants=tuple(_participants(source)),
        messages=messages,
        tags=tuple(Tag(id=_id(tag.id), name=or_none(tag.name)) for tag in items(source.tags)),
        evaluation=_evaluation(source),
        sentiment=or_none(source.overall_sentiment),
        call=_call(source, context),
        variables=_named_values(source.dynamic_variables),
        collected_data=_named_values(source.data_collection),
        completeness=context.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            _end_reason(source, context),
            Reason.UNREADABLE if context.was_dropped("/id", source.id) else None,
            Reason.LAST_MESSAGE_DIFFERS if _last_message_differs(source, messages) else None,
        ),
        notes=context.sorted_notes(),
        drift=context.drift,
        source=source,
        raw=context.body,
    )


def _id(value: int | Unset | None) -> str | None:
    return str(value) if value else None  # 0 stands for "none"


def _code(value: int | Unset | None) -> str | None:
    return None if value is None or isinstance(value, Unset) else str(int(value))


def _messages(source: models.Conversation, context: MappingContext) -> Iterator[Message]:
    """Yield each message. UNSET is compared in place here, since this runs for every message."""
    customer, unknown, is_customer, is_agent = source.from_, Role.UNKNOWN, Role.CUSTOMER, Role.AGENT
    for message in items(source.messages):
        sender, text, read, delivered = message.from_, message.content, message.read, message.delivered
        yield make_message(  # by position, which names would make slower by half
            str(message.id) if message.id else None,
            unknown if not sender or not customer else is_customer if sender == customer else is_agent,
            sender or None,
            None if text is UNSET else text,
            context.to_aware(message.created_at),
            None if read is UNSET else read,
            None if delivered is UNSET else delivered,
            None,
            _attachments(message) if message.media_url or message.media_file_name else (),
            _error(message) if message.error_code or message.error_message else None,
        )


def _attachments(message: models.Message) -> tuple[Attachment, ...]:
    return (Attachment(url=or_none(message.media_url), name=or_none(message.media_file_name)),)


def _error(message: models.Message) -> MessageError:
    return MessageError(code=or_none(message.error_code), message=or_none(message.error_message))


def _status(source: models.Conversation, context: MappingContext) -> Status:
    context.notes.add(Note.STATUS_INFERRED)
    if context.to_aware(source.finished_at):
        return Status.CLOSED
    if context.was_dropped("/finishedAt", source.finished_at):
        return Status.UNKNOWN
    return Status.OPEN if source.active else Status.UNKNOWN


def _end_reason(source: models.Conversation, context: MappingContext) -> Reason | None:
    if context.was_dropped("/finishedAt", source.finished_at):
        return Reason.UNREADABLE
    return None if context.to_aware(source.finished_at) else Reason.NOT_FINISHED


def _agent(source: models.Conversation, context: MappingContext) -> Agent | None:
    """Return the user if a live agent takes part, else the bot; if the body does not say, whichever there is."""
    user, bot = _id(source.user_id), _id(source.bot_id)
    human = bool(source.live_agent) if isinstance(source.live_agent, bool) else user is not None
    id_, name, kind = (user, source.user_name, AgentKind.HUMAN) if human else (bot, source.bot_name, AgentKind.BOT)
    if id_ is None and not name:
        return None
    context.notes.add(Note.AGENT_INFERRED)
    return Agent(id=id_, name=or_none(name), kind=kind)


def _contacts(source: models.Conversation, context: MappingContext) -> Iterator[Contact]:
    if source.contact_name or source.from_:
        context.notes.add(Note.CONTACT_INFERRED)
        yield Contact(id=None, name=or_none(source.contact_name), email=None, address=or_none(source.from_))


def _participants(source: models.Conversation) -> Iterator[Participant]:
    for id_, name, kind in (
        (source.user_id, source.user_name, "user"),
        (source.counterpart_user_id, source.counterpart_user_name, "counterpart user"),
        (source.bot_id, source.bot_name, "bot"),
    ):
        if id_ or name:
            yield Participant(id=_id(id_), name=or_none(name), kind=kind)


def _evaluation(source: models.Conversation) -> Evaluation | None:
    evaluation = Evaluation(
        score=or_none(source.score),
        final_score=or_none(source.final_score),
        checklist_id=_id(source.checklist_id),
        status_code=_code(source.conversation_evaluation_status),
        status_message=or_none(source.conversation_evaluation_status_message),
        high_importance_error=or_none(source.high_importance_error_detected),
    )
    return None if evaluation == NO_EVALUATION else evaluation


def _call(source: models.Conversation, context: MappingContext) -> Call | None:
    duration = parse_timespan(source.duration) if source.duration else None
    if source.duration and duration is None:
        context.notes.add(Note.DURATION_UNREADABLE)
    if not (duration or source.call_status or source.disconnection_reason or source.call_successful):
        return None
    return Call(
        status=or_none(source.call_status),
        duration=duration,
        successful=or_none(source.call_successful),
        disconnection_reason=or_none(source.disconnection_reason),
    )


def _named_values(
    items: list[models.DynamicVariable] | list[models.DataCollectionItem] | Unset | None,
) -> tuple[NamedValue, ...]:
    present: Iterable[models.DynamicVariable | models.DataCollectionItem] = items or ()
    return tuple(NamedValue(name=or_none(item.name), value=or_none(item.value)) for item in present if item)


def _last_message_differs(source: models.Conversation, messages: tuple[Message, ...]) -> bool:
    shown = or_none(source.last_message_content)
    return shown is not None and shown != ((messages[-1].text or "") if messages else "")


PROVIDER = Provider(
    name="zild",
    config=Zild,
    client="conversas_api.zild",
    operation="getConversation",
    endpoint="api.conversations.get_conversation",
    model=models.Conversation,
    parameters=parameters,
    to_record=to_record,
    canonical_id=canonical_id,
    probe_id="0",
    token_is_jwt=True,
    integer_ids=_INT32,
)
