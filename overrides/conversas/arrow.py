"""Conversations and outcomes as Arrow data, for any engine that reads Arrow. No engine is imported.

`FetchBatches` and `DecodeBatches` are functions from record batches to record batches, for `mapInArrow` of Spark and
`map_batches` of Ray Data. They can be pickled, and hold no client and no token. pyarrow has no type annotations, so its
classes are `Any` to a type checker. This module needs the extra `parquet`, which installs pyarrow.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import frozen

from conversas.client.fetch import Fetched
from conversas.client.outcome_columns import RefOutcome, conversation_batches, outcome_batches, outcome_columns
from conversas.client.sync_client import Client
from conversas.decoding.decoder import decode
from conversas.errors import ConfigurationError, ConversasError
from conversas.providers.datetimes import timezone_localizer
from conversas.records.columns import conversation_columns, pyarrow
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef, coerce_ref

__all__ = ["DecodeBatches", "FetchBatches", "outcome_schema", "schema", "to_batches", "to_table"]

Batches = Iterable[Any]
"""pyarrow record batches."""


def schema() -> Any:
    """Return the `pyarrow.Schema` of conversations: the Parquet columns that docs/export-format.md lists.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return conversation_columns()


def outcome_schema(*, raw: bool = False) -> Any:
    """Return the `pyarrow.Schema` of outcomes. With `raw`, it has a column of exact bodies.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return outcome_columns(raw=raw)


def to_table(conversations: Iterable[Conversation]) -> Any:
    """Return conversations as a `pyarrow.Table`, one row each.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return pyarrow().Table.from_batches(to_batches(conversations), schema=schema())


def to_batches(conversations: Iterable[Conversation]) -> Iterator[Any]:
    """Yield conversations as record batches of at most 500 rows. A batch ends once its bodies have about 8 MiB.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return conversation_batches(conversations)


@frozen
class FetchBatches:
    """Function from batches with a column of refs to batches of outcomes. Each ref has one row, even if it fails.

    A value that is not a ref has a row with an error; a null is left out. If the run stops for a provider, for example
    because its token is rejected, each remaining ref has a row with `fetch_again`. If nothing was fetched before the
    run stopped, the error is raised instead.
    """

    connect: Callable[[], Client] = Client.from_env
    """Function that creates the client. It is called in the process that fetches the refs."""
    column: str = "ref"
    """Name of the column of refs."""
    concurrency: int = 16
    """Maximum number of requests at a time."""
    requests_per_second: float | None = None
    """Rate limit of each provider; None means no limit."""
    raw: bool = False
    """Whether outcomes include the exact bodies."""

    def __call__(self, batches: Batches) -> Iterator[Any]:
        """Yield the outcomes in the order in which they arrive.

        Raises:
            ConversasError: The run stopped for a provider before anything was fetched.
        """
        return outcome_batches(self._fetch(_RefReader(batches, self.column)), raw=self.raw)

    def _fetch(self, refs: "_RefReader") -> Iterator[RefOutcome]:
        limits: dict[str, Any] = {"concurrency": self.concurrency, "requests_per_second": self.requests_per_second}
        has_fetched = False
        with self.connect() as client:
            try:
                for outcome in client.get_many(refs, **limits):
                    if isinstance(outcome, Fetched):
                        has_fetched = True
                        yield RefOutcome(refs.finish(outcome.ref), outcome.conversation, outcome.attempts)
                    else:
                        yield RefOutcome(refs.finish(outcome.ref), outcome.error, outcome.error.attempts)
                    yield from refs.take_invalid()
            except ConversasError as error:
                if not has_fetched:
                    raise
                yield from (RefOutcome(ref, error, is_left=True) for ref in refs.left())
            yield from refs.take_invalid()


@frozen
class DecodeBatches:
    """Function from batches with a column of bodies to batches of outcomes: one row for each body."""

    body: str = "body"
    """Name of the column of bodies, which are bytes or strings."""
    provider: str = "provider"
    """Name of the column of provider names."""
    ref: str = "ref"
    """Name of the column of refs. For a null, the outcome has the ref in the body, or an empty string without one."""
    timezone: str = "UTC"
    """Time zone of times without an offset."""

    def __attrs_post_init__(self) -> None:
        timezone_localizer(self.timezone)

    def __call__(self, batches: Batches) -> Iterator[Any]:
        """Yield the outcomes in the order of the bodies."""
        return outcome_batches(self._decode(batches), raw=False)

    def _decode(self, batches: Batches) -> Iterator[RefOutcome]:
        for batch in batches:
            bodies = batch.column(self.body).cast(pyarrow().binary())
            for ref, provider, body in zip(batch.column(self.ref), batch.column(self.provider), bodies, strict=True):
                yield self._decode_one(ref.as_py(), provider.as_py(), body.as_py())

    def _decode_one(self, ref: str | None, provider: str, body: bytes) -> RefOutcome:
        try:
            conversation = decode(provider, body, ref=ref, timezone=self.timezone)
        except ConversasError as error:
            return RefOutcome(ref or "", error)
        return RefOutcome(ref or _text_of(conversation.ref), conversation)


class _RefReader:
    """Reader of the refs in a column. It remembers which refs have no outcome yet."""

    def __init__(self, batches: Batches, column: str) -> None:
        self._texts = (scalar.as_py() for batch in batches for scalar in batch.column(column))
        self._started: set[ConversationRef] = set()
        self._invalid: list[RefOutcome] = []

    def __iter__(self) -> Iterator[ConversationRef]:
        for text in self._texts:
            if text is None:
                continue
            try:
                ref = coerce_ref(text)
            except ConfigurationError as error:
                self._invalid.append(RefOutcome(str(text), error))
            else:
                self._started.add(ref)
                yield ref

    def finish(self, ref: ConversationRef) -> str:
        """Record that a ref has an outcome, and return the ref as it was given."""
        self._started.discard(ref)
        return _text_of(ref)

    def take_invalid(self) -> Iterator[RefOutcome]:
        """Yield a failure for each value that was read and is not a ref."""
        while self._invalid:
            yield self._invalid.pop()

    def left(self) -> Iterator[str]:
        """Yield the refs without an outcome, including refs that were not read yet."""
        self._started.update(self)
        return map(_text_of, self._started)


def _text_of(ref: ConversationRef | None) -> str:
    """Return a ref as it was given. `str(ref)` would escape characters that are not printable."""
    return f"{ref.provider}:{ref.id}" if ref else ""
