"""Refs of a run, checked and without duplicates, in a temporary database that spills to the disk."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Self

from attrs import Factory, define, field

from conversas.cli.ref_parser import RefRange
from conversas.errors import ConfigurationError
from conversas.providers import get_provider
from conversas.records.ref import ConversationRef, ScannedRef

BATCH = 10_000  # refs that are inserted at a time

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -65536;
CREATE TABLE refs (number INTEGER PRIMARY KEY, provider TEXT, first, last, step INTEGER, UNIQUE (provider, first))
"""
_INSERT = "INSERT OR IGNORE INTO refs (provider, first, last, step) VALUES (?, ?, ?, ?)"
_LAST_BELOW = "SELECT first, last, step FROM refs WHERE provider = ? AND first <= ? ORDER BY first DESC LIMIT 1"
_INSIDE = "refs WHERE provider = ? AND first BETWEEN ? AND ?"


@contextmanager
def _wrap_errors() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        message = f"the refs cannot be kept in a temporary file: {error}; set TMPDIR to a directory with free space"
        raise ConfigurationError(message) from None


def _temporary_database() -> sqlite3.Connection:
    """Open a database without a name. SQLite keeps it in memory, and spills to a file that only SQLite can open."""
    with _wrap_errors():
        database = sqlite3.connect("", isolation_level=None)
        database.executescript(_SCHEMA)
        database.execute("BEGIN")
    return database


@define
class RefSpool:
    """Refs of a run, in bounded memory: a range is one row, and no ref is in two rows.

    If an id comes first alone and later in a range, it becomes part of the range.
    """

    duplicates: int = field(default=0, init=False)
    """Number of repeated refs, which are left out."""
    empty: int = field(default=0, init=False)
    """Number of cells of a table that have no ref."""
    _database: sqlite3.Connection = field(default=Factory(_temporary_database), init=False, repr=False)
    _batch: list[tuple[Any, ...]] = field(factory=list[tuple[Any, ...]], init=False, repr=False)
    _with_ranges: set[str] = field(factory=set[str], init=False)
    """Providers that have a range."""

    def add(self, ref: ConversationRef | RefRange) -> None:
        """Add a ref, or a range of refs.

        Raises:
            ConfigurationError: The disk is full.
        """
        if isinstance(ref, RefRange):
            self._add_range(ref)
        else:
            self._add_one(ref)

    def count(self) -> int:
        """Return the number of refs, each counted once."""
        with _wrap_errors():
            self._flush()
            return self._value(
                "SELECT coalesce(sum(CASE WHEN step IS NULL THEN 1 ELSE last - first + 1 END), 0) FROM refs"
            )

    def __iter__(self) -> Iterator[ConversationRef]:
        self._flush()
        with _wrap_errors():
            rows = self._database.execute("SELECT provider, first, last, step FROM refs ORDER BY number")
            for provider, first, last, step in rows:
                if step is None:
                    yield ConversationRef(provider, str(first))
                else:
                    ids = range(first, last + 1)[::step]
                    yield from (ScannedRef(provider, str(id_)) for id_ in ids)

    def close(self) -> None:
        """Delete the refs."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add_one(self, ref: ConversationRef) -> None:
        id_: int | str = ref.id
        if get_provider(ref.provider).integer_ids and str(number := int(ref.id)) == ref.id:
            id_ = number
        if ref.provider in self._with_ranges and self._is_in_range(ref.provider, id_):
            self.duplicates += 1
            return
        self._batch.append((ref.provider, id_, id_, None))
        if len(self._batch) >= BATCH:
            self._flush()

    @_wrap_errors()
    def _is_in_range(self, provider: str, id_: int | str) -> bool:
        below = self._database.execute(_LAST_BELOW, (provider, id_)).fetchone()
        return below is not None and isinstance(id_, int) and below[2] is not None and id_ <= below[1]

    @_wrap_errors()
    def _flush(self) -> None:
        before = self._database.total_changes
        self._database.executemany(_INSERT, self._batch)
        self.duplicates += len(self._batch) - (self._database.total_changes - before)
        self._batch.clear()

    @_wrap_errors()
    def _add_range(self, added: RefRange) -> None:
        """Add a range, shortened at each end where an earlier range already has the ids.

        The new range replaces the rows that lie within it.
        """
        provider = added.provider
        self._flush()
        self._with_ranges.add(provider)
        low, high = sorted((added.first, added.last))
        below = self._database.execute(_LAST_BELOW, (provider, low - 1)).fetchone()
        if below and below[1] >= low:
            self.duplicates += min(below[1], high) - low + 1
            low = below[1] + 1
        above = self._database.execute(_LAST_BELOW, (provider, high)).fetchone()
        if above and above[1] > high >= above[0] >= low:
            self.duplicates += high - above[0] + 1
            high = above[0] - 1
        if low > high:
            return
        self.duplicates += self._value(f"SELECT coalesce(sum(last - first + 1), 0) FROM {_INSIDE}", provider, low, high)  # noqa: S608  # only constants, here and below
        self._database.execute(f"DELETE FROM {_INSIDE}", (provider, low, high))  # noqa: S608
        step = 1 if added.first <= added.last else -1
        self._database.execute(_INSERT, (provider, low, high, step))

    def _value(self, query: str, *values: object) -> int:
        (value,) = self._database.execute(query, values).fetchone()
        return int(value)
