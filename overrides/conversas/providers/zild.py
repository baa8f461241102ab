"""Zild: configuration, request and mapping. docs/mapping.md says what comes from where."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conversas.errors import ConfigurationError
from conversas.providers import record_constructors as make
from conversas.providers.base import Provider, ProviderConfig
from conversas.providers.credentials import Secret, TokenSource
from conversas.providers.datetimes import parse_offset, parse_timespan
from conversas.providers.mapping import MappingContext, items, or_none
from conversas.providers.ordering import Offsets
from conversas.providers.roles import roles_by_address, roles_by_word
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
    Queue,
)
from conversas.records.enums import AgentKind, Note, Reason, Role, Status
from conversas.records.ref import ConversationRef
from conversas_api.runtime import UNSET, Unset
from conversas_api.zild import models

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,9}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_INT32 = range(-(2**31), 2**31)

NO_EVALUATION = Evaluation()
NO_SCORES = (None, None)

_NO_ERROR = re.compile(r"\s*0+\s*")  # vendors confirm a delivery with zeros
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")


class Zild(ProviderConfig):
    """Configuration of Zild. Its base URL is not documented, so it must be passed.

    Args:
        base_url: The URL that precedes `/api/Conversation`.
        token: A JWT, a callable that returns one and is called again after a 401, or a `TokenFile`. `AsyncClient`
            also accepts coroutine functions.
        timezone: The time zone of times without an offset, by its IANA name.
        account: A label of your account, so that no export mixes two accounts.

    Raises:
        ConfigurationError: The base URL, the token, the time zone or the account is invalid.
    """

    name = "zild"
    """Name of the provider: the part of a ref before the colon."""

    def __init__(self, base_url: str, token: TokenSource, timezone: str = "UTC", account: str | None = None) -> None:
        secret = Secret((base_url, token))
        del base_url, token  # a traceback may show the locals of this frame
        self._set(secret, timezone, account)


def parameters(ref: ConversationRef) -> dict[str, int]:
    """Return the arguments of the operation.

    Raises:
        ConfigurationError: The id is not an int32 in its shortest decimal form.
    """
    if not _DECIMAL.fullmatch(ref.id) or int(ref.id) not in _INT32:
        message = f"{ref}: a Zild id must be a 32-bit integer, for example 123"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return {"id": int(ref.id)}


def canonical_id(text: str) -> str:
    """Return an id in its shortest decimal form, if it is a number."""
    return str(int(text)) if _INTEGER.fullmatch(text) else text


def to_record(source: models.Conversation, context: MappingContext) -> Conversation:
    """Return the neutral record of a model."""
    id_, ref = context.resolve_id(_id(source.id))
    roles = _roles(source)
    if roles:
        context.notes.add(Note.ROLE_INFERRED)
    messages = context.sorted_messages(_messages(source, roles, context), lambda: _offsets(source))
    ended_at = context.to_aware(source.finished_at)
    return make.conversation(
        provider="zild",
        id=id_,
        ref=ref,
        summary=or_none(source.conversation_summary),
        status=_status(source, ended_at, context),
        ended_reason_code=_id(source.conversation_ended_reason_id),
        channel_code=_code(source.conversation_integration_type, "/conversationIntegrationType", context),
        created_at=context.to_aware(source.created_at),
        updated_at=context.to_aware(source.last_conversation_update_time),
        queued_at=context.to_aware(source.queued_at),
        ended_at=ended_at,
        duration=_duration(source, context),
        queue=_queue(source),
        agent=_agent(source, context),
        contacts=_contacts(source, context),
        participants=_participants(source),
        messages=messages,
        attachments=_files(source.file_url, source.file_name),
        tags=tuple([make.tag(id=_id(tag.id), name=or_none(tag.name)) for tag in items(source.tags)]),
        evaluation=_evaluation(source, context),
        sentiment=or_none(source.overall_sentiment),
        call=_call(source),
        variables=_named_values(source.dynamic_variables, "/dynamicVariables", context),
        collected_data=_named_values(source.data_collection, "/dataCollection", context),
        completeness=context.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            _end_reason(ended_at, context),
            Reason.UNREADABLE if context.was_dropped("/id") else None,
            Reason.LAST_MESSAGE_DIFFERS if _last_message_differs(source, messages) else None,
        ),
        notes=context.sorted_notes(),
        drift=context.drift,
        read_source=context.read_source,
        raw=context.body,
    )


def _id(value: int | Unset | None) -> str | None:
    return str(value) if value else None  # 0 stands for "none"


def _code(value: int | Unset | None, path: str, context: MappingContext) -> str | None:
    """Return the value of an enum as text, even if it is a word in place of a number."""
    return context.recover_text(path) if value is None or isinstance(value, Unset) else str(int(value))


def _roles(source: models.Conversation) -> Mapping[Any, Role]:
    """Return the roles of the senders, if they can be inferred. A sender without a role is unknown.

    The sender of the conversation is the customer. The turns of a call may name roles instead.
    """
    senders = {message.from_ for message in items(source.messages) if message.from_}
    roles = roles_by_address(senders, source.from_ or None)
    return roles_by_word(senders) if not roles and _is_call(source) else roles


def _is_call(source: models.Conversation) -> bool:
    return bool(source.call_status or source.disconnection_reason or source.call_successful)


def _offsets(source: models.Conversation) -> Offsets:
    """Return the number of seconds into the call when each message was spoken."""
    return [parse_offset(message.offset) if message.offset else None for message in items(source.messages)]


def _messages(source: models.Conversation, roles: Mapping[Any, Role], context: MappingContext) -> list[Message]:
    """Return each message. One loop does everything and compares UNSET in place, because it runs for every message."""
    unset, unknown, agent, unknown_speaker, is_inferred = UNSET, Role.UNKNOWN, Role.AGENT, AgentKind.UNKNOWN, False
    human, of_no_user, unsaid = _speakers(source)
    given = [*items(source.messages)]
    found: list[Message] = []
    for message, time in zip(given, context.to_aware_many([each.created_at for each in given]), strict=True):
        id_, sender, text, read, delivered = message.id, message.from_, message.content, message.read, message.delivered
        sentiment, is_survey, url, name = message.sentiment, message.is_nps, message.media_url, message.media_file_name
        role, speaker = roles.get(sender, unknown), None
        if role is agent:
            user = message.user_id
            speaker = human if user else of_no_user if user == 0 else unsaid
            is_inferred = is_inferred or speaker is not unknown_speaker
        found.append(make.message(  # by position: keyword arguments would take half as long again
            str(id_) if id_ else None,
            role,
            speaker,
            sender or None,
            None if text is unset else text,
            time,
            None if read is unset else read,
            None if delivered is unset else delivered,
            None,
            None if sentiment is unset else sentiment,
            None if is_survey is unset else is_survey,
            _files(url, name) if url or name else (),
            (),
            _error(message) if message.error_code or message.error_message else None,
        ))  # fmt: skip
    if is_inferred:
        context.notes.add(Note.SPEAKER_INFERRED)
    return found


def _speakers(source: models.Conversation) -> tuple[AgentKind, AgentKind, AgentKind]:
    """Return three speakers of an agent's message: with a user, with the user 0, and without a user.

    Without a user, the bot speaks if the body has a bot and no live agent takes part. With the user 0, the bot of
    the body also speaks if other messages have users.
    """
    has_bot, unknown = bool(source.bot_id or source.bot_name), AgentKind.UNKNOWN
    unsaid = AgentKind.BOT if has_bot and source.live_agent is False else unknown
    names_users = has_bot and any(message.user_id for message in items(source.messages))
    return AgentKind.HUMAN, AgentKind.BOT if names_users else unsaid, unsaid


def _files(url: str | Unset | None, name: str | Unset | None) -> tuple[Attachment, ...]:
    return (make.attachment(url=or_none(url), name=or_none(name)),) if url or name else ()


def _error(message: models.Message) -> MessageError | None:
    """Return the error of a message. Zeros are an error only if there is an error message and no delivery."""
    if _NO_ERROR.fullmatch(message.error_code or "") and (message.delivered or not message.error_message):
        return None
    return MessageError(code=or_none(message.error_code), message=or_none(message.error_message))


def _status(source: models.Conversation, ended_at: datetime | None, context: MappingContext) -> Status:
    context.notes.add(Note.STATUS_INFERRED)
    if ended_at:
        return Status.CLOSED
    if context.was_dropped("/finishedAt"):
        return Status.UNKNOWN
    return Status.OPEN if source.active else Status.UNKNOWN


def _end_reason(ended_at: datetime | None, context: MappingContext) -> Reason | None:
    if context.was_dropped("/finishedAt"):
        return Reason.UNREADABLE
    return None if ended_at else Reason.NOT_FINISHED


def _agent(source: models.Conversation, context: MappingContext) -> Agent | None:
    """Return the user if a live agent takes part, else the bot. If the body does not say, the user comes first."""
    user, bot = _id(source.user_id), _id(source.bot_id)
    human = bool(source.live_agent) if isinstance(source.live_agent, bool) else user is not None
    id_, name, kind = (user, source.user_name, AgentKind.HUMAN) if human else (bot, source.bot_name, AgentKind.BOT)
    if id_ is None and not name:
        return None
    context.notes.add(Note.AGENT_INFERRED)
    return make.agent(id=id_, name=or_none(name), kind=kind)


def _contacts(source: models.Conversation, context: MappingContext) -> tuple[Contact, ...]:
    if not (source.contact_name or source.from_):
        return ()
    context.notes.add(Note.CONTACT_INFERRED)
    return (make.contact(name=or_none(source.contact_name), address=or_none(source.from_)),)


def _participants(source: models.Conversation) -> tuple[Participant, ...]:
    """Return the participants. A user who is also the counterpart is listed once."""
    user, counterpart = (source.user_id, source.user_name), (source.counterpart_user_id, source.counterpart_user_name)
    if counterpart[0] and counterpart == user:
        counterpart = (0, None)
    kinds = (("user", user), ("counterpart user", counterpart), ("bot", (source.bot_id, source.bot_name)))
    return tuple(
        [make.participant(id=_id(id_), name=or_none(name), kind=kind) for kind, (id_, name) in kinds if id_ or name]
    )


def _queue(source: models.Conversation) -> Queue | None:
    id_, name = _id(source.queue_id), source.queue_name or None
    return make.queue(id=id_, name=name) if id_ or name else None


def _evaluation(source: models.Conversation, context: MappingContext) -> Evaluation | None:
    score, final_score = or_none(source.score), or_none(source.final_score)
    status = _code(source.conversation_evaluation_status, "/conversationEvaluationStatus", context)
    if (
        not (score or final_score or source.checklist_id)
        and status in (None, "0")
        and (score, final_score) != NO_SCORES
    ):
        context.notes.add(Note.SCORE_INFERRED)
        score = final_score = None
    evaluation = make.evaluation(
        score=score,
        final_score=final_score,
        checklist_id=_id(source.checklist_id),
        status_code=status,
        status_message=or_none(source.conversation_evaluation_status_message),
        high_importance_error=or_none(source.high_importance_error_detected),
    )
    return None if evaluation == NO_EVALUATION else evaluation


def _duration(source: models.Conversation, context: MappingContext) -> timedelta | None:
    duration = parse_timespan(source.duration) if source.duration else None
    if duration is None and (source.duration or context.was_dropped("/duration")):
        context.notes.add(Note.DURATION_UNREADABLE)
    return duration


def _call(source: models.Conversation) -> Call | None:
    if not _is_call(source):
        return None
    return make.call(
        status=or_none(source.call_status),
        successful=or_none(source.call_successful),
        disconnection_reason=or_none(source.disconnection_reason),
    )


def _named_values(
    values: "list[models.DynamicVariable] | list[models.DataCollectionItem] | Unset | None",
    path: str,
    context: MappingContext,
) -> tuple[NamedValue, ...]:
    """Return the variables. Names and values of the wrong type become text."""
    if not values:
        return ()
    present: list[models.DynamicVariable | models.DataCollectionItem] = [*values]
    if not context.has_dropped_below(path):
        return tuple([make.named_value(name=or_none(item.name), value=or_none(item.value)) for item in items(present)])
    return tuple(
        make.named_value(
            name=context.recover_text(f"{pointer}/name") or or_none(item.name),
            value=context.recover_text(f"{pointer}/value") or or_none(item.value),
        )
        for pointer, item in context.located(present, path)
    )


def _last_message_differs(source: models.Conversation, messages: tuple[Message, ...]) -> bool:
    """Return whether the last message does not begin with the body's `lastMessageContent`, which may be cut off."""
    shown = or_none(source.last_message_content)
    last = (messages[-1].text or "") if messages else ""
    if not shown or shown == last:
        return False
    last, shown = " ".join(last.split()), " ".join(shown.split())
    return not last.startswith((shown, _CUT.sub("", shown)))


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
    has_scores=True,
    integer_ids=_INT32,
)
