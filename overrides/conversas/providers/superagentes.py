"""Superagentes: configuration, request and mapping. docs/mapping.md says what comes from where."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conversas.errors import ConfigurationError
from conversas.providers import record_constructors as make
from conversas.providers.base import ListOperation, Provider, ProviderConfig
from conversas.providers.credentials import Secret, TokenSource
from conversas.providers.mapping import MappingContext, items, or_none
from conversas.providers.people import merge_contacts, merge_participants
from conversas.providers.upstream import attachments_of, citations_of, sent_by_member, sent_by_visitor
from conversas.records.conversation import Agent, Contact, Conversation, Message, Participant
from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status
from conversas.records.ref import ConversationRef
from conversas_api.runtime import UNSET, Unset
from conversas_api.superagentes import models

DOCUMENTED_URL = "https://dash.superagentes.ai/api"
LONGEST_ID = 500  # characters; real ids have 25
PAGE_SIZE = 50  # upstream, not documented: a response has at most this many messages

STATUSES: dict[object, Status] = {
    "UNRESOLVED": Status.OPEN,
    "HUMAN_REQUESTED": Status.WAITING,
    "RESOLVED": Status.CLOSED,
}
CHANNELS: dict[object, Channel] = {
    "dashboard": Channel.DASHBOARD,
    "website": Channel.WEB,
    "whatsapp": Channel.WHATSAPP,
    "slack": Channel.SLACK,
    "crisp": Channel.CRISP,
    "zapier": Channel.ZAPIER,
    "api": Channel.API,
    "form": Channel.FORM,
    "mail": Channel.EMAIL,
    "email": Channel.EMAIL,
    "telegram": Channel.TELEGRAM,
}
SENDERS: dict[object, tuple[Role, AgentKind | None]] = {
    "human": (Role.CUSTOMER, None),
    "agent": (Role.AGENT, AgentKind.BOT),
    "system": (Role.SYSTEM, None),
}
UNKNOWN_SENDER = (Role.UNKNOWN, None)
RATINGS: dict[object, Rating] = {"GOOD": Rating.GOOD, "BAD": Rating.BAD, "good": Rating.GOOD, "bad": Rating.BAD}

_SEPARATORS = re.compile(r"[/\\]")


class Superagentes(ProviderConfig):
    """Configuration of Superagentes. `token` is a key, a callable that returns one, or a `TokenFile`.

    All accounts have the same base URL. Pass a label as `account`, so that no export mixes two accounts.

    Raises:
        ConfigurationError: The base URL, the token, the time zone or the account is invalid.
    """

    name = "superagentes"
    """Name of the provider: the part of a ref before the colon."""
    default_base_url = DOCUMENTED_URL
    """The documented base URL."""

    def __init__(
        self,
        token: TokenSource,
        base_url: str = DOCUMENTED_URL,
        timezone: str = "UTC",
        account: str | None = None,
    ) -> None:
        secret = Secret((base_url, token))
        del base_url, token  # a traceback may show the locals of this frame
        self._set(secret, timezone, account)


def parameters(ref: ConversationRef) -> dict[str, str]:
    """Return the arguments of the operation.

    Raises:
        ConfigurationError: The id is too long, would lead to another path, or has a character that is not printable.
    """
    if (
        len(ref.id) > LONGEST_ID
        or not ref.id.isprintable()
        or any(part in ("", ".", "..") for part in _SEPARATORS.split(ref.id))
    ):
        message = f"{ref}: a Superagentes id must be a short printable string without empty or '..' path segments"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return {"id": ref.id}


def list_parameters(status: str | None, agent_id: str | None) -> dict[str, str]:
    """Return the arguments of the list operation."""
    return {name: value for name, value in (("status", status), ("agent_id", agent_id)) if value is not None}


def to_record(source: models.Conversation, context: MappingContext) -> Conversation:
    """Return the neutral record of a model."""
    id_, ref = context.resolve_id(or_none(source.id) or None)
    messages = context.sorted_messages(_messages(source, context))
    status = STATUSES.get(source.status, Status.UNKNOWN)
    return make.conversation(
        provider="superagentes",
        id=id_,
        ref=ref,
        title=or_none(source.title),
        status=status,
        status_code=_word(source.status, "/status", context),
        channel=CHANNELS.get(source.channel, Channel.UNKNOWN),
        channel_code=_word(source.channel, "/channel", context),
        created_at=context.to_aware(source.created_at),
        updated_at=context.to_aware(source.updated_at),
        agent=_agent(source, context),
        contacts=merge_contacts(_contacts(source)),
        participants=merge_participants(_participants(source)),
        messages=messages,
        completeness=context.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            _open_reason(status, context),
            Reason.UNREADABLE if context.was_dropped("/id") else None,
            Reason.POSSIBLE_PAGE_LIMIT if len(messages) == PAGE_SIZE else None,
        ),
        notes=context.sorted_notes(),
        drift=context.drift,
        read_source=context.read_source,
        raw=context.body,
    )


def _word(value: object, path: str, context: MappingContext) -> str | None:
    return context.recover_text(path) if value is None or isinstance(value, Unset) else str(value)


def _open_reason(status: Status, context: MappingContext) -> Reason | None:
    """Return the reason why a conversation may not be over. A status that is invalid or unknown does not mean open."""
    if context.was_dropped("/status"):
        return Reason.UNREADABLE
    if status is Status.UNKNOWN:
        return Reason.STATUS_UNKNOWN
    return None if status is Status.CLOSED else Reason.NOT_RESOLVED


def _messages(source: models.Conversation, context: MappingContext) -> list[Message]:
    """Return each message. One loop does everything and compares UNSET in place, because it runs for every message."""
    unset, customer, notes = UNSET, Role.CUSTOMER, context.notes
    role_inferred, speaker_inferred = Note.ROLE_INFERRED, Note.SPEAKER_INFERRED
    found: list[Message] = []
    given = [*items(source.messages)]
    for message, time in zip(given, context.to_aware_many([each.created_at for each in given]), strict=True):
        id_, text, read, rating, unlisted = (
            message.id, message.text, message.read, message.eval_, message.additional_properties
        )  # fmt: skip
        role, speaker = SENDERS.get(message.from_, UNKNOWN_SENDER)
        is_guess = role is customer
        if unlisted and (is_guess or speaker):
            role, speaker, is_guess = _upstream_sender(role, unlisted)
        if is_guess:
            notes.add(role_inferred)
        if speaker:
            notes.add(speaker_inferred)
        found.append(make.message(  # by position: keyword arguments would take half as long again
            id_ or None,
            role,
            speaker,
            None,
            None if text is unset else text,
            time,
            None if read is unset else read,
            None,
            RATINGS.get(rating, Rating.UNKNOWN) if rating else None,
            None,
            None,
            attachments_of(unlisted) if unlisted else (),
            citations_of(unlisted) if unlisted else (),
            None,
        ))  # fmt: skip
    return found


def _upstream_sender(role: Role, unlisted: Mapping[str, Any]) -> tuple[Role, AgentKind | None, bool]:
    """Return the role and the speaker of a message that is `human` or `agent`, and whether the role is a guess.

    Upstream, `human` is any sender that is not a bot. A message with a `userId`, and without a visitor, a
    contact or an agent, is from a member of the team.
    """
    if sent_by_member(unlisted):
        return Role.AGENT, AgentKind.HUMAN, role is Role.CUSTOMER
    if role is Role.AGENT:
        return role, AgentKind.BOT, False
    return role, None, not sent_by_visitor(unlisted)


def _agent(source: models.Conversation, context: MappingContext) -> Agent | None:
    agent = or_none(source.agent)
    if agent is None:
        return None
    context.notes.add(Note.AGENT_INFERRED)
    return make.agent(id=or_none(agent.id), name=or_none(agent.name), kind=AgentKind.BOT)


def _contacts(source: models.Conversation) -> Iterator[Contact]:
    """Yield the contacts, then the contact of each visitor that has one."""
    for contact in items(source.participants_contacts):
        name = _full_name(contact.first_name, contact.last_name)
        yield make.contact(id=or_none(contact.id), name=name, email=or_none(contact.email))
    for visitor in items(source.participants_visitors):
        known_as = or_none(visitor.contact)
        if known_as is not None:
            yield make.contact(id=or_none(known_as.id), name=_full_name(known_as.first_name, known_as.last_name))


def _full_name(*parts: str | Unset | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _participants(source: models.Conversation) -> Iterator[Participant]:
    for participant in items(source.participants):
        yield make.participant(id=or_none(participant.id), kind=or_none(participant.type_))
    for user in items(source.participants_users):
        yield make.participant(id=or_none(user.id), name=or_none(user.name), kind="user")
    for visitor in items(source.participants_visitors):
        yield make.participant(id=or_none(visitor.id), kind="visitor")


PROVIDER = Provider(
    name="superagentes",
    config=Superagentes,
    client="conversas_api.superagentes",
    operation="getConversation",
    endpoint="api.conversations.get_conversation",
    model=models.Conversation,
    parameters=parameters,
    to_record=to_record,
    list_operation=ListOperation(
        operation="listConversations",
        endpoint="api.conversations.list_conversations",
        parameters=list_parameters,
        statuses={neutral: str(word) for word, neutral in STATUSES.items()},
    ),
    # upstream, not documented: a missing or wrong key is answered with 403, never 401; the provider's table says 401
    status_messages={403: "the key is wrong, or gives no access to this conversation; the provider does not say which"},
    probe_id="conversas-doctor",
    forbidden_may_mean_bad_token=True,
)
