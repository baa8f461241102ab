"""What the mapping of a provider knows besides the generated model, and what it has to tell."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any, cast

from attrs import define

from conversas.providers.completeness import judge, message_reasons
from conversas.records.conversation import Completeness, Message
from conversas.records.drift import Drift, DriftKind
from conversas.records.enums import Note, Reason
from conversas.records.ref import ConversationRef

_LAST = datetime.datetime.max.replace(tzinfo=datetime.UTC)
_NAIVE_TIME = Note.NAIVE_TIME  # looked up once: on Python 3.11, members of an enum are slow to reach
_NEVER = 1  # the year that .NET writes for a time that never was


def _by_time(message: Message) -> tuple[bool, datetime.datetime]:
    return message.sent_at is None, message.sent_at or _LAST


@define(repr=False)
class Reading:
    """One conversation on its way to a neutral record. Its repr is silent."""

    provider: str
    body: bytes
    drift: tuple[Drift, ...]
    asked: ConversationRef | None
    localize: Callable[[datetime.datetime], datetime.datetime]
    """Makes a time without offset aware."""
    notes: set[Note]

    def aware(self, time: Any) -> datetime.datetime | None:
        """Give a time of a generated model as aware; None for UNSET, null, and the year 1 that stands for "never"."""
        if not time:
            return None
        if time.year == _NEVER:
            self.notes.add(Note.ZERO_TIME)
            return None
        if time.tzinfo is None:
            self.notes.add(_NAIVE_TIME)
            return self.localize(time)
        return cast(datetime.datetime, time)

    def identify(self, found: str | None) -> tuple[str | None, ConversationRef | None]:
        """Give the id of the conversation and its ref, from the id in the body and what was asked for."""
        if self.asked is None:
            return found, ConversationRef(self.provider, found) if found else None
        if found is not None and found != self.asked.id:
            self.notes.add(Note.ID_MISMATCH)
        return found or self.asked.id, self.asked

    def is_lost(self, path: str, value: object) -> bool:
        """Tell whether the body has a value at this JSON pointer that the typed model could not take."""
        return not value and any(drift.path == path for drift in self.drift)

    def ordered(self, messages: list[Message]) -> tuple[Message, ...]:
        """Sort messages by time, stable for equal times; those without a time come last."""
        times = [message.sent_at for message in messages if message.sent_at]
        if len(times) == len(messages) and times == sorted(times):  # as most of them come
            return tuple(messages)
        result = sorted(messages, key=_by_time)
        if any(new is not old for new, old in zip(result, messages, strict=True)):
            self.notes.add(Note.REORDERED)
        return tuple(result)

    def completeness(self, messages: Sequence[Message], *reasons: Reason | None) -> Completeness:
        """Judge from the provider's own reasons, those of the messages, and what the check took out."""
        given = {reason for reason in reasons if reason} | set(message_reasons(messages))
        if Note.ID_MISMATCH in self.notes:
            given.add(Reason.ID_MISMATCH)
        if any(self._is_message_left_out(drift) for drift in self.drift):
            given.add(Reason.MESSAGE_LEFT_OUT)
        return judge(given)

    @staticmethod
    def _is_message_left_out(drift: Drift) -> bool:
        head, _, index = drift.path.rpartition("/")
        return (
            head == "/messages" and drift.kind in (DriftKind.WRONG_TYPE, DriftKind.UNEXPECTED_NULL) and index.isdigit()
        )

    def all_notes(self) -> tuple[Note, ...]:
        return tuple(sorted(self.notes))
