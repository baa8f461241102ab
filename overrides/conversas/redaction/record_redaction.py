"""Redaction of a conversation: each field by its rule. Records without personal data are not copied."""

import json
import re
from collections import Counter
from collections.abc import Mapping

from conversas.records.conversation import Conversation, NamedValue, Participant
from conversas.records.enums import Note, Role
from conversas.records.ref import ConversationRef
from conversas.redaction import findings as kinds
from conversas.redaction.known_values import CUSTOMERS, is_address, is_role, is_staff, known_values
from conversas.redaction.named_values import kind_of, parse, redact_json
from conversas.redaction.record_walk import is_short_number, redacted_copy, texts_of
from conversas.redaction.text_redaction import RedactionOptions, TextRedaction

_OPAQUE_ID = re.compile(r"[0-9]{1,10}|[0-9]{17,20}|[0-9a-f]{16,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids without personal data, even if they look like a number of a person."""
_TOKEN = re.compile(r"(?!wamid)(?!.*[0-9]{8})[0-9A-Za-z_-]{1,64}")
"""Other ids without the number of a person. Ids of WhatsApp messages contain an encoded number."""


def redact(conversation: Conversation, options: RedactionOptions) -> tuple[Conversation, Mapping[str, int]]:
    """Return a copy of a conversation without personal data, and the number of replaced values of each kind."""
    texts = TextRedaction(options, known_values(conversation, agents=options.agents))
    texts.prepare(texts_of(conversation))
    redacted = redacted_copy(conversation, RecordRedaction(texts, conversation.ref), texts.suspects)
    return redacted, Counter(texts.replaced)


class RecordRedaction:
    """Redaction of the fields of one conversation. `record_walk` calls the method for the rule of each field."""

    def __init__(self, texts: TextRedaction, ref: ConversationRef | None) -> None:
        self.texts = texts
        self._ref = ref
        self._of_customers: dict[str, tuple[str, list[str]]] = {}
        """The replacement for each author who may be a customer, and the kinds that were replaced."""
        self._of_others: dict[str, tuple[str, list[str]]] = {}

    def notes(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        """Return the notes, with the note `redacted`."""
        return tuple(sorted({*notes, Note.REDACTED}))

    def identifier(self, value: str) -> str:
        """Return an id unchanged if it contains no personal data; otherwise a placeholder."""
        if is_short_number(value):
            return value
        texts = self.texts
        says_nothing = _OPAQUE_ID.fullmatch(value) or (_TOKEN.fullmatch(value) and not texts.is_found(value))
        if says_nothing and not texts.holds_known(value):
            return value
        return self.texts.whole(kinds.ID, value)

    def record_id(self, value: str) -> str:
        return value if self._ref and value == self._ref.id else self.identifier(value)

    def agent(self, name: str, value: str) -> str:
        if self.texts.options.agents:
            return self.texts.whole(kinds.NAME if name == "name" else kinds.ID, value)
        return self.texts.text(value) if name == "name" else self.identifier(value)

    def participant(self, record: Participant, name: str, value: str) -> str:
        if is_staff(record):
            return self.agent(name, value)
        return self.texts.whole(kinds.NAME, value) if name == "name" else self.texts.address(value)

    def author(self, role: Role, value: str) -> str:
        """Return the replacement for an author. It is cached, because an author may send many messages."""
        is_customer = role in CUSTOMERS
        done = self._of_customers if is_customer else self._of_others
        if value not in done:
            others, self.texts.replaced = self.texts.replaced, []
            word = self._word_for_author(value, is_customer or self.texts.options.agents)
            done[value], self.texts.replaced = (word, self.texts.replaced), others
        word, replaced = done[value]
        if replaced:
            self.texts.replaced += replaced
        return word

    def _word_for_author(self, author: str, is_replaced: bool) -> str:  # noqa: FBT001  # a private step
        if is_role(author):
            return author
        if not is_replaced:
            return self.texts.text(author)
        return self.texts.address(author) if is_address(author) else self.texts.whole(kinds.NAME, author)

    def named_value(self, record: NamedValue, value: str) -> str:
        content = parse(value)
        if content is value:
            return self._of_name(record.name or "", value)
        replaced = redact_json(record.name or "", content, self._of_name, self.texts.text)
        return value if replaced == content else json.dumps(replaced, ensure_ascii=False)

    def _of_name(self, name: str, value: str) -> str:
        """Return a redacted value. It is replaced as a whole if its name says that it is personal."""
        kind = kind_of(name)
        return self.texts.whole(kind, value) if kind and value.strip() else self.texts.text(value)
