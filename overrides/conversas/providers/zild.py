"""Zild: its generated model as a neutral record. docs/mapping.md says what comes from where."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from conversas.errors import ConfigurationError
from conversas.providers.datetimes import read_duration
from conversas.providers.mapping import Reading
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
from conversas.records.fast_init import quick
from conversas.records.ref import ConversationRef
from conversas_api.zild import models
from conversas_api.zild.types import EXTRA, UNSET, Unset

__all__ = ["EXTRA", "MODEL", "endpoint", "to_neutral"]

MODEL = models.Conversation

T = TypeVar("T")

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,9}")
_INT32 = range(-(2**31), 2**31)

new_agent, new_call, new_contact = quick(Agent), quick(Call), quick(Contact)
new_evaluation, new_named_value = quick(Evaluation), quick(NamedValue)
new_participant, new_tag = quick(Participant), quick(Tag)
new_message: Callable[..., Message] = quick(Message)

NO_EVALUATION = Evaluation()


def endpoint(ref: ConversationRef) -> dict[str, Any]:
    """Give the method and the path of the request for a conversation.

    Raises:
        ConfigurationError: The id is no int32 in its shortest decimal form.
    """
    from conversas_api.zild.api.conversations import get_conversation  # brings httpx, which decode does not need

    if not _DECIMAL.fullmatch(ref.id) or int(ref.id) not in _INT32:
        message = f"{ref}: an id of Zild is a whole number, such as 123, of 32 bits"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return get_conversation.request_arguments(int(ref.id))


def to_neutral(source: models.Conversation, reading: Reading) -> Conversation:
    id_, ref = reading.identify(_id(source.id))
    messages = reading.ordered(list(_messages(source, reading)))
    if any(message.role is not Role.UNKNOWN for message in messages):
        reading.notes.add(Note.ROLE_INFERRED)
    return Conversation(
        provider="zild",
        id=id_,
        ref=ref,
        summary=_known(source.conversation_summary),
        status=_status(source, reading),
        channel_code=_code(source.conversation_integration_type),
        created_at=reading.aware(source.created_at),
        updated_at=reading.aware(source.last_conversation_update_time),
        queued_at=reading.aware(source.queued_at),
        ended_at=reading.aware(source.finished_at),
        agent=_agent(source, reading),
        contacts=tuple(_contacts(source, reading)),
        participants=tuple(_participants(source)),
        messages=messages,
        tags=tuple(new_tag(id=_id(tag.id), name=_known(tag.name)) for tag in _present(source.tags)),
        evaluation=_evaluation(source),
        sentiment=_known(source.overall_sentiment),
        call=_call(source, reading),
        variables=_named_values(source.dynamic_variables),
        collected_data=_named_values(source.data_collection),
        completeness=reading.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            _end_reason(source, reading),
            Reason.UNREADABLE if reading.is_lost("/id", source.id) else None,
            Reason.LAST_MESSAGE_DIFFERS if _last_message_differs(source, messages) else None,
        ),
        notes=reading.all_notes(),
        drift=reading.drift,
        source=source,
        raw=reading.body,
    )


def _present(items: list[T] | Unset | None) -> Iterator[T]:
    """Yield the items of a list; null is none, whatever a later spec may allow."""
    return filter(None, items or ())


def _known(value: T | Unset | None) -> T | None:
    return None if isinstance(value, Unset) else value


def _id(value: int | Unset | None) -> str | None:
    return str(value) if value else None  # 0 stands for "none"


def _code(value: int | Unset | None) -> str | None:
    return None if value is None or isinstance(value, Unset) else str(int(value))


def _messages(source: models.Conversation, reading: Reading) -> Iterator[Message]:
    """Yield each message. UNSET is compared in place here, since this runs for every message."""
    customer, unknown, is_customer, is_agent = source.from_, Role.UNKNOWN, Role.CUSTOMER, Role.AGENT
    for message in _present(source.messages):
        sender, text, read, delivered = message.from_, message.content, message.read, message.delivered
        yield new_message(  # by position, which names would make slower by half
            str(message.id) if message.id else None,
            unknown if not sender or not customer else is_customer if sender == customer else is_agent,
            sender or None,
            None if text is UNSET else text,
            reading.aware(message.created_at),
            None if read is UNSET else read,
            None if delivered is UNSET else delivered,
            None,
            _attachments(message) if message.media_url or message.media_file_name else (),
            _error(message) if message.error_code or message.error_message else None,
        )


def _attachments(message: models.Message) -> tuple[Attachment, ...]:
    return (Attachment(url=_known(message.media_url), name=_known(message.media_file_name)),)


def _error(message: models.Message) -> MessageError:
    return MessageError(code=_known(message.error_code), message=_known(message.error_message))


def _status(source: models.Conversation, reading: Reading) -> Status:
    reading.notes.add(Note.STATUS_INFERRED)
    if reading.aware(source.finished_at):
        return Status.CLOSED
    if reading.is_lost("/finishedAt", source.finished_at):
        return Status.UNKNOWN
    return Status.OPEN if source.active else Status.UNKNOWN


def _end_reason(source: models.Conversation, reading: Reading) -> Reason | None:
    if reading.is_lost("/finishedAt", source.finished_at):
        return Reason.UNREADABLE
    return None if reading.aware(source.finished_at) else Reason.NOT_FINISHED


def _agent(source: models.Conversation, reading: Reading) -> Agent | None:
    """Give the user where a live agent takes part and the bot where none does; without a word, whoever is there."""
    user, bot = _id(source.user_id), _id(source.bot_id)
    human = bool(source.live_agent) if isinstance(source.live_agent, bool) else user is not None
    id_, name, kind = (user, source.user_name, AgentKind.HUMAN) if human else (bot, source.bot_name, AgentKind.BOT)
    if id_ is None and not name:
        return None
    reading.notes.add(Note.AGENT_INFERRED)
    return new_agent(id=id_, name=_known(name), kind=kind)


def _contacts(source: models.Conversation, reading: Reading) -> Iterator[Contact]:
    if source.contact_name or source.from_:
        reading.notes.add(Note.CONTACT_INFERRED)
        yield new_contact(id=None, name=_known(source.contact_name), email=None, address=_known(source.from_))


def _participants(source: models.Conversation) -> Iterator[Participant]:
    for id_, name, kind in (
        (source.user_id, source.user_name, "user"),
        (source.counterpart_user_id, source.counterpart_user_name, "counterpart user"),
        (source.bot_id, source.bot_name, "bot"),
    ):
        if id_ or name:
            yield new_participant(id=_id(id_), name=_known(name), kind=kind)


def _evaluation(source: models.Conversation) -> Evaluation | None:
    evaluation = new_evaluation(
        score=_known(source.score),
        final_score=_known(source.final_score),
        checklist_id=_id(source.checklist_id),
        status_code=_code(source.conversation_evaluation_status),
        status_message=_known(source.conversation_evaluation_status_message),
        high_importance_error=_known(source.high_importance_error_detected),
    )
    return None if evaluation == NO_EVALUATION else evaluation


def _call(source: models.Conversation, reading: Reading) -> Call | None:
    duration = read_duration(source.duration) if source.duration else None
    if source.duration and duration is None:
        reading.notes.add(Note.DURATION_UNREADABLE)
    if not (duration or source.call_status or source.disconnection_reason or source.call_successful):
        return None
    return new_call(
        status=_known(source.call_status),
        duration=duration,
        successful=_known(source.call_successful),
        disconnection_reason=_known(source.disconnection_reason),
    )


def _named_values(
    items: list[models.DynamicVariable] | list[models.DataCollectionItem] | Unset | None,
) -> tuple[NamedValue, ...]:
    given: Iterable[models.DynamicVariable | models.DataCollectionItem] = items or ()
    return tuple(new_named_value(name=_known(item.name), value=_known(item.value)) for item in given if item)


def _last_message_differs(source: models.Conversation, messages: tuple[Message, ...]) -> bool:
    shown = _known(source.last_message_content)
    return shown is not None and shown != ((messages[-1].text or "") if messages else "")
