"""Conversations and outcomes as Arrow, for whatever reads it: no engine is imported here. Needs the extra `parquet`.

`FetchBatches` and `DecodeBatches` are functions from record batches to record batches, as `mapInArrow` of Spark and
`map_batches` of Ray Data take them. They pickle, and hold no client and no token. pyarrow has no types, so that its
classes are `Any` to a type checker.
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
"""Record batches of pyarrow."""


def schema() -> Any:
    """Return the `pyarrow.Schema` of conversations: the columns of Parquet in docs/export.md.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return conversation_columns()


def outcome_schema(*, raw: bool = False) -> Any:
    """Return the `pyarrow.Schema` of outcomes; with `raw`, they have the exact bodies.

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
    """Yield conversations as record batches of at most 500 rows and about 8 MiB, or one conversation.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    return conversation_batches(conversations)


@frozen
class FetchBatches:
    """Function from batches with a column of refs to batches of outcomes: one row for each ref, whatever happens.

    A text that is no ref is a row with an error; a null is left out. If the run stops for a provider, for example
    because its token is rejected, the refs that are left are rows with `fetch_again`. If nothing was fetched before,
    the error is raised instead.
    """

    connect: Callable[[], Client] = Client.from_env
    """Creates the client, where the refs are fetched."""
    column: str = "ref"
    """The column of refs."""
    concurrency: int = 16
    """The most requests at a time."""
    requests_per_second: float | None = None
    """The rate limit of each provider; None is no limit."""
    raw: bool = False
    """Whether outcomes have the exact bodies."""

    def __call__(self, batches: Batches) -> Iterator[Any]:
        """Yield the outcomes, in the order in which they come.

        Raises:
            ConversasError: The run stopped for a provider, and nothing had been fetched.
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
    """The column of bodies, as bytes or strings."""
    provider: str = "provider"
    """The column of names of providers."""
    ref: str = "ref"
    """The column of refs. For a null, the outcome has the ref of the body, or an empty one if that does not decode."""
    timezone: str = "UTC"
    """The time zone of times without offset."""

    def __attrs_post_init__(self) -> None:
        timezone_localizer(self.timezone)

    def __call__(self, batches: Batches) -> Iterator[Any]:
        """Yield the outcomes, in the order of the bodies."""
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
    """Refs of a column, and which of them have no outcome yet."""

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
        """Note that a ref has its outcome, and return it as it was given."""
        self._started.discard(ref)
        return _text_of(ref)

    def take_invalid(self) -> Iterator[RefOutcome]:
        """Yield the failures of what was read and is no ref."""
        while self._invalid:
            yield self._invalid.pop()

    def left(self) -> Iterator[str]:
        """Yield the refs without an outcome, also those that were not read yet."""
        self._started.update(self)
        return map(_text_of, self._started)


def _text_of(ref: ConversationRef | None) -> str:
    """Return a ref as it was given: its `str` escapes what is not printable."""
    return f"{ref.provider}:{ref.id}" if ref else ""
