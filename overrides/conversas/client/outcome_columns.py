"""Arrow columns for outcomes, and outcomes as record batches."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from attrs import define, field, frozen

from conversas.client.refresh import is_worth_another_run, reason_of
from conversas.errors import ConversasError, DecodeError, DriftError
from conversas.records.columns import conversation_columns, list_type, pyarrow, to_row
from conversas.records.conversation import Conversation
from conversas.records.drift import Drift

BATCH_ROWS = 500
BATCH_BYTES = 8 * 1024 * 1024  # size of the bodies at which a batch ends
MESSAGE_BYTES = 512  # about the size of a message, for a conversation that was read back without its body


@cache
def outcome_columns(*, raw: bool = False) -> Any:
    """Return the schema: the conversation or the error of a ref, drift, hashes, and with `raw` the exact body.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    arrow = pyarrow()
    texts = [arrow.field(name, arrow.string(), nullable=False) for name in ("path", "kind", "expected", "found")]
    error = [
        arrow.field("type", arrow.string(), nullable=False),
        arrow.field("reason", arrow.string(), nullable=False),
        arrow.field("status", arrow.int32()),
        arrow.field("fetch_again", arrow.bool_(), nullable=False),
    ]
    columns = [
        arrow.field("ref", arrow.string(), nullable=False),
        arrow.field("conversation", arrow.struct(list(conversation_columns()))),
        arrow.field("error", arrow.struct(error)),
        arrow.field("drift", list_type(arrow.struct(texts)), nullable=False),
        arrow.field("fingerprint", arrow.string()),
        arrow.field("sha256", arrow.string()),
        arrow.field("attempts", arrow.int32(), nullable=False),
        arrow.field("recorded_at", arrow.timestamp("us", "UTC"), nullable=False),
    ]
    return arrow.schema([*columns, arrow.field("raw", arrow.binary())] if raw else columns)


@frozen
class RefOutcome:
    """Ref as it was given, which may be invalid, with its conversation or its error."""

    ref: str
    result: Conversation | ConversasError = field(repr=False)
    attempts: int = 0
    """Number of requests."""
    is_left: bool = False
    """Whether the run stopped before the ref was fetched. If so, the error is the error that stopped the run."""

    @property
    def provider(self) -> str:
        """Name of the provider of the ref."""
        return self.ref.partition(":")[0]


@define
class BatchBuilder:
    """Builder of record batches of at most 500 rows. A batch is full once its bodies have about 8 MiB."""

    schema: Any
    _rows: list[dict[str, Any]] = field(factory=list[dict[str, Any]], init=False, repr=False)
    _bytes: int = field(default=0, init=False)

    def add(self, row: dict[str, Any], conversation: Conversation | None) -> None:
        """Add a row, with its conversation if it has one."""
        self._rows.append(row)
        if conversation:
            self._bytes += len(conversation.raw) or MESSAGE_BYTES * len(conversation.messages)

    @property
    def is_full(self) -> bool:
        """Whether the batch has its maximum number of rows, or of bytes."""
        return len(self._rows) >= BATCH_ROWS or self._bytes >= BATCH_BYTES

    def build(self) -> Any:
        """Return the rows as a batch, and begin the next batch."""
        rows, self._rows, self._bytes = self._rows, [], 0
        return pyarrow().RecordBatch.from_pylist(rows, schema=self.schema)


def conversation_batches(conversations: Iterable[Conversation]) -> Iterator[Any]:
    """Yield conversations as record batches.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    builder = BatchBuilder(conversation_columns())
    for conversation in conversations:
        builder.add(to_row(conversation), conversation)
        if builder.is_full:
            yield builder.build()
    yield builder.build()


def outcome_batches(outcomes: Iterable[RefOutcome], *, raw: bool) -> Iterator[Any]:
    """Yield outcomes as record batches.

    Whether a failure is permanent is decided at the end of its batch, because a later outcome may confirm its provider.
    """
    builder, failures = BatchBuilder(outcome_columns(raw=raw)), list[tuple[dict[str, Any], RefOutcome]]()
    confirmed = set[str]()

    def build() -> Any:
        for row, failed in failures:
            row["error"] = _error_row(failed, confirmed=failed.provider in confirmed)
        failures.clear()
        return builder.build()

    for outcome in outcomes:
        row = _outcome_row(outcome, raw=raw)
        if isinstance(outcome.result, Conversation):
            confirmed.add(outcome.provider)
            builder.add(row, outcome.result)
        else:
            failures.append((row, outcome))
            builder.add(row, None)
        if builder.is_full:
            yield build()
    yield build()


def _outcome_row(outcome: RefOutcome, *, raw: bool) -> dict[str, Any]:
    result = outcome.result
    conversation = result if isinstance(result, Conversation) else None
    body = None if outcome.is_left else _body_of(result)
    row = {
        "ref": outcome.ref,
        "conversation": to_row(conversation) if conversation else None,
        "error": None,
        "drift": [_drift_row(each) for each in _drift_of(result)],
        "fingerprint": conversation.fingerprint if conversation else None,
        "sha256": None if body is None else hashlib.sha256(body).hexdigest(),
        "attempts": outcome.attempts,
        "recorded_at": datetime.now(UTC),
    }
    return {**row, "raw": body} if raw else row


def _error_row(outcome: RefOutcome, *, confirmed: bool) -> dict[str, Any]:
    error = outcome.result
    assert isinstance(error, ConversasError)
    return {
        "type": type(error).__name__,
        "reason": reason_of(error, outcome.ref),
        "status": getattr(error, "status", None),
        "fetch_again": outcome.is_left or is_worth_another_run(error, confirmed=confirmed),
    }


def _body_of(result: Conversation | ConversasError) -> bytes | None:
    if isinstance(result, Conversation):
        return result.raw
    return result.body if isinstance(result, DecodeError) else None


def _drift_of(result: Conversation | ConversasError) -> Iterable[Drift]:
    return result.drift if isinstance(result, Conversation | DriftError) else ()


def _drift_row(drift: Drift) -> dict[str, str]:
    return {"path": drift.path, "kind": str(drift.kind), "expected": drift.expected, "found": str(drift.found)}
