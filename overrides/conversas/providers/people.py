"""People that a body lists more than once."""

from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve

from conversas.records.conversation import Contact, Participant

P = TypeVar("P", Contact, Participant)


def merge_contacts(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Return each contact once. Contacts are the same if they share the id, or the e-mail if an id is missing."""
    found: list[Contact] = []
    for contact in contacts:
        index = next((index for index, known in enumerate(found) if _is_same_contact(known, contact)), None)
        if index is None:
            found.append(contact)
        else:
            found[index] = _merged(found[index], contact)
    return tuple(found)


def merge_participants(participants: Iterable[Participant]) -> tuple[Participant, ...]:
    """Return each participant once. Participants with the same id are the same."""
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
    """Return `one`, with the fields that only `other` has."""
    missing = {name: value for name in FIELDS[type(one)] if not getattr(one, name) and (value := getattr(other, name))}
    return evolve(one, **missing) if missing else one


FIELDS = {Contact: ("id", "name", "email", "address"), Participant: ("id", "name", "kind")}
