"""Order of messages: by time, and in the provider's order if times do not decide."""

import datetime
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from attrs import evolve

from conversas.records.conversation import Message

Offsets = Sequence[float | None]
"""Seconds from the start of a call to each message, if known."""
Repeated = Callable[[datetime.datetime], datetime.datetime | None]
"""Function that returns the second reading of a time without an offset, if its clock showed it twice."""
Placed = tuple[int, Message]
"""A message, and its position in the body."""

_LAST = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def in_order(messages: Sequence[Message], repeated: Repeated | None, offsets: Offsets | None) -> list[Placed]:
    """Return messages in order of time.

    A list that is newest first is reversed as a whole, so that messages with equal times are also reversed. A message
    without a time keeps its place; if the other messages are in no order, it comes last. Times in an hour that a clock
    showed twice are read so that the list is in order. Messages with the same time, such as turns of a call, are
    ordered by their offsets if all of them have an offset.
    """
    placed = list(enumerate(messages))
    result = _readings(placed, repeated)
    if not _ascends(result):
        turned = _readings(placed[::-1], repeated)
        if _ascends(turned) or _rises(result) < 0:
            result = turned
        if not _ascends(result):
            result.sort(key=_time_or_last)
    return result if offsets is None else _by_offset(result, offsets)


def _times(placed: Sequence[Placed]) -> list[datetime.datetime]:
    return [message.sent_at for _, message in placed if message.sent_at]


def _time_or_last(placed: Placed) -> datetime.datetime:
    return placed[1].sent_at or _LAST


def _ascends(placed: Sequence[Placed]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(_times(placed)))


def _rises(placed: Sequence[Placed]) -> int:
    """Return how many more times rise than fall from one message to the next."""
    return sum((earlier < later) - (earlier > later) for earlier, later in pairwise(_times(placed)))


def _readings(placed: Sequence[Placed], repeated: Repeated | None) -> list[Placed]:
    """Return the messages.

    A time that is before the time of a preceding message gets its second reading, if that puts it in order.
    """
    found: list[Placed] = []
    latest: datetime.datetime | None = None
    for position, message in placed:
        time = message.sent_at
        second = repeated(time) if repeated and time and latest and time < latest else None
        is_second = bool(second and latest and second >= latest)
        found.append((position, evolve(message, sent_at=second) if is_second else message))
        latest = (second if is_second else time) or latest
    return found


def _by_offset(placed: Sequence[Placed], offsets: Offsets) -> list[Placed]:
    """Return the messages, with messages of the same time in order of offset if all of them have an offset."""
    result: list[Placed] = []
    for _, group in groupby(placed, key=lambda each: each[1].sent_at):
        run = list(group)
        known = {position: offset for position, _ in run if (offset := offsets[position]) is not None}
        ranks = [known.get(position, 0.0) for position, _ in run] if len(known) == len(run) else [0.0] * len(run)
        result += [each for _, each in sorted(zip(ranks, run, strict=True), key=itemgetter(0))]
    return result
