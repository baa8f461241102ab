"""The manifest: what became of each ref, and which part holds it. SQLite, so that anybody can ask it."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, Self, cast

from attrs import astuple, define, field, fields, frozen

from conversas.errors import ExportError
from conversas.exporter.directory import OWNER_ONLY_FILE
from conversas.records.drift import Drift, DriftKind

SCHEMA_VERSION = 1
APPLICATION = 0x636F6E76  # "conv", so that `file` and SQLite know it for what it is
PATIENCE_SECONDS = 60.0  # a run waits for who reads the manifest
SLICE = 10_000  # rows that are read at a time
LASTING = frozenset({"BodyTooLargeError", "NotFoundError", "PermissionDeniedError"})
"""Errors of a conversation that would hardly pass."""

_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, conversations INTEGER NOT NULL,
    raw_name TEXT, raw_sha256 TEXT
);
CREATE TABLE outcomes (
    ref TEXT PRIMARY KEY, outcome TEXT NOT NULL, error TEXT, reason TEXT, may_pass INTEGER NOT NULL,
    attempts INTEGER NOT NULL, sha256 TEXT, fingerprint TEXT, verdict TEXT, reasons TEXT, drift TEXT,
    time TEXT NOT NULL, part INTEGER
) WITHOUT ROWID;
CREATE INDEX outcomes_by_part ON outcomes (part);
CREATE TABLE deviations (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, expected TEXT NOT NULL, found NOT NULL,
    UNIQUE (path, kind, expected, found)
);
"""


@frozen(kw_only=True)
class Row:
    """What became of one ref: a row of the table `outcomes`."""

    ref: str
    outcome: str
    """`fetched` or `failed`."""
    error: str | None = None
    """The class of the error; of a fetched one, that of the last try to fetch it again."""
    reason: str | None = None
    """What the error says."""
    may_pass: bool = False
    """Whether another run may fetch it."""
    attempts: int = 0
    sha256: str | None = None
    """Of the body, where there was one."""
    fingerprint: str | None = None
    verdict: str | None = None
    """Of the completeness."""
    reasons: str | None = None
    """Of the completeness, as a JSON array."""
    drift: str | None = None
    """How often each deviation was seen, as a JSON object: by its number in the table `deviations`."""
    time: str
    """When, in UTC."""
    part: int | None = None
    """The number of the part that holds it."""


@frozen(kw_only=True)
class Part:
    """A file of conversations, and its twin with their bodies: a row of the table `parts`."""

    number: int
    name: str
    sha256: str
    conversations: int
    raw_name: str | None = None
    raw_sha256: str | None = None

    @property
    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the hash of each of its files."""
        yield self.name, self.sha256
        if self.raw_name and self.raw_sha256:
            yield self.raw_name, self.raw_sha256


_ROW_NAMES = tuple(member.name for member in fields(Row))
_PART_NAMES = tuple(member.name for member in fields(Part))
_SELECT_ROWS = f"SELECT {', '.join(_ROW_NAMES)} FROM outcomes"  # noqa: S608  # our own names alone, here and below
_FIND_ROW = f"{_SELECT_ROWS} WHERE ref = ?"
_SELECT_PARTS = f"SELECT {', '.join(_PART_NAMES)} FROM parts ORDER BY number"  # noqa: S608
_PUT_ROW = f"INSERT OR REPLACE INTO outcomes VALUES ({', '.join('?' for _ in _ROW_NAMES)})"  # noqa: S608
_BELIEVE = (
    "UPDATE outcomes SET may_pass = 0 WHERE time > ? AND ref > ? AND ref < ?"  # noqa: S608
    f" AND error IN ({', '.join(map(repr, sorted(LASTING)))})"
)
_PUT_PART = f"INSERT INTO parts VALUES ({', '.join('?' for _ in _PART_NAMES)})"  # noqa: S608


Values = tuple[str | int | None, ...]
values_of: Callable[[Row], Values] = attrgetter(*_ROW_NAMES)
"""Gives a row as SQLite takes it. A run keeps the rows of a part like that: the collector of garbage passes them by."""


def row_of(values: Values) -> Row:
    return Row(**cast(dict[str, Any], dict(zip(_ROW_NAMES, values, strict=True))))


@define
class Manifest:
    """An open manifest. Close it."""

    path: Path
    _db: sqlite3.Connection = field(repr=False)
    _deviations: dict[Drift, int] = field(factory=dict[Drift, int], init=False, repr=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a manifest.

        Raises:
            ExportError: There is none, it is of a newer version, or damaged.
        """
        if not is_begun(path):
            raise ExportError(f"{path.parent} is no folder of an export: it has no {path.name}, or an empty one")
        with _telling_of(path):
            # used by one thread after another: who opened it, the run, and the first one again
            db = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA synchronous = EXTRA")  # FULL, and the folder after a journal is gone
                _check_version(db, path)
            except BaseException:
                db.close()
                raise
        return cls(path, db)

    @classmethod
    def create(cls, path: Path, settings: Mapping[str, str]) -> Self:
        """Make a manifest in an empty file, or in none, all or nothing of it."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY_FILE))  # its journal takes over who may read it
        with _telling_of(path), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db, _transaction(db):
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.executemany("INSERT INTO settings VALUES (?, ?)", settings.items())
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        return cls.open(path)

    @property
    def settings(self) -> dict[str, str]:
        with _telling_of(self.path):
            return dict(self._db.execute("SELECT name, value FROM settings").fetchall())

    def find(self, ref: str) -> Row | None:
        with _telling_of(self.path):
            if not self._db.in_transaction:
                self._db.execute("BEGIN")  # to read, until the next commit: a lock for each look takes the most of it
            found = self._db.execute(_FIND_ROW, (ref,)).fetchone()
        return row_of(found) if found else None

    def rows(self, where: str = "TRUE", *values: object) -> Iterator[Row]:
        with _telling_of(self.path):
            query = f"{_SELECT_ROWS} WHERE {where} ORDER BY ref"
            for found in self._db.execute(query, values):
                yield row_of(found)

    def count(self, columns: str, where: str, table: str = "outcomes") -> list[tuple[Any, ...]]:
        """Count outcomes by these columns, with the first ref of each group, the most frequent group first."""
        query = f"SELECT {columns}, count(*), min(ref) FROM {table} WHERE {where} GROUP BY {columns}"  # noqa: S608
        with _telling_of(self.path):
            return self._db.execute(f"{query} ORDER BY count(*) DESC, {columns}").fetchall()

    def parts(self) -> list[Part]:
        with _telling_of(self.path):
            found = self._db.execute(_SELECT_PARTS).fetchall()
        return [Part(**dict(zip(_PART_NAMES, values, strict=True))) for values in found]

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the hash of each file that the folder has to have."""
        for part in self.parts():
            yield from part.files
        with _telling_of(self.path):
            query = "SELECT DISTINCT sha256 FROM outcomes WHERE outcome = 'failed' AND sha256 IS NOT NULL"
            for (sha256,) in self._db.execute(query):
                yield f"undecodable/{sha256}.body", sha256

    def stale_parts(self) -> list[Part]:
        """Give the parts that hold conversations of which a newer version is in another part."""
        with _telling_of(self.path):
            live = dict(self._db.execute("SELECT part, count(*) FROM outcomes GROUP BY part").fetchall())
        return [part for part in self.parts() if live.get(part.number, 0) != part.conversations]

    def refs_of(self, part: Part) -> set[str]:
        with _telling_of(self.path):
            return {ref for (ref,) in self._db.execute("SELECT ref FROM outcomes WHERE part = ?", (part.number,))}

    def latest_time(self) -> str:
        """Give the time of the newest outcome; empty where there is none."""
        with _telling_of(self.path):
            (latest,) = self._db.execute("SELECT max(time) FROM outcomes").fetchone()
        return latest or ""

    def next_number(self) -> int:
        with _telling_of(self.path):
            (highest,) = self._db.execute("SELECT max(number) FROM parts").fetchone()
        return (highest or 0) + 1

    def commit(self, rows: Iterable[Values], part: Part | None, believed: Mapping[str, str]) -> None:
        """Say what became of these refs, all or none of it, and wait until that is on the disk.

        Of a platform that is `believed` since a time, no other run asks for what has a lasting failure.
        """
        with _telling_of(self.path), _transaction(self._db):
            if part:
                self._insert(part)
            self._db.executemany(_PUT_ROW, rows)
            self._db.executemany(_BELIEVE, [(since, f"{name}:", f"{name};") for name, since in believed.items()])

    def replace_part(self, old: Part, new: Part | None, lost: Iterable[Row] = ()) -> None:
        """Put another part in the place of one. Without another, nothing of it is live, or it is `lost`."""
        with _telling_of(self.path), _transaction(self._db):
            if new:
                self._insert(new)
                self._db.execute("UPDATE outcomes SET part = ? WHERE part = ?", (new.number, old.number))
            self._db.executemany(_PUT_ROW, map(values_of, lost))
            self._db.execute("DELETE FROM parts WHERE number = ?", (old.number,))

    def _insert(self, part: Part) -> None:
        self._db.execute(_PUT_PART, astuple(part))

    def number_of(self, drift: Drift) -> int:
        """Give the number of a deviation. It is on the disk with the next commit at the latest."""
        if drift not in self._deviations:
            values = (drift.path, str(drift.kind), drift.expected, drift.found)
            with _telling_of(self.path), _transaction(self._db):
                self._db.execute("INSERT OR IGNORE INTO deviations VALUES (NULL, ?, ?, ?, ?)", values)
                where = "path = ? AND kind = ? AND expected = ? AND found = ?"
                query = f"SELECT number FROM deviations WHERE {where}"  # noqa: S608
                (self._deviations[drift],) = self._db.execute(query, values).fetchone()
        return self._deviations[drift]

    def drift(self) -> Iterator[tuple[str, list[tuple[Drift, int]]]]:
        """Yield the ref of each conversation, with how often each deviation was seen in it."""
        with _telling_of(self.path):
            query = "SELECT number, path, kind, expected, found FROM deviations"
            known = {
                str(number): Drift(path, DriftKind(kind), expected, found)
                for number, path, kind, expected, found in self._db.execute(query)
            }
            query = "SELECT ref, drift FROM outcomes WHERE outcome = 'fetched' AND ref > ? ORDER BY ref LIMIT ?"
            last = ""
            while found := self._db.execute(query, (last, SLICE)).fetchall():  # a run cannot commit while it is read
                for ref, drift in found:
                    yield ref, [(known[number], count) for number, count in json.loads(drift or "{}").items()]
                last = found[-1][0]

    def is_sound(self) -> bool:
        """Whether SQLite finds its own structure unharmed."""
        with _telling_of(self.path):
            return bool(self._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)])

    def close(self) -> None:
        self._db.close()


def is_begun(path: Path) -> bool:
    """Whether there is a manifest. A run that was killed at its very start leaves an empty one, which is none."""
    if not path.exists():
        return False
    with _telling_of(path), contextlib.closing(sqlite3.connect(path)) as db:
        return bool(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        message = f"{path} is of version {version}, and this conversas knows {SCHEMA_VERSION}: take a newer conversas"
        raise ExportError(message)
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        raise ExportError(f"{path} is no manifest of an export")


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[None]:
    if db.in_transaction:  # one that reads
        db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # it may be rolled back already
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _telling_of(path: Path) -> Generator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:  # the disk, or who may use it
        reason = f"cannot be read or written: {error}; mend that and run the same command again"
    except sqlite3.DatabaseError as error:
        reason = f"cannot be used: {error}"
    else:
        return
    raise ExportError(f"{path} {reason}")
