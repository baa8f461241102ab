"""Superagentes: its generated model as a neutral record. docs/mapping.md says what comes from where."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from conversas.errors import ConfigurationError
from conversas.providers.mapping import Reading
from conversas.records.conversation import Agent, Contact, Conversation, Message, Participant
from conversas.records.enums import AgentKind, Channel, Note, Rating, Reason, Role, Status
from conversas.records.fast_init import quick
from conversas.records.ref import ConversationRef
from conversas_api.superagentes import models
from conversas_api.superagentes.types import EXTRA, UNSET, Unset

__all__ = ["EXTRA", "MODEL", "endpoint", "to_neutral"]

MODEL = models.Conversation
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

T = TypeVar("T")

new_message = quick(Message)


def endpoint(ref: ConversationRef) -> dict[str, Any]:
    """Give the method and the path of the request for a conversation.

    Raises:
        ConfigurationError: The id would lead to another path, or has a character that is not printable.
    """
    from conversas_api.superagentes.api.conversations import get_conversation  # brings httpx, unlike decode

    if (
        len(ref.id) > LONGEST_ID
        or not ref.id.isprintable()
        or any(part in ("", ".", "..") for part in _SEPARATORS.split(ref.id))
    ):
        message = f"{ref}: an id of Superagentes is a short, printable text without empty or '..' parts of a path"
        raise ConfigurationError(message, provider=ref.provider, ref=ref)
    return get_conversation.request_arguments(ref.id)


def to_neutral(source: models.Conversation, reading: Reading) -> Conversation:
    id_, ref = reading.identify(_known(source.id) or None)
    messages = reading.ordered([_message(message, reading) for message in _present(source.messages)])
    status = STATUSES.get(source.status, Status.UNKNOWN)
    return Conversation(
        provider="superagentes",
        id=id_,
        ref=ref,
        title=_known(source.title),
        status=status,
        channel=CHANNELS.get(source.channel, Channel.UNKNOWN),
        channel_code=str(source.channel) if _known(source.channel) is not None else None,
        created_at=reading.aware(source.created_at),
        updated_at=reading.aware(source.updated_at),
        agent=_agent(source, reading),
        contacts=tuple(_contacts(source)),
        participants=tuple(_participants(source)),
        messages=messages,
        completeness=reading.completeness(
            messages,
            None if isinstance(source.messages, list) else Reason.MESSAGES_MISSING,
            Reason.MESSAGE_LEFT_OUT if len(messages) < len(source.messages or ()) else None,
            None if status is Status.CLOSED else Reason.NOT_RESOLVED,
            Reason.UNREADABLE if reading.is_lost("/id", source.id) else None,
            Reason.POSSIBLE_PAGE_LIMIT if len(messages) == PAGE_SIZE else None,
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


def _message(message: models.Message, reading: Reading) -> Message:
    """Map one message. UNSET is compared in place here, since this runs for every message."""
    id_, text, read, rating = message.id, message.text, message.read, message.eval_
    return new_message(
        id=id_ or None,
        role=ROLES.get(message.from_, Role.UNKNOWN),
        author=None,
        text=None if text is UNSET else text,
        sent_at=reading.aware(message.created_at),
        read=None if read is UNSET else read,
        delivered=None,
        rating=RATINGS.get(rating, Rating.UNKNOWN) if rating else None,
        attachments=(),
        error=None,
    )


def _agent(source: models.Conversation, reading: Reading) -> Agent | None:
    agent = _known(source.agent)
    if agent is None:
        return None
    reading.notes.add(Note.AGENT_INFERRED)
    return Agent(id=_known(agent.id), name=_known(agent.name), kind=AgentKind.BOT)


def _contacts(source: models.Conversation) -> Iterator[Contact]:
    """Contacts, and those that visitors are known as, each once by its id."""
    seen: set[str] = set()
    for contact in _present(source.participants_contacts):
        seen.add(_known(contact.id) or "")
        yield Contact(
            id=_known(contact.id), name=_full_name(contact.first_name, contact.last_name), email=_known(contact.email)
        )
    for visitor in _present(source.participants_visitors):
        known_as = _known(visitor.contact)
        if known_as is not None and (not known_as.id or known_as.id not in seen):
            seen.add(known_as.id or "")
            yield Contact(id=_known(known_as.id), name=_full_name(known_as.first_name, known_as.last_name))


def _full_name(*parts: str | Unset | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _participants(source: models.Conversation) -> Iterator[Participant]:
    for participant in _present(source.participants):
        yield Participant(id=_known(participant.id), kind=_known(participant.type_))
    for user in _present(source.participants_users):
        yield Participant(id=_known(user.id), name=_known(user.name), kind="user")
    for visitor in _present(source.participants_visitors):
        yield Participant(id=_known(visitor.id), kind="visitor")
