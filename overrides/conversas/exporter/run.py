"""Middleware of an export run: selects the refs to fetch, and records each outcome."""

import asyncio
import hashlib
import json
import time
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

from attrs import Factory, define, evolve, field

from conversas.client.fetch import Failed, Fetched, Outcome
from conversas.client.refresh import EarlierOutcome, Refresh, is_worth_another_run, needs_fetch, reason_of
from conversas.errors import BodyTooLargeError, ConfigurationError, ConversasError, DecodeError, NotFoundError
from conversas.exporter.formats.limits import MAX_RECORD_BYTES, is_too_large
from conversas.exporter.formats.original import add_original, original_json
from conversas.exporter.maintenance.repair import Repair
from conversas.exporter.manifest_schema import OutcomeRow, ref_key
from conversas.exporter.summary import NOT_THERE, ExportSummary
from conversas.exporter.writer import Writer, fetched_row
from conversas.providers import get_provider
from conversas.records.enums import Verdict
from conversas.records.ref import ConversationRef, ScannedRef, coerce_ref
from conversas.records.serialization import SerializedRecord
from conversas.redaction.redactor import Redactor
from conversas.transport.messages import OK

PREFETCH = 512  # refs that are read ahead at once: at each read, two threads wait for each other
MAX_SECONDS_BETWEEN_CHECKS = 1.0  # between two checks whether a part is due
MIN_SECONDS_BETWEEN_CHECKS = 0.01


@define
class ExportRun:
    """Middleware of one run.

    Everything happens in the thread that fetches. A second thread would wait for the interpreter at every step.
    """

    refresh: Refresh | None
    writer: Writer
    repair: Repair
    redactor: Redactor | None = None
    """Redactor of each conversation, before any of it is written."""
    summary: ExportSummary = field(factory=ExportSummary, init=False)
    _started_at: str = field(init=False)
    """Start of the run, in the form in which rows store times. It is not before the time of the newest row, even if the
    clock was set back.
    """
    _started: float = field(default=Factory(time.monotonic), init=False)
    """Start of the run on the monotonic clock."""
    _under_way: set[str] = field(factory=set[str], init=False)
    """Refs that were accepted and have no outcome yet. They may be waiting for their provider."""
    _confirmed_providers: set[str] = field(factory=set[str], init=False)
    """Providers from which this run has fetched a conversation."""
    _highest_ids: dict[str, int | None] = field(factory=dict[str, int | None], init=False)
    """Highest id that an earlier run fetched, for each scanned provider."""
    _erased: AbstractSet[str] = field(init=False, repr=False)
    """Erased refs, which are never fetched again."""

    def __attrs_post_init__(self) -> None:
        self._started_at = max(_now(), self.writer.manifest.latest_time())
        self._erased = self.writer.manifest.erased().keys()

    def accept(self, ref: ConversationRef | str) -> ConversationRef | None:
        """Return the ref to fetch; None if it is already done, or is invalid and was recorded as failed."""
        try:
            parsed = coerce_ref(ref)
        except ConfigurationError as error:
            if not isinstance(ref, str):
                raise
            self._record_invalid(ref_key(ref), error)
            return None
        row = self._row(key := _key_of(parsed))
        if key not in self._under_way and (self._needs_fetch(key, row) or self._may_exist_by_now(parsed, row)):
            self._under_way.add(key)
            return parsed
        self._skip(key, None if key in self._under_way else row)
        return None

    def record(self, outcome: Outcome) -> None:
        """Write an outcome."""
        key = _key_of(outcome.ref)
        self._under_way.discard(key)
        match outcome:
            case Fetched():
                self._record_conversation(key, outcome)
            case Failed(ref, error):
                absent = isinstance(ref, ScannedRef) and isinstance(error, NotFoundError)
                self._record_failure(key, error, NOT_THERE if absent else None)

    def answered_before(self, provider: str) -> ConversationRef | None:
        """Return the ref of a provider that was fetched last; None if no ref was fetched."""
        ref = self.writer.manifest.last_fetched(provider)
        return coerce_ref(ref) if ref else None

    async def maintain(self) -> None:
        """Commit parts that are due, even while no outcome arrives."""
        while True:
            seconds = self.writer.seconds_until_commit()
            if seconds == 0:
                self.writer.commit()
            wait = MAX_SECONDS_BETWEEN_CHECKS if seconds is None else max(seconds, MIN_SECONDS_BETWEEN_CHECKS)
            await asyncio.sleep(wait)

    def close(self) -> None:
        """Commit the recorded outcomes, if possible. Outcomes that are not committed are no longer counted."""
        try:
            self.writer.close()
        finally:
            for row in self.writer.uncommitted():
                self._uncount(row)

    def progress(self) -> ExportSummary:
        """Return the summary so far."""
        self.summary.damaged, self.summary.lost = self.repair.damaged, self.repair.lost
        self.summary.elapsed_seconds = time.monotonic() - self._started
        return self.summary

    def _skip(self, key: str, row: OutcomeRow | None) -> None:
        self.summary.skipped += 1
        self.summary.erased += key in self._erased
        if row and row.outcome == "failed" and row.reason != NOT_THERE and not self._is_of_this_run(row):
            self.summary.failed_earlier += 1

    def _is_of_this_run(self, row: OutcomeRow) -> bool:
        return row.time > self._started_at

    def _needs_fetch(self, key: str, row: OutcomeRow | None) -> bool:
        if key in self._erased:
            return False
        if row is None:
            return True
        if self._is_of_this_run(row):
            return False
        if row.sha256 is None and row.outcome == "fetched" and self.writer.keeps_raw:  # the body was lost
            return True
        has_scores = row.outcome == "fetched" and get_provider(_provider(key)).has_scores
        return needs_fetch(_earlier(row), self.refresh, has_scores=has_scores)

    def _may_exist_by_now(self, ref: ConversationRef, row: OutcomeRow | None) -> bool:
        """Return whether the conversation of a missing ref of a range may exist by now.

        It may, if its id is above the highest id that was found.
        """
        if not isinstance(ref, ScannedRef) or row is None or self._is_of_this_run(row):
            return False
        if row.outcome != "failed" or row.error != NotFoundError.__name__:
            return False
        if ref.provider not in self._highest_ids:
            self._highest_ids[ref.provider] = self.writer.manifest.highest_id(ref.provider)
        highest = self._highest_ids[ref.provider]
        return highest is None or int(ref.id) > highest

    def _row(self, key: str) -> OutcomeRow | None:
        return self.writer.pending(key) or self.writer.manifest.find(key)

    def _record_conversation(self, key: str, fetched: Fetched) -> None:
        conversation = self.redactor(fetched.conversation).conversation if self.redactor else fetched.conversation
        completeness, serialized = conversation.completeness, SerializedRecord(conversation)
        original = original_json(conversation.raw) if self.writer.part_format.original else None
        if is_too_large(conversation.raw, lambda: add_original(serialized.line(), original)):
            self._record_failure(key, _too_large(fetched))
            return
        row = fetched_row(
            self.writer.manifest,
            serialized,
            original,
            ref=key,
            attempts=fetched.attempts,
            time=_now(),
            part=self.writer.open_part(),
        )
        if self.redactor:
            row = evolve(row, sha256=None)
        self.writer.add(row, serialized, original)
        self._confirm(_provider(key))
        self.summary.fetched += 1
        self.summary.retried += fetched.attempts - 1
        self.summary.incomplete += completeness.verdict is not Verdict.COMPLETE
        self.summary.drifting += bool(conversation.drift)
        self.writer.commit_if_full()

    def _confirm(self, provider: str) -> None:
        if provider not in self._confirmed_providers:
            self._confirmed_providers.add(provider)
            self.writer.confirm(provider, since=self._started_at)

    def _record_invalid(self, key: str, error: ConversasError) -> None:
        row = self._row(key)
        if self._needs_fetch(key, row):
            self._record_failure(key, error)
        else:
            self._skip(key, row)

    def _record_failure(self, key: str, error: ConversasError, reason: str | None = None) -> None:
        failure: dict[str, Any] = {
            "error": type(error).__name__,
            "reason": reason or self._reason(error, key),
            "attempts": error.attempts,
            "fetch_again": is_worth_another_run(error, confirmed=_provider(key) in self._confirmed_providers),
            "undecodable": self._keep_body(error),
            "time": _now(),
        }
        previous = self._row(key)
        if previous and previous.outcome == "fetched":  # the conversation stays
            self.writer.add(evolve(previous, **failure))
        else:
            self.writer.add(OutcomeRow(ref=key, outcome="failed", **failure))
        self.summary.failed += reason != NOT_THERE
        self.summary.not_there += reason == NOT_THERE
        self.summary.retried += max(0, error.attempts - 1)
        self.writer.commit_if_full()

    def _reason(self, error: ConversasError, key: str) -> str:
        if self.redactor and isinstance(error, DecodeError):  # the message may hold an id from the body
            return f"the body is not a conversation ({error.reason})"
        return reason_of(error, key)

    def _keep_body(self, error: ConversasError) -> str | None:
        if not isinstance(error, DecodeError) or self.redactor:  # a body that is not a conversation cannot be redacted
            return None
        sha256 = hashlib.sha256(error.body).hexdigest()
        self.writer.keep_body(sha256, error.body)
        return sha256

    def _uncount(self, row: OutcomeRow) -> None:
        if row.error:
            self.summary.failed -= row.reason != NOT_THERE
            self.summary.not_there -= row.reason == NOT_THERE
        else:
            self.summary.fetched -= 1
            self.summary.incomplete -= row.verdict != Verdict.COMPLETE
            self.summary.drifting -= row.drift is not None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _key_of(ref: ConversationRef) -> str:
    return ref_key(f"{ref.provider}:{ref.id}")


def _provider(key: str) -> str:
    return key.partition(":")[0]


def _too_large(fetched: Fetched) -> BodyTooLargeError:
    message = f"the conversation is larger than a part can hold ({MAX_RECORD_BYTES >> 20} MiB); get it with client.get"
    error = BodyTooLargeError(message, status=OK, provider=fetched.ref.provider, ref=fetched.ref)
    error.attempts = fetched.attempts
    return error


def _earlier(row: OutcomeRow) -> EarlierOutcome:
    return EarlierOutcome(
        has_conversation=row.outcome == "fetched",
        failed=row.error is not None,
        fetch_again=row.fetch_again,
        reasons=frozenset(json.loads(row.reasons or "[]")),
        scored=bool(row.scored),
    )
