"""The manifest: the outcome of each ref, and the part that holds it, in SQLite, so that any program can query it."""

import contextlib
import functools
import json
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from attrs import astuple, define, field

from conversas.errors import ExportError
from conversas.exporter import manifest_schema as sql
from conversas.exporter.files import OWNER_ONLY_FILE, check_database, wrap_os_errors
from conversas.exporter.manifest_schema import OutcomeRow, Part, Values, from_values, to_values
from conversas.records.drift import Drift, DriftKind

BUSY_TIMEOUT_SECONDS = 60.0  # a run waits for readers of the manifest
BATCH_ROWS = 10_000  # rows that are read at a time
MAX_VALUE_BYTES = 16 * 1024 * 1024  # of one value in a row


@define
class Manifest:
    """An open manifest. Close it."""

    path: Path
    _db: sqlite3.Connection = field(repr=False)
    _drift_ids: dict[Drift, int] = field(factory=dict[Drift, int], init=False, repr=False)

    @staticmethod
    def exists(path: Path) -> bool:
        """Return whether there is a manifest. A run killed at its very start leaves an empty file, which is not one."""
        with wrap_os_errors(path.parent):
            if not os.path.lexists(path):
                return False
            check_database(path)
        with _wrap_sqlite_errors(path), contextlib.closing(sqlite3.connect(path)) as db:
            return bool(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a manifest.

        Raises:
            ExportError: It does not exist, has a newer schema version, or is damaged.
        """
        if not cls.exists(path):
            raise ExportError(f"{path.parent} is not an export: it has no {path.name}, or an empty one")
        with _wrap_sqlite_errors(path):
            # used by one thread after another: the one that opened it, that of the run, and the first one again
            db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA synchronous = EXTRA")  # FULL, and the directory after a journal is deleted
                _check_version(db, path)
                _check_content(db, path)
            except BaseException:
                db.close()
                raise
        return cls(path, db)

    @classmethod
    def create(cls, path: Path, settings: Mapping[str, str]) -> Self:
        """Create a manifest atomically, in an empty file or a new one."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY_FILE))  # its journal takes over these permissions
        with (
            _wrap_sqlite_errors(path),
            contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db,
            _transaction(db),
        ):
            for statement in sql.SCHEMA.split(";"):
                db.execute(statement)
            db.executemany("INSERT INTO settings VALUES (?, ?)", settings.items())
            db.execute(f"PRAGMA application_id = {sql.APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {sql.SCHEMA_VERSION}")
        return cls.open(path)

    @property
    def settings(self) -> dict[str, str]:
        with _wrap_sqlite_errors(self.path):
            return dict(self._db.execute("SELECT name, value FROM settings").fetchall())

    def find(self, ref: str) -> OutcomeRow | None:
        """Return the outcome of a ref, or None."""
        with _wrap_sqlite_errors(self.path):
            if not self._db.in_transaction:
                self._db.execute("BEGIN")  # to read, until the next commit: a lock for each look-up takes most of it
            values = self._db.execute(sql.SELECT_OUTCOME, (ref,)).fetchone()
        return from_values(values) if values else None

    def rows(self, where: str = "TRUE", *values: object) -> Iterator[OutcomeRow]:
        """Yield outcomes by ref. No run can commit until all are read."""
        with _wrap_sqlite_errors(self.path):
            query = f"{sql.SELECT_OUTCOMES} WHERE {where} ORDER BY ref"
            yield from map(from_values, self._db.execute(query, values))

    def batched_rows(self, where: str) -> Iterator[OutcomeRow]:
        """Yield outcomes by ref. A run can commit in between."""
        query = f"{sql.SELECT_OUTCOMES} WHERE {where} AND ref > ? ORDER BY ref LIMIT ?"
        last = ""
        while batch := self._fetch_all(query, last, BATCH_ROWS):
            rows = [from_values(values) for values in batch]
            yield from rows
            last = rows[-1].ref

    def count(self, columns: str, where: str, table: str = "outcomes") -> list[tuple[Any, ...]]:
        """Count outcomes by these columns, with the first ref of each group, the most frequent group first."""
        query = f"SELECT {columns}, count(*), min(ref) FROM {table} WHERE {where} GROUP BY {columns}"  # noqa: S608
        return self._fetch_all(f"{query} ORDER BY count(*) DESC, {columns}")

    def parts(self) -> list[Part]:
        """Return all parts, by number."""
        rows = self._fetch_all(sql.SELECT_PARTS)
        return [Part(**dict(zip(sql.PART_COLUMNS, values, strict=True))) for values in rows]

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the SHA-256 of each file that the directory must have."""
        for part in self.parts():
            yield from part.files
        with _wrap_sqlite_errors(self.path):
            query = "SELECT DISTINCT sha256 FROM outcomes WHERE outcome = 'failed' AND sha256 IS NOT NULL"
            for (sha256,) in self._db.execute(query):
                yield f"undecodable/{sha256}.body", sha256

    def stale_parts(self) -> list[Part]:
        """Return the parts with conversations of which another part has a newer version."""
        live = dict(self._fetch_all("SELECT part, count(*) FROM outcomes GROUP BY part"))
        return [part for part in self.parts() if live.get(part.number, 0) != part.conversations]

    def refs_of(self, part: Part) -> set[str]:
        """Return the refs whose newest version is in this part."""
        return {ref for (ref,) in self._fetch_all("SELECT ref FROM outcomes WHERE part = ?", part.number)}

    def latest_time(self) -> str:
        """Return the time of the newest outcome, or an empty string."""
        ((latest,),) = self._fetch_all("SELECT max(time) FROM outcomes")
        return latest or ""

    def next_part_number(self) -> int:
        """Return the number of the next part."""
        ((highest,),) = self._fetch_all("SELECT max(number) FROM parts")
        return (highest or 0) + 1

    def commit(self, rows: Iterable[Values], part: Part | None, confirmed: Mapping[str, str]) -> None:
        """Commit outcomes atomically and durably.

        `confirmed` has the time since which the permanent errors of a provider are trusted: those refs are not fetched
        again.
        """
        with _wrap_sqlite_errors(self.path), _transaction(self._db):
            if part:
                self._insert_part(part)
            self._db.executemany(sql.PUT_OUTCOME, rows)
            since = [(time, f"{provider}:", f"{provider};") for provider, time in confirmed.items()]
            self._db.executemany(sql.CONFIRM_PERMANENT_ERRORS, since)

    def replace_part(self, old: Part, new: Part | None, lost: Iterable[OutcomeRow] = ()) -> None:
        """Replace a part by another one; by None if no ref of it is live, or those that are, are `lost`."""
        with _wrap_sqlite_errors(self.path), _transaction(self._db):
            if new:
                self._insert_part(new)
                self._db.execute("UPDATE outcomes SET part = ? WHERE part = ?", (new.number, old.number))
            self._db.executemany(sql.PUT_OUTCOME, map(to_values, lost))
            self._db.execute("DELETE FROM parts WHERE number = ?", (old.number,))

    def _insert_part(self, part: Part) -> None:
        self._db.execute(sql.INSERT_PART, astuple(part))

    def drift_id(self, drift: Drift) -> int:
        """Return the id of a kind of drift. It is on the disk with the next commit at the latest."""
        if drift not in self._drift_ids:
            values = (drift.path, str(drift.kind), drift.expected, drift.found)
            with _wrap_sqlite_errors(self.path), _transaction(self._db):
                self._db.execute(sql.INSERT_DRIFT, values)
                (self._drift_ids[drift],) = self._db.execute(sql.SELECT_DRIFT_ID, values).fetchone()
        return self._drift_ids[drift]

    def drift_counts(self) -> Iterator[tuple[str, list[tuple[Drift, int]]]]:
        """Yield the ref of each fetched conversation with the counts of its drift. A run can commit in between."""
        query = "SELECT ref, drift FROM outcomes WHERE outcome = 'fetched' AND ref > ? ORDER BY ref LIMIT ?"
        last = ""
        while batch := self._fetch_all(query, last, BATCH_ROWS):
            known = self._known_drift()  # after the batch: a run may have added some in between
            for ref, drift in batch:
                yield ref, [(known[drift_id], count) for drift_id, count in json.loads(drift or "{}").items()]
            last = batch[-1][0]

    def _known_drift(self) -> dict[str, Drift]:
        return {
            str(drift_id): Drift(path, DriftKind(kind), expected, found)
            for drift_id, path, kind, expected, found in self._fetch_all(sql.SELECT_DRIFT)
        }

    def passes_integrity_check(self) -> bool:
        """Return whether SQLite finds its own structure intact."""
        return self._fetch_all("PRAGMA integrity_check") == [("ok",)]

    def _fetch_all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with _wrap_sqlite_errors(self.path):
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        self._db.close()


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > sql.SCHEMA_VERSION:
        raise ExportError(
            f"{path} has schema version {version}, and this conversas supports {sql.SCHEMA_VERSION}; upgrade conversas"
        )
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != sql.APPLICATION_ID:
        raise ExportError(f"{path} is not the manifest of an export")


def _check_content(db: sqlite3.Connection, path: Path) -> None:
    """Check what came from elsewhere: a trigger, a view or a value that is not written here may do or mean anything.

    Raises:
        ExportError: There is one.
    """
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    db.execute("PRAGMA trusted_schema = OFF")
    if _tables(db) != _own_tables():
        found = "tables"
    elif any(db.execute(sql.invalid_values(table)).fetchone() for table in sql.VALUES_WRITTEN):
        found = "values"
    else:
        return
    raise ExportError(
        f"{path} has {found} that this conversas does not write; upgrade it, or export to a new directory"
    )


def _tables(db: sqlite3.Connection) -> set[tuple[str, ...]]:
    """Return the definition of all that a database has, but for what SQLite itself adds to it."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return {row for row in rows if row[0] not in ("table", "index") or not str(row[1]).startswith("sqlite_")}


@functools.cache
def _own_tables() -> set[tuple[str, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for statement in sql.SCHEMA.split(";"):
            db.execute(statement)
        return _tables(db)


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
def _wrap_sqlite_errors(path: Path) -> Generator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:  # the disk, or permissions
        if hasattr(error, "sqlite_errorcode"):
            reason = f"cannot be read or written: {error}; fix that and run the same command again"
        else:  # Python's own, which quotes the text
            reason = "holds text that is not UTF-8; export to a new directory"
            error.args = ()
    except sqlite3.DatabaseError as error:
        is_corrupt = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT
        text = error.sqlite_errorname if is_corrupt else str(error)  # that of a corrupt schema quotes it
        reason = f"cannot be used: {text}; export to a new directory"
        error.args = ()
    else:
        return
    raise ExportError(f"{path} {reason}")
