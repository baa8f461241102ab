"""People that a body lists more than once."""

from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve

from conversas.records.conversation import Contact, Participant

P = TypeVar("P", Contact, Participant)


def merge_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Return each contact once: one of the same id, or of the same e-mail address if either has no id, is the same."""
    found: list[Contact] = []
    for contact in contacts:
        index = next((index for index, known in enumerate(found) if _is_same_contact(known, contact)), None)
        if index is None:
            found.append(contact)
        else:
            found[index] = _merged(found[index], contact)
    return tuple(found)


def merge_participants(participants: Iterable[Participant]) -> tuple[Participant, ...]:
    """Return each participant of one id once."""
    found: dict[object, Participant] = {}
    for participant in participants:
        key = participant.id or participant
        found[key] = _merged(found[key], participant) if key in found else participant
    return tuple(found.values())


def _is_same_contact(one: Contact, other: Contact) -> bool:
    if one.id and other.id:
        return one.id == other.id
    if one.email and other.email:
        return one.email.casefold() == other.email.casefold()
    return one == other


def _merged(one: P, other: P) -> P:
    """Return one with what only the other says of the same person."""
    missing = {name: value for name in FIELDS[type(one)] if not getattr(one, name) and (value := getattr(other, name))}
    return evolve(one, **missing) if missing else one


FIELDS = {Contact: ("id", "name", "email", "address"), Participant: ("id", "name", "kind")}
