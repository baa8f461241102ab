"""Superagentes: configuration, request and mapping. docs/mapping.md says what comes from where."""

import re
from collections.abc import Iterator

from conversas.errors import ConfigurationError
from conversas.providers.base import Provider, ProviderConfig
from conversas.providers.credentials import Secret, TokenSource
from conversas.providers.mapping import MappingContext, items, make_message, or_none
from conversas.records.conversation import Agent, Contact, Conversation, Message, Participant
from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status
from conversas.records.ref import ConversationRef
from conversas_api.runtime import UNSET, Unset
from conversas_api.superagentes import models

DOCUMENTED_URL = "https://dash.superagentes.ai/api"
LONGEST_ID = 500  # characters; theirs have 25
PAGE_SIZE = 50  # upstream, not documented: at most this many messages come back

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
ROLES: dict[object, Role] = {"human": Role.CUSTOMER, "agent": Role.AGENT, "system": Role.SYSTEM}
RATINGS: dict[object, Rating] = {"GOOD": Rating.GOOD, "BAD": Rating.BAD, "good": Rating.GOOD, "bad": Rating.BAD}

_SEPARATORS = re.compile(r"[/\\]")


class Superagentes(ProviderConfig):
    """Configuration of Superagentes. `token` is a key, a callable that returns one, or a `TokenFile`.

    Raises:
        ConfigurationError: The base URL, the token or the time zone is invalid.
    """

    name = "superagentes"
    default_base_url = DOCUMENTED_URL

    def __init__(self, token: TokenSource, base_url: str = DOCUMENTED_URL, timezone: str = "UTC") -> None:
        secret = Secret((base_url, token))
        del base_url, token  # a traceback may show the locals of this frame
        self._set(secret, timezone)


def parameters(ref: ConversationRef) -> dict[str, str]:
    """Return the arguments of the operation.

    Raises:
        ConfigurationError: The id would lead to another path, or has a character that is not printable.
    """
    if (
        len(ref.id) > LONGEST_ID
        or not ref.id.isprintable()
        or any(part in ("", ".", "..") for part in _SEPARATORS.split(ref.id))
    ):
        message = f"{ref}: an id of Superagentes must be short, printable text without empty or '..' parts of a path"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return {"id": ref.id}


def to_record(source: models.Conversation, context: MappingContext) -> Conversation:
    """Return the neutral record of a model."""
    id_, ref = context.resolve_id(or_none(source.id) or None)
    messages = context.sorted_messages([_message(message, context) for message in items(source.messages)])
    status = STATUSES.get(source.status, Status.UNKNOWN)
    return Conversation(
        provider="superagentes",
        id=id_,
        ref=ref,
        title=or_none(source.title),
        status=status,
        channel=CHANNELS.get(source.channel, Channel.UNKNOWN),
        channel_code=str(source.channel) if or_none(source.channel) is not None else None,
        created_at=context.to_aware(source.created_at),
        updated_at=context.to_aware(source.updated_at),
        agent=_agent(source, context),
        contacts=tuple(_contacts(source)),
        participants=tuple(_participants(source)),
        messages=messages,
        completeness=context.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            None if status is Status.CLOSED else Reason.NOT_RESOLVED,
            Reason.UNREADABLE if context.was_dropped("/id", source.id) else None,
            Reason.POSSIBLE_PAGE_LIMIT if len(messages) == PAGE_SIZE else None,
        ),
        notes=context.sorted_notes(),
        drift=context.drift,
        source=source,
        raw=context.body,
    )


def _message(message: models.Message, context: MappingContext) -> Message:
    """Map one message. UNSET is compared in place here, since this runs for every message."""
    id_, text, read, rating = message.id, message.text, message.read, message.eval_
    return make_message(
        id=id_ or None,
        role=ROLES.get(message.from_, Role.UNKNOWN),
        author=None,
        text=None if text is UNSET else text,
        sent_at=context.to_aware(message.created_at),
        read=None if read is UNSET else read,
        delivered=None,
        rating=RATINGS.get(rating, Rating.UNKNOWN) if rating else None,
        attachments=(),
        error=None,
    )


def _agent(source: models.Conversation, context: MappingContext) -> Agent | None:
    agent = or_none(source.agent)
    if agent is None:
        return None
    context.notes.add(Note.AGENT_INFERRED)
    return Agent(id=or_none(agent.id), name=or_none(agent.name), kind=AgentKind.BOT)


def _contacts(source: models.Conversation) -> Iterator[Contact]:
    """Yield contacts, and those that visitors are known as, each once by its id."""
    seen: set[str] = set()
    for contact in items(source.participants_contacts):
        seen.add(or_none(contact.id) or "")
        yield Contact(
            id=or_none(contact.id),
            name=_full_name(contact.first_name, contact.last_name),
            email=or_none(contact.email),
        )
    for visitor in items(source.participants_visitors):
        known_as = or_none(visitor.contact)
        if known_as is not None and (not known_as.id or known_as.id not in seen):
            seen.add(known_as.id or "")
            yield Contact(id=or_none(known_as.id), name=_full_name(known_as.first_name, known_as.last_name))


def _full_name(*parts: str | Unset | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _participants(source: models.Conversation) -> Iterator[Participant]:
    for participant in items(source.participants):
        yield Participant(id=or_none(participant.id), kind=or_none(participant.type_))
    for user in items(source.participants_users):
        yield Participant(id=or_none(user.id), name=or_none(user.name), kind="user")
    for visitor in items(source.participants_visitors):
        yield Participant(id=or_none(visitor.id), kind="visitor")


PROVIDER = Provider(
    name="superagentes",
    config=Superagentes,
    client="conversas_api.superagentes",
    operation="getConversation",
    endpoint="api.conversations.get_conversation",
    model=models.Conversation,
    parameters=parameters,
    to_record=to_record,
    # upstream, not documented: a missing or wrong key is answered with 403, never 401; the provider's table says 401
    status_messages={403: "the key is wrong, or does not open this conversation; the provider says the same for both"},
    probe_id="conversas-doctor",
    forbidden_may_mean_bad_token=True,
)
