"""Guess of the neutral field that each property of a body belongs to, from names and types."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.kinds import Anything, Enum, Kind, List, Object, Property, Scalar, Union

IDS = ("id", "conversationId", "conversation_id", "uuid", "sid")
SENDERS = ("sender", "from", "role", "sender_type", "senderType", "author_type", "authorType")
TITLES = ("title", "subject", "topic")
STATUSES = ("status", "state")
CREATED = ("createdAt", "created_at", "startedAt", "started_at", "dateCreated", "date_created")
UPDATED = ("updatedAt", "updated_at", "lastMessageAt", "dateUpdated", "date_updated")
MESSAGES = ("messages", "conversation_parts", "parts", "items", "lines", "payload")
TEXTS = ("text", "content", "body", "message")
SENT = ("sentAt", "sent_at", *CREATED)

STATUS_WORDS = {
    "OPEN": ("open", "active", "unresolved"),
    "WAITING": ("pending", "waiting", "snoozed"),
    "CLOSED": ("closed", "resolved", "solved", "finished"),
}
ROLE_WORDS = {
    "CUSTOMER": ("customer", "contact", "visitor", "lead"),
    "AGENT": ("agent", "admin", "bot", "agentbot", "agent_bot", "assistant", "operator"),
    "SYSTEM": ("system",),
}
"""No word is listed under two meanings. A person checks the words against the page."""


@frozen
class Guess:
    """Attributes of the models by neutral field; None if nothing fits."""

    model: str
    id: Property | None
    title: Property | None
    status: Property | None
    created_at: Property | None
    updated_at: Property | None
    messages: Property | None
    message_model: str
    message_id: Property | None
    message_text: Property | None
    message_sent_at: Property | None
    message_sender: Property | None
    statuses: Mapping[str, str]
    """Neutral status by the word of an enum, for words that can hardly mean anything else."""
    roles: Mapping[str, str]
    """Role by the word of an enum, likewise."""
    paths: tuple[str, ...]
    """All properties of a body, as docs/mapping.md writes them."""


def guess_mapping(api: Api) -> Guess:
    """Return what the answer of the one operation of a spec may be mapped to."""
    [operation] = api.operations
    assert operation.answer is not None
    root = api.follow(operation.answer)
    assert isinstance(root, Object)
    messages = next((each for each in _named(root, MESSAGES) if _item(each, api) is not None), None)
    item = _item(messages, api) if messages is not None else None
    status, sender = _first(root, STATUSES, api), _first(item, SENDERS, api)
    return Guess(
        model=root.class_name,
        id=_first(root, IDS, api),
        title=_first(root, TITLES, api, ("string",)),
        status=status,
        created_at=_time(root, CREATED, api),
        updated_at=_time(root, UPDATED, api),
        messages=messages,
        message_model=item.class_name if item else "",
        message_id=_first(item, ("id", "uuid", "sid"), api),
        message_text=_first(item, TEXTS, api, ("string",)),
        message_sent_at=_time(item, SENT, api),
        message_sender=sender,
        statuses=_meanings(status, STATUS_WORDS, api),
        roles=_meanings(sender, ROLE_WORDS, api),
        paths=tuple(_paths(root, "", api, ())),
    )


def _meanings(each: Property | None, words: Mapping[str, Sequence[str]], api: Api) -> dict[str, str]:
    kind = api.follow(each.kind) if each is not None else None
    values = [str(value) for value in kind.members.values()] if isinstance(kind, Enum) else []
    found = [(value, meaning) for value in values for meaning, known in words.items() if value.lower() in known]
    return dict(found)


def _named(root: Object, names: Sequence[str]) -> Iterator[Property]:
    by_name = {each.name: each for each in root.properties}
    yield from (by_name[name] for name in names if name in by_name)


def _first(root: Object | None, names: Sequence[str], api: Api, types: Sequence[str] = ()) -> Property | None:
    found = _named(root, names) if root is not None else iter(())
    return next((each for each in found if _is_plain(api.follow(each.kind), types)), None)


def _is_plain(kind: Kind, types: Sequence[str]) -> bool:
    if isinstance(kind, Enum):
        return not types
    return isinstance(kind, Scalar) and (not types or set(kind.types) <= set(types)) and kind.format is None


def _time(root: Object | None, names: Sequence[str], api: Api) -> Property | None:
    found = _named(root, names) if root is not None else iter(())
    return next((each for each in found if getattr(api.follow(each.kind), "format", None) == "date-time"), None)


def _item(each: Property, api: Api) -> Object | None:
    kind = api.follow(each.kind)
    item = api.follow(kind.items) if isinstance(kind, List) else None
    return item if isinstance(item, Object) else None


def _paths(kind: Kind, path: str, api: Api, inside: tuple[str, ...]) -> Iterator[str]:
    """Yield the path of each property below a kind, and of each item of a list; a class inside itself is left out."""
    kind = api.follow(kind)
    match kind:
        case Object() if kind.class_name not in inside:
            for each in kind.properties:
                inner = f"{path}.{each.name}" if path else each.name
                yield inner
                yield from _paths(each.kind, inner, api, (*inside, kind.class_name))
        case List() if not isinstance(kind.items, Anything):
            yield f"{path}[]"
            yield from _paths(kind.items, f"{path}[]", api, inside)
        case Union():
            for option in kind.options:
                yield from _paths(option, path, api, inside)
        case _:
            return
