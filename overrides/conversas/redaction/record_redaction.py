"""Redaction of a conversation: each field by its rule, each record that holds none as it is."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from operator import is_not
from typing import Any, TypeVar

from attrs import define, evolve, field

from conversas.records.conversation import Conversation, Message, NamedValue, Participant
from conversas.records.enums import Note
from conversas.records.serialization import Record
from conversas.redaction import findings as kinds
from conversas.redaction.known_values import is_of_customer, is_role, is_staff, known_values
from conversas.redaction.named_values import kind_of, parse, redact_json
from conversas.redaction.record_rules import Rule, is_short_number, plan_of, texts_of
from conversas.redaction.text_redaction import RedactionOptions, TextRedaction

_OPAQUE_ID = re.compile(r"[0-9]{1,10}|[0-9]{17,20}|[0-9a-f]{16,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids that say nothing, whatever else they look like."""
_TOKEN = re.compile(r"(?!wamid)(?!.*[0-9]{8})[0-9A-Za-z_-]{1,64}")
"""Other ids without the number of a person. Those of messages on WhatsApp hold one, encoded."""

R = TypeVar("R", bound=Record)


def redact(conversation: Conversation, options: RedactionOptions) -> tuple[Conversation, Mapping[str, int]]:
    """Return a copy of a conversation without personal data, and how many values of each kind were replaced."""
    known = known_values(conversation, agents=options.agents)
    redaction = RecordRedaction(TextRedaction(options, known), conversation)
    redaction.texts.prepare(texts_of(conversation))
    redacted = redaction.record(conversation)
    notes = tuple(sorted({*conversation.notes, Note.REDACTED}))
    return evolve(redacted, notes=notes, read_source=None, raw=b"", drift=()), Counter(redaction.texts.replaced)


@define
class RecordRedaction:
    """Redaction of the records of one conversation."""

    texts: TextRedaction
    conversation: Conversation
    _apply: Mapping[int, Callable[[Any, str, str], str | None]] = field(init=False, repr=False)
    _authors: dict[tuple[str, bool], tuple[str, list[str]]] = field(factory=dict[Any, Any], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        texts = self.texts
        by_rule: dict[Rule, Callable[[Any, str, str], str | None]] = {
            Rule.TEXT: lambda _, __, value: texts.text(value),
            Rule.KEEP: lambda _, __, value: value,
            Rule.REMOVE: lambda _, __, ___: None,
            Rule.IDENTIFIER: lambda _, __, value: self._identifier(value),
            Rule.RECORD_ID: lambda _, __, value: self._record_id(value),
            Rule.NAME: lambda _, __, value: texts.whole(kinds.NAME, value),
            Rule.EMAIL: lambda _, __, value: texts.whole(kinds.EMAIL, value),
            Rule.CONTACT: lambda _, __, value: texts.address(value),
            Rule.FILE: lambda _, __, value: texts.whole(kinds.FILE, value),
            Rule.AGENT: self._agent,
            Rule.PARTICIPANT: self._participant,
            Rule.AUTHOR: lambda record, _, value: self._author(record, value),
            Rule.NAMED_VALUE: lambda record, _, value: self._named_value(record, value),
        }
        self._apply = {int(rule): function for rule, function in by_rule.items()}

    def record(self, record: R) -> R:
        """Return a copy of a record without personal data; the record itself if it has none."""
        kind: Any = type(record)
        plan = plan_of(kind)
        values = list(plan.values(record))
        is_changed, apply = False, self._apply
        for index, name, rule, is_many in plan.steps:
            value = values[index]
            if not value:
                continue
            replaced: Any
            if is_many:
                replaced = self._items(name, rule, record, value)
            elif rule:
                replaced = apply[rule](record, name, value)
            else:
                replaced = self.record(value)
            if replaced is not value:
                values[index] = replaced
                is_changed = True
        return plan.make(*values) if is_changed else record

    def _items(self, name: str, rule: int | None, record: Record, items: tuple[Any, ...]) -> tuple[Any, ...]:
        if rule:
            replaced = [self._apply[rule](record, name, item) for item in items]
        else:
            replaced = [self.record(item) for item in items]
        return tuple(replaced) if any(map(is_not, replaced, items)) else items

    def _identifier(self, value: str) -> str:
        """Return an id as it is if it is no more than that."""
        if is_short_number(value):
            return value
        texts = self.texts
        says_nothing = _OPAQUE_ID.fullmatch(value) or (_TOKEN.fullmatch(value) and not texts.is_found(value))
        if says_nothing and not texts.holds_known(value):
            return value
        return self.texts.whole(kinds.ID, value)

    def _record_id(self, value: str) -> str:
        ref = self.conversation.ref
        return value if ref and value == ref.id else self._identifier(value)

    def _agent(self, _: Record, name: str, value: str) -> str:
        if self.texts.options.agents:
            return self.texts.whole(kinds.NAME if name == "name" else kinds.ID, value)
        return self.texts.text(value) if name == "name" else self._identifier(value)

    def _participant(self, record: Participant, name: str, value: str) -> str:
        if is_staff(record):
            return self._agent(record, name, value)
        return self.texts.whole(kinds.NAME, value) if name == "name" else self.texts.address(value)

    def _author(self, message: Message, value: str) -> str:
        """Return what stands for an author, who wrote several messages."""
        key = value, self.texts.options.agents or is_of_customer(message)
        if key not in self._authors:
            before = len(self.texts.replaced)
            word = self._word_for_author(*key)
            self._authors[key] = word, self.texts.replaced[before:]
            return word
        word, replaced = self._authors[key]
        self.texts.replaced += replaced
        return word

    def _word_for_author(self, author: str, is_replaced: bool) -> str:  # noqa: FBT001  # as the key has it
        if is_role(author):
            return author
        if not is_replaced:
            return self.texts.text(author)
        is_address = any(character.isdigit() or character == "@" for character in author)
        return self.texts.address(author) if is_address else self.texts.whole(kinds.NAME, author)

    def _named_value(self, record: NamedValue, value: str) -> str:
        content = parse(value)
        if content is value:
            return self._of_name(record.name or "", value)
        replaced = redact_json(record.name or "", content, self._of_name, self.texts.text)
        return value if replaced == content else json.dumps(replaced, ensure_ascii=False)

    def _of_name(self, name: str, value: str) -> str:
        """Return a value, replaced as a whole if its name says that it is personal."""
        kind = kind_of(name)
        return self.texts.whole(kind, value) if kind and value.strip() else self.texts.text(value)
