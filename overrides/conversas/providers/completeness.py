"""Whether a record holds all of its conversation."""

from collections.abc import Iterable, Iterator, Sequence

from conversas.records.conversation import Completeness, Message
from conversas.records.enums import Reason, Verdict
from conversas.records.fast_init import quick

new_completeness = quick(Completeness)

# The strongest first; any other reason leaves the verdict unknown.
VERDICTS = (
    (Verdict.TRUNCATED, {Reason.MESSAGES_MISSING, Reason.MESSAGE_LEFT_OUT}),
    (Verdict.IN_PROGRESS, {Reason.NOT_FINISHED, Reason.NOT_RESOLVED}),
)


def judge(reasons: Iterable[Reason]) -> Completeness:
    """Give the verdict that these reasons lead to: `complete` where there is none."""
    given = tuple(sorted(set(reasons)))
    for verdict, strong in VERDICTS:
        if not strong.isdisjoint(given):
            return new_completeness(verdict=verdict, reasons=given)
    return new_completeness(verdict=Verdict.UNKNOWN if given else Verdict.COMPLETE, reasons=given)


def message_reasons(messages: Sequence[Message]) -> Iterator[Reason]:
    """Yield what the messages themselves say against a complete record."""
    ids = [message.id for message in messages if message.id is not None]
    if len(set(ids)) < len(ids):
        yield Reason.DUPLICATE_MESSAGE_IDS
    if messages and messages[-1].sent_at is None:  # those without a time come last
        yield Reason.MESSAGE_WITHOUT_TIME
