"""One run of an export: which refs it asks for, and what it keeps of each outcome."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

import orjson
from attrs import Factory, define, evolve, field

from conversas.client.fetch import Failed, Fetched, Outcome
from conversas.decoding.drift_report import with_wildcards
from conversas.errors import ConfigurationError, ConversasError, DecodeError
from conversas.exporter.manifest import LASTING, Row
from conversas.exporter.writer import Writer
from conversas.records.drift import Drift
from conversas.records.enums import Verdict
from conversas.records.ref import ConversationRef, coerce_ref
from conversas.records.serialization import NeutralForm

AHEAD = 512  # refs that are read before their turn: each time, two threads wait for each other
LONGEST_WAIT = 1.0  # seconds between two looks at the clock, where nothing comes
SHORTEST_WAIT = 0.01


class Refresh(StrEnum):
    """What is fetched again, though an earlier run has it."""

    IN_PROGRESS = "in-progress"
    """Conversations that were not finished."""
    FAILED = "failed"
    """Every failure, also of a conversation that the platform does not have."""
    ALL = "all"
    """Everything."""

    @classmethod
    def of(cls, given: str | None) -> Self | None:
        """Read what a run was given.

        Raises:
            ConfigurationError: It is none of these.
        """
        if given is None:
            return None
        if given not in list(cls):
            raise ConfigurationError(f"refresh is one of {', '.join(cls)}")
        return cls(given)


@define
class ExportSummary:
    """What a run did, or has done so far."""

    fetched: int = 0
    """Conversations."""
    failed: int = 0
    """Refs that were asked for in vain. The manifest says why."""
    skipped: int = 0
    """Refs of which an earlier run has the conversation, or a failure that would not pass."""
    retried: int = 0
    """Requests beyond the first one for a ref."""
    incomplete: int = 0
    """Conversations whose verdict is not `complete`."""
    drifting: int = 0
    """Conversations whose body differs from the spec."""
    elapsed_seconds: float = 0.0
    """How long it took."""

    @property
    def done(self) -> int:
        """How many refs were seen to their end."""
        return self.fetched + self.failed + self.skipped


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


@define
class ExportRun:
    """Asks for the refs that are not done yet, and writes what becomes of them.

    All of that happens in the thread that fetches: a second one would wait for the interpreter at every step.
    """

    refresh: Refresh | None
    writer: Writer
    summary: ExportSummary = field(factory=ExportSummary, init=False)
    _began: str = field(init=False)
    """When it began, by the clock that rows are written by. It may have been set back since the last of them."""
    _started: float = field(default=Factory(time.monotonic), init=False)
    _giving: set[str] = field(factory=set[str], init=False)
    """Platforms that gave a conversation in this run."""

    def __attrs_post_init__(self) -> None:
        self._began = max(_now(), self.writer.manifest.latest_time())

    async def maintain(self) -> None:
        """Commit parts in time, also while nothing comes."""
        while True:
            left = self.writer.seconds_left()
            if left == 0:
                self.writer.commit()
            await asyncio.sleep(LONGEST_WAIT if left is None else max(left, SHORTEST_WAIT))

    def close(self) -> None:
        """Commit what was recorded, if that can be done; count no outcome that was not."""
        try:
            self.writer.leave()
        finally:
            for row in self.writer.uncommitted():
                self._take_back(row)

    def accept(self, ref: ConversationRef | str) -> ConversationRef | None:
        """Return the ref to fetch; None if it is done, or a text that is no ref, which is recorded as failed."""
        try:
            parsed = coerce_ref(ref)
        except ConfigurationError as error:
            if not isinstance(ref, str):
                raise
            self._note_once(_key(ref), error)
            return None
        if self._wants(_key_of(parsed)):
            return parsed
        self.summary.skipped += 1
        return None

    def _note_once(self, key: str, error: ConversasError) -> None:
        if self._wants(key):
            self._note_failure(key, error)
        else:
            self.summary.skipped += 1

    def _wants(self, key: str) -> bool:
        row = self._row(key)
        if row is None:
            return True
        if row.time > self._began:  # of this run
            return False
        if self.refresh is Refresh.ALL:
            return True
        if row.outcome == "failed":
            return row.may_pass or self.refresh is Refresh.FAILED
        return self.refresh is Refresh.IN_PROGRESS and row.verdict == Verdict.IN_PROGRESS

    def _row(self, key: str) -> Row | None:
        return self.writer.pending(key) or self.writer.manifest.find(key)

    def record(self, outcome: Outcome) -> None:
        """Write an outcome."""
        key = _key_of(outcome.ref)
        if self.writer.pending(key):  # it was given twice, and both were under way
            return
        match outcome:
            case Fetched():
                self._note_conversation(key, outcome)
            case Failed(_, error):
                self._note_failure(key, error)

    def _note_conversation(self, key: str, fetched: Fetched) -> None:
        conversation = fetched.conversation
        completeness, neutral = conversation.completeness, NeutralForm(conversation)
        row = Row(
            ref=key,
            outcome="fetched",
            attempts=fetched.attempts,
            sha256=hashlib.sha256(conversation.raw).hexdigest(),
            fingerprint=neutral.fingerprint(),
            verdict=str(completeness.verdict),
            reasons=orjson.dumps(completeness.reasons).decode(),
            drift=self._drift(conversation.drift),
            time=_now(),
            part=self.writer.open_part(),
        )
        self.writer.add(row, neutral)
        if _provider(key) not in self._giving:
            self._giving.add(_provider(key))
            self.writer.believe(_provider(key), since=self._began)
        self.summary.fetched += 1
        self.summary.retried += fetched.attempts - 1
        self.summary.incomplete += completeness.verdict is not Verdict.COMPLETE
        self.summary.drifting += bool(conversation.drift)
        self.writer.commit_if_full()

    def _take_back(self, row: Row) -> None:
        """Count no outcome that could not be kept."""
        if row.error:
            self.summary.failed -= 1
        else:
            self.summary.fetched -= 1
            self.summary.incomplete -= row.verdict != Verdict.COMPLETE
            self.summary.drifting -= row.drift is not None

    def _drift(self, drift: Sequence[Drift]) -> str | None:
        if not drift:
            return None
        counts = Counter(self.writer.manifest.number_of(with_wildcards(each)) for each in drift)
        return orjson.dumps({str(number): count for number, count in sorted(counts.items())}).decode()

    def _note_failure(self, key: str, error: ConversasError) -> None:
        before = self._row(key)
        says: dict[str, Any] = {
            "error": type(error).__name__,
            "reason": _reason(error, key),
            "attempts": error.attempts,
        }
        says |= {"may_pass": self._may_pass(error, key), "time": _now()}
        if before and before.outcome == "fetched":  # the older version stays
            self.writer.add(evolve(before, **says))
        else:
            self.writer.add(Row(ref=key, outcome="failed", sha256=self._keep_body(error), **says))
        self.summary.failed += 1
        self.summary.retried += max(0, error.attempts - 1)
        self.writer.commit_if_full()

    def _may_pass(self, error: ConversasError, key: str) -> bool:
        """Tell whether the next run asks again. A platform is believed once it gives others in the same run.

        Where base_url leads to another place, or the token to another tenant, all are answered that they are not there.
        """
        return type(error).__name__ not in LASTING or _provider(key) not in self._giving

    def _keep_body(self, error: ConversasError) -> str | None:
        if not isinstance(error, DecodeError):
            return None
        sha256 = hashlib.sha256(error.body).hexdigest()
        self.writer.keep_body(sha256, error.body)
        return sha256

    def progress(self) -> ExportSummary:
        """Tell what was done so far."""
        self.summary.elapsed_seconds = time.monotonic() - self._started
        return self.summary


def _key_of(ref: ConversationRef) -> str:
    return _key(f"{ref.provider}:{ref.id}")


def _provider(key: str) -> str:
    return key.partition(":")[0]


def _key(text: str) -> str:
    """Give a text as the manifest can hold it: half a character cannot be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _reason(error: ConversasError, key: str) -> str:
    """Give what an error says, without the ref, so that the same failures are counted together."""
    if isinstance(error, DecodeError):
        return f"the body is no conversation ({error.reason})"
    return str(error).removeprefix(str(error.ref or key)).lstrip(": ")
