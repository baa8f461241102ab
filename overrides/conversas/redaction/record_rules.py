"""Redaction rules for each text field of the records.

A text field without a rule of its own is redacted like the text of a message. So new fields are also redacted.
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
    """Rule for the redaction of a field."""

    TEXT = auto()
    """Personal data in the text is replaced."""
    KEEP = auto()
    """The field stays, because it does not identify a person."""
    REMOVE = auto()
    """The field is reset to its default, which is empty."""
    NOTES = auto()
    """The note `redacted` is added to the notes."""
    IDENTIFIER = auto()
    """The id stays if it cannot contain a number or a name of a person."""
    RECORD_ID = auto()
    """The id stays if it is the id in the ref."""
    NAME = auto()
    """The whole field is replaced, as the name of a customer."""
    EMAIL = auto()
    CONTACT = auto()
    """The whole field is replaced, as an address or an id of a customer."""
    FILE = auto()
    """The whole field is replaced, as the name of a file."""
    AGENT = auto()
    """The whole field is replaced if agents are also redacted. Otherwise, it is treated as a text or as an id."""
    PARTICIPANT = auto()
    """The field is treated like a field of an agent or of a customer, depending on the kind of the participant."""
    AUTHOR = auto()
    """The field is treated like a field of an agent or of a customer, depending on the role of the message."""
    NAMED_VALUE = auto()
    """The whole value is replaced if its name says that it is personal. Otherwise, it is treated as a text."""


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
    """Rule for the text; None if the field contains records."""
    kind: Any
    """Kind of the records; None if the field contains texts."""
    is_many: bool
    default: Any


@cache
def plan_of(kind: Any) -> Sequence[FieldPlan]:
    """Return the fields of a kind of record that may contain personal data, or that are emptied."""
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
