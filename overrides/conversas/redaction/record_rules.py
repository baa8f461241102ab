"""Redaction rules for each text field of the records.

A field without a rule of its own is read like what customers type. So a field that is added later is also redacted.
"""

from collections.abc import Sequence
from enum import Enum, auto
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from attrs import fields, frozen

from conversas.records.conversation import (
    Agent,
    Attachment,
    Citation,
    Contact,
    Conversation,
    Evaluation,
    Message,
    NamedValue,
    Participant,
    Queue,
    Tag,
)
from conversas.records.serialization import Record


class Rule(Enum):
    """Rules for a field."""

    TEXT = auto()
    """Personal data in it is replaced."""
    KEEP = auto()
    """It stays: it names no person."""
    REMOVE = auto()
    """The field gets its default: it is emptied."""
    NOTES = auto()
    """The notes, to which the one of redaction is added."""
    IDENTIFIER = auto()
    """It stays if it cannot hold a number or a name of a person."""
    RECORD_ID = auto()
    """It stays if it is that of the ref."""
    NAME = auto()
    """All of it is replaced, as the name of a customer."""
    EMAIL = auto()
    CONTACT = auto()
    """All of it is replaced, as an address or an id of a customer."""
    FILE = auto()
    """All of it is replaced, as the name of a file."""
    AGENT = auto()
    """All of it is replaced if agents are redacted as well; else it is read as a text, or as an identifier."""
    PARTICIPANT = auto()
    """As of an agent or as of a customer, by the kind of the participant."""
    AUTHOR = auto()
    """As of an agent or as of a customer, by the role of the message."""
    NAMED_VALUE = auto()
    """All of it is replaced if the name of the value says that it is personal; else it is read as a text."""


RULES: dict[tuple[type[Record], str], Rule] = {
    (Conversation, "provider"): Rule.KEEP,
    (Conversation, "id"): Rule.RECORD_ID,
    (Conversation, "notes"): Rule.NOTES,
    (Conversation, "drift"): Rule.REMOVE,
    (Conversation, "raw"): Rule.REMOVE,
    (Conversation, "_read_source"): Rule.REMOVE,
    (Agent, "id"): Rule.AGENT,
    (Agent, "name"): Rule.AGENT,
    (Contact, "id"): Rule.CONTACT,
    (Contact, "name"): Rule.NAME,
    (Contact, "email"): Rule.EMAIL,
    (Contact, "address"): Rule.CONTACT,
    (Participant, "id"): Rule.PARTICIPANT,
    (Participant, "name"): Rule.PARTICIPANT,
    (Attachment, "url"): Rule.REMOVE,
    (Attachment, "name"): Rule.FILE,
    (Citation, "id"): Rule.IDENTIFIER,
    (Citation, "url"): Rule.REMOVE,
    (Message, "id"): Rule.IDENTIFIER,
    (Message, "author"): Rule.AUTHOR,
    (Tag, "id"): Rule.IDENTIFIER,
    (Queue, "id"): Rule.IDENTIFIER,
    (Evaluation, "checklist_id"): Rule.IDENTIFIER,
    (NamedValue, "value"): Rule.NAMED_VALUE,
}


@frozen
class FieldPlan:
    """One field that redaction changes or reads."""

    name: str
    rule: Rule | None
    """Rule for the text; None if the field holds records."""
    kind: Any
    """Kind of the records; None if the field holds texts."""
    is_many: bool
    default: Any


@cache
def plan_of(kind: Any) -> Sequence[FieldPlan]:
    """Return the fields of a kind of record that may hold words, or that are emptied."""
    hints = get_type_hints(kind)
    found = [_plan_field(kind, member.name, hints[member.name], member.default) for member in fields(kind)]
    return [each for each in found if each]


def _plan_field(kind: type[Record], name: str, hint: Any, default: Any) -> FieldPlan | None:
    options = [option for option in get_args(hint) or (hint,) if option not in (NoneType, Ellipsis)]
    rule, is_many = RULES.get((kind, name), Rule.TEXT if str in options else None), get_origin(hint) is tuple
    inner = next((option for option in options if isinstance(option, type) and issubclass(option, Record)), None)
    if rule is Rule.KEEP or (rule is None and inner is None):
        return None
    return FieldPlan(name, rule, None if rule else inner, is_many, default)
