"""Parts that the mappings of all providers share: times, order, ids, notes, completeness."""

import datetime
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import count
from operator import attrgetter, lt
from typing import Any, TypeVar, cast

from attrs import define

from conversas.providers import record_constructors as make
from conversas.providers.datetimes import Localizer, is_never
from conversas.providers.ordering import Offsets, in_order
from conversas.records.conversation import Completeness, Conversation, Message
from conversas.records.drift import Drift
from conversas.records.enums import STILL_OPEN, Note, Reason, Verdict
from conversas.records.ref import ConversationRef
from conversas_api.runtime import UNSET, Unset

_ORDINARY_YEARS = range(1971, datetime.MAXYEAR)  # no time in them stands for "never"
_FIRST_YEAR, _LAST_YEAR = _ORDINARY_YEARS[1], _ORDINARY_YEARS[-2]  # in any time zone

_ID, _SENT_AT = attrgetter("id"), attrgetter("sent_at")
COMPLETE = Completeness(verdict=Verdict.COMPLETE)

T = TypeVar("T")


def or_none(value: T | Unset | None) -> T | None:
    """Return a property of a model; None if it is UNSET."""
    return None if value is UNSET else value


def items(values: list[T] | Unset | None) -> Iterator[T]:
    """Return the items of a model's list without nulls, which a later spec may allow."""
    return filter(None, values) if values else iter(())


def as_text(value: Any) -> str | None:
    """Return a JSON value as text: a string as it is, any other as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@define(repr=False)
class MappingContext:
    """Context of the mapping of one conversation. Its repr is silent."""

    provider: str
    body: bytes
    drift: tuple[Drift, ...]
    dropped: Mapping[str, Any]
    """Values that the typed model could not hold, by JSON pointer; whole items of lists are excluded."""
    left_out: Collection[str]
    """JSON pointers of the items of lists that the typed model could not hold."""
    ref: ConversationRef | None
    """The requested conversation, if known."""
    localize: Localizer
    """Function that returns a time without an offset as an aware time."""
    notes: set[Note]
    body_id: str | None = None
    """The id in the body as text, even if it is of the wrong type."""
    canonical_id: Callable[[str], str] = str
    """Function that returns the canonical spelling of an id."""
    read_source: Callable[[Conversation], object] | None = None
    """Function that returns the generated model of the body of a record."""

    def to_aware(self, time: Any) -> datetime.datetime | None:
        """Return a time of a generated model as an aware time; None for UNSET, null and times that mean "never"."""
        if not time:
            return None
        if time.year not in _ORDINARY_YEARS and is_never(time):
            self.notes.add(Note.ZERO_TIME)
            return None
        if time.tzinfo is not None:
            return cast(datetime.datetime, time)
        self.notes.add(Note.NAIVE_TIME)
        aware = self.localize(time)
        if time.year not in _ORDINARY_YEARS and is_never(aware):
            self.notes.add(Note.ZERO_TIME)
            return None
        return aware

    def to_aware_many(self, times: Sequence[Any]) -> Sequence[datetime.datetime | None]:
        """Return the result of `to_aware` for each time."""
        if not _are_ordinary(times):
            return [self.to_aware(time) for time in times]
        if times[0].tzinfo is not None:
            return times
        self.notes.add(Note.NAIVE_TIME)
        return self.localize.many(times)

    def resolve_id(self, found: str | None) -> tuple[str | None, ConversationRef | None]:
        """Return the id of the conversation and its ref, from the id in the body and the requested ref."""
        if self.ref is None:
            return found, make.ref(self.provider, found) if found else None
        named = found or self.body_id
        if named and self.canonical_id(named) != self.canonical_id(self.ref.id):
            self.notes.add(Note.ID_MISMATCH)
        return found or self.ref.id, self.ref

    def was_dropped(self, path: str) -> bool:
        """Return whether the body has a value at this JSON pointer that the typed model could not hold."""
        return path in self.dropped

    def has_dropped_below(self, path: str) -> bool:
        """Return whether the body has values below this JSON pointer that the typed model could not hold."""
        return bool(self.dropped) and any(each.startswith(f"{path}/") for each in self.dropped)

    def recover_text(self, path: str) -> str | None:
        """Return a dropped value at this JSON pointer as text, and add a note; None if no value was dropped."""
        if path not in self.dropped:
            return None
        self.notes.add(Note.TYPE_REPAIRED)
        return as_text(self.dropped[path])

    def located(self, values: "list[T] | Unset | None", path: str) -> Iterator[tuple[str, T]]:
        """Yield each item of the list of a model with its JSON pointer in the body."""
        pointers = (pointer for pointer in map(f"{path}/{{}}".format, count()) if pointer not in self.left_out)
        return zip(pointers, items(values), strict=False)

    def sorted_messages(
        self, messages: list[Message], offsets: Callable[[], Offsets] | None = None
    ) -> tuple[Message, ...]:
        """Return messages in order, as `ordering.in_order` says. `offsets` returns the offsets of turns of a call."""
        times = [*map(_SENT_AT, messages)]
        if _are_increasing(times):  # most lists of messages are in order
            return tuple(messages)
        times = [*filter(None, times)]
        if offsets is None and times == sorted(times):
            return tuple(messages)
        is_naive = Note.NAIVE_TIME in self.notes
        placed = in_order(messages, self.localize.repeated if is_naive else None, offsets() if offsets else None)
        if any(position != index for index, (position, _) in enumerate(placed)):
            self.notes.add(Note.REORDERED)
        return tuple(message for _, message in placed)

    def completeness(
        self, messages: Sequence[Message], *reasons: Reason | None, messages_path: str = "/messages"
    ) -> Completeness:
        """Return the completeness: from the provider's reasons, the reasons in the messages, and the removed values.

        `messages_path` is the JSON pointer of the list of messages in the body.
        """
        found = {*filter(None, reasons), *message_reasons(messages)}
        if Note.ID_MISMATCH in self.notes:
            found.add(Reason.ID_MISMATCH)
        if self.left_out and any(path.rpartition("/")[0] == messages_path for path in self.left_out):
            found.add(Reason.MESSAGE_LEFT_OUT)
        if self.has_dropped_below(messages_path):
            found.add(Reason.MESSAGE_PROPERTY_LOST)
        return assess_completeness(found)

    def sorted_notes(self) -> tuple[Note, ...]:
        return tuple(sorted(self.notes)) if len(self.notes) > 1 else tuple(self.notes)


# The strongest verdict first. With any other reason, the verdict is unknown.
VERDICTS = (
    (Verdict.TRUNCATED, {Reason.MESSAGES_MISSING, Reason.MESSAGE_LEFT_OUT}),
    (Verdict.IN_PROGRESS, STILL_OPEN),
)


def assess_completeness(reasons: Collection[Reason]) -> Completeness:
    """Return the completeness for these reasons: `complete` without reasons."""
    if not reasons:
        return COMPLETE
    found = tuple(sorted(set(reasons)))
    for verdict, strong in VERDICTS:
        if not strong.isdisjoint(found):
            return Completeness(verdict=verdict, reasons=found)
    return Completeness(verdict=Verdict.UNKNOWN, reasons=found)


def message_reasons(messages: Sequence[Message]) -> list[Reason]:
    """Return the reasons in the messages themselves."""
    found: list[Reason] = []
    ids = [*filter(None, map(_ID, messages))]
    if len(set(ids)) < len(ids):
        found.append(Reason.DUPLICATE_MESSAGE_IDS)
    if not all(map(_SENT_AT, messages)):
        found.append(Reason.MESSAGE_WITHOUT_TIME)
    return found


def _are_increasing(times: Sequence[Any]) -> bool:
    try:
        return all(map(lt, times, times[1:]))
    except TypeError:  # a time is missing
        return False


def _are_ordinary(times: Sequence[datetime.datetime]) -> bool:
    """Return whether no time stands for "never", and all times have an offset or none has one, as in most bodies."""
    try:
        first, last = min(times).year, max(times).year
    except (TypeError, ValueError, AttributeError):  # a time is missing, or only some times have an offset
        return False
    return first >= _FIRST_YEAR and last <= _LAST_YEAR
