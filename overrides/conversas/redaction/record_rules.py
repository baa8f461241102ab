"""Redaction rules for each text field of the records.

A field without a rule of its own is read like what customers type. So a field that is added later is also redacted.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum, auto
from functools import cache
from operator import attrgetter
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
from conversas.records.fast_init import fast_constructor
from conversas.records.serialization import Record

_SHORTEST_NUMBER = 8


class Rule(IntEnum):
    """Rules for a text."""

    TEXT = auto()
    """Personal data in it is replaced."""
    KEEP = auto()
    """It stays: it names no person."""
    REMOVE = auto()
    """It becomes None."""
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
    """One field that may hold words."""

    index: int
    name: str
    rule: Rule | None
    """Rule for the text; None if the field holds records."""
    is_many: bool


@frozen
class RecordPlan:
    """The fields of a record that may hold words, and how it is made from the values of all of its fields."""

    fields: Sequence[FieldPlan]
    steps: Sequence[tuple[int, str, int | None, bool]]
    """The same as tuples, which are read faster: index, name, rule, whether there are many."""
    values: Callable[[Any], tuple[Any, ...]]
    """Returns the values of all fields of a record."""
    make: Callable[..., Any]
    """Makes a record of them."""


@cache
def plan_of(kind: Any) -> RecordPlan:
    """Return the plan of a kind of record."""
    hints, members = get_type_hints(kind), [member.name for member in fields(kind)]
    found = [_plan_field(kind, index, name, hints[name]) for index, name in enumerate(members)]
    plans = [each for each in found if each]
    steps = [(each.index, each.name, None if each.rule is None else int(each.rule), each.is_many) for each in plans]
    return RecordPlan(plans, steps, attrgetter(*members), fast_constructor(kind))


def _plan_field(kind: type[Record], index: int, name: str, hint: Any) -> FieldPlan | None:
    is_many = get_origin(hint) is tuple
    options = [option for option in get_args(hint) or (hint,) if option not in (NoneType, Ellipsis)]
    if str in options or object in options:
        return FieldPlan(index, name, RULES.get((kind, name), Rule.TEXT), is_many) if str in options else None
    if any(isinstance(option, type) and issubclass(option, Record) for option in options):
        return FieldPlan(index, name, None, is_many)
    return None


def is_short_number(id_: str) -> bool:
    """Return whether an id has too few digits for a number of a person, as those of most messages."""
    return len(id_) < _SHORTEST_NUMBER and id_.isdigit()


def texts_of(record: Record) -> list[str]:
    """Return all texts of a record that redaction reads."""
    texts = list[str]()
    _add_texts(record, texts)
    return texts


def _add_texts(record: Record, texts: list[str]) -> None:
    kind: Any = type(record)
    plan = plan_of(kind)
    values = plan.values(record)
    for each in plan.fields:
        value = values[each.index]
        if not value:
            continue
        if each.rule is None:
            for item in value if each.is_many else (value,):
                _add_texts(item, texts)
        elif each.is_many:
            texts += value
        elif each.rule is not Rule.IDENTIFIER or not is_short_number(value):
            texts.append(value)
