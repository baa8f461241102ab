"""Personal data in the fields of a record: names, numbers, addresses and file names."""

import re
from collections.abc import Iterable, Iterator

from conversas.records.conversation import Conversation, Participant
from conversas.records.enums import Role
from conversas.redaction import findings as kinds
from conversas.redaction.findings import Finding
from conversas.redaction.named_values import values_by_kind
from conversas.redaction.names import KnownNames, is_placeholder
from conversas.redaction.phones import canonical_phone
from conversas.redaction.plain_text import plain_form
from conversas.redaction.pseudonyms import canonical_form, is_pseudonym
from conversas.redaction.text_index import TextIndex, folded
from conversas.redaction.word_set import words

STAFF = frozenset({"agent", "bot", "counterpart user", "user", "member", "assistant", "operator", "human agent"})
"""Providers' words for participants who speak for the company."""
CUSTOMERS = (Role.CUSTOMER, Role.UNKNOWN)
"""Roles of messages whose author may be the customer."""
_NOT_DIGITS = re.compile(r"[^0-9]")
_LONG_NUMBER = re.compile(r"\+?\(?\d(?:[ .()\-/]{0,2}\d){7,}")
_NUMBER_ADDRESS = re.compile(r"(?:[A-Za-z]{2,12}:)?(\+?[\d ().\-]{8,25})(?:@[\w.]+)?")
_FILE_NAME = re.compile(r".+\.[A-Za-z0-9]{1,5}", re.DOTALL)
_LONGEST_PHONE = 15
_TAIL = 8  # digits of a telephone number without area code and ninth digit
_SHORTEST_LITERAL = 5
_ROLES = words(
    """
    user customer caller client contact human cliente usuario usuário contato agent system bot
    """
)
"""Words for a role that stand in place of an author."""


def is_staff(participant: Participant) -> bool:
    """Return whether a participant speaks for the company."""
    return (participant.kind or "").strip().casefold() in STAFF


class KnownValues:
    """Personal data in the fields of one record."""

    def __init__(self) -> None:
        self.names = KnownNames()
        self.literals: dict[str, str] = {}
        """Addresses, ids and file names in lower case, with the kind of each."""
        self.numbers: dict[str, str] = {}
        """Telephone numbers in canonical form, by their last digits."""
        self._numbers_of: dict[str, str | None] = {}

    def places(self, index: TextIndex) -> set[int]:
        """Return the positions of the texts that may have a known number, address, id or file name."""
        return index.with_sign(*map(folded, self.literals)) | index.with_number(*self.numbers)

    def find(self, text: str) -> Iterator[Finding]:
        """Yield the known numbers, addresses, ids and file names in a text."""
        if self.literals:
            lowered = text.lower()
            for literal, kind in self.literals.items():
                if literal in lowered:
                    yield from _occurrences(lowered, literal, kind)
        if self.numbers and len(text) >= _TAIL:
            for match in _LONG_NUMBER.finditer(text):
                if _NOT_DIGITS.sub("", match.group())[-_TAIL:] in self.numbers:
                    yield Finding(*match.span(), kinds.PHONE)

    def canonical_phone(self, value: str) -> str:
        """Return a number in canonical form: the form in the record, even if the area code is missing in `value`."""
        number = canonical_form(kinds.PHONE, value)
        return self.numbers.get(number[-_TAIL:], number)

    def add_address(self, value: str | None, kind: str) -> None:
        """Add an e-mail address, a number, a handle, an id or a file name."""
        if not value or is_pseudonym(value):
            return
        if number := self.number_of(value):
            self.numbers.setdefault(number[-_TAIL:], number)
        plain = plain_form(value).strip().lower()
        if len(plain) >= _SHORTEST_LITERAL and plain not in _ROLES:
            self.literals.setdefault(plain, kind)

    def number_of(self, address: str) -> str | None:
        """Return the telephone number in an address such as `whatsapp:+5511...` or `5511...@c.us`, in canonical form.

        Return None if the address is not a number.
        """
        if address not in self._numbers_of:
            self._numbers_of[address] = _number_of(address)
        return self._numbers_of[address]

    def add_names(self, *names: str | None) -> None:
        """Add names of people."""
        self.names.add(name for name in names if name and not is_pseudonym(name))


def _number_of(address: str) -> str | None:
    match = _NUMBER_ADDRESS.fullmatch(plain_form(address).strip())
    digits = _NOT_DIGITS.sub("", match[1]) if match else ""
    return canonical_phone(digits) if _TAIL <= len(digits) <= _LONGEST_PHONE else None


def _occurrences(text: str, literal: str, kind: str) -> Iterator[Finding]:
    at = text.find(literal)
    while at >= 0:
        end = at + len(literal)
        if _is_whole(text, at, end):
            yield Finding(at, end, kind)
        at = text.find(literal, end)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text is not part of a longer word or number."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())


def known_values(conversation: Conversation, *, agents: bool) -> KnownValues:
    """Return the personal data of the customers and, with `agents`, of the people who speak for the company."""
    known = KnownValues()
    _add_people(known, conversation, agents=agents)
    authors = [each.author for each in conversation.messages if agents or each.role in CUSTOMERS]
    for author in filter(None, dict.fromkeys(authors)):
        _add_author(known, author)
    for kind, value in values_by_kind(*conversation.variables, *conversation.collected_data):
        if kind == kinds.NAME:
            known.add_names(value)
        else:
            known.add_address(value, kind)
    for name in _file_names(conversation):
        known.add_address(name, kinds.FILE)
    return known


def _add_people(known: KnownValues, conversation: Conversation, *, agents: bool) -> None:
    for contact in conversation.contacts:
        known.add_names(contact.name)
        known.add_address(contact.email, kinds.EMAIL)
        known.add_address(contact.address, kinds.CONTACT)
        known.add_address(contact.id, kinds.CONTACT)
    for participant in conversation.participants:
        if agents or not is_staff(participant):
            known.add_names(participant.name)
            known.add_address(participant.id, kinds.CONTACT)
    if agents and conversation.agent:
        known.add_names(conversation.agent.name)


def _add_author(known: KnownValues, author: str) -> None:
    if is_address(author):
        known.add_address(author, kinds.CONTACT)
    elif author.strip().casefold() not in _ROLES and not is_placeholder(author):
        known.add_names(author)


def is_address(author: str) -> bool:
    """Return whether an author is an address, such as a number, and not a name."""
    return "@" in author or any(map(str.isdigit, author))


def is_role(author: str) -> bool:
    """Return whether an author is a word for a role, such as `user`."""
    return author.strip().casefold() in _ROLES


def _file_names(conversation: Conversation) -> Iterable[str]:
    files = [*conversation.attachments, *(file for message in conversation.messages for file in message.attachments)]
    return (file.name for file in files if file.name and _FILE_NAME.fullmatch(file.name))
