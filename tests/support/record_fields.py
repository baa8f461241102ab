"""Fields of the records that may hold words, and all that a record holds."""

import datetime
from collections.abc import Iterator
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_type_hints

from attrs import fields, has

from conversas import ConversationRef, Drift

HARMLESS = {
    "Conversation.provider": "the name of a provider",
    "Conversation.ref": "what joins a conversation with its provider; docs/redaction.md says so",
    "Conversation._read_source": "a function, and None after a redaction",
    "Conversation.id": "that of the ref; another one is redacted",
}
"""Fields that are not redacted, and why."""
VALUES = (bool, int, datetime.datetime, datetime.timedelta, Enum)
"""Types without words."""


def options(hint: Any) -> list[Any]:
    """Return the types that an annotation has."""
    found = [each for each in get_args(hint) or (hint,) if each not in (NoneType, Ellipsis)]
    return [inner for each in found for inner in (options(each) if get_args(each) else [each])]


def text_fields(kind: Any, seen: set[Any]) -> Iterator[tuple[Any, str]]:
    """Yield each field of a record, and of those in it, that may hold words."""
    if kind in seen:
        return
    seen.add(kind)
    hints = get_type_hints(kind)
    for member in fields(kind):
        for option in options(hints[member.name]):
            if has(option) and option not in (ConversationRef, Drift):
                yield from text_fields(option, seen)
            elif not (isinstance(option, type) and issubclass(option, VALUES)):
                yield kind, member.name


def content(record: Any) -> str:
    """Return all that a record holds."""
    if has(type(record)):
        return " ".join(content(getattr(record, member.name)) for member in fields(type(record)))
    return " ".join(map(content, record)) if isinstance(record, tuple | list) else repr(record)
