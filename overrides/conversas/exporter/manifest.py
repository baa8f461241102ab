"""Manifest of an export: the outcome of each ref and the part that holds it, in SQLite, for any program to query."""

import contextlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from attrs import astuple, define, field

from conversas.decoding.drift_report import with_wildcards
from conversas.errors import ExportError
from conversas.exporter import manifest_schema as sql
from conversas.exporter.database import application_id, check_database, transaction, wrap_sqlite_errors
from conversas.exporter.files import OWNER_ONLY_FILE, TEMP_SUFFIX, wrap_os_errors
from conversas.exporter.manifest_checks import check_content, check_version
from conversas.exporter.manifest_schema import Account, OpenFile, OutcomeRow, Part, Values, from_values, to_values
from conversas.records.drift import Drift, DriftKind

BUSY_TIMEOUT_SECONDS = 60.0  # a run waits for readers of the manifest
BATCH_ROWS = 10_000  # rows that are read at a time


@define
class Manifest:
    """An open manifest, which must be closed."""

    path: Path
    _db: sqlite3.Connection = field(repr=False)
    _drift_ids: dict[Drift, int] = field(factory=dict[Drift, int], init=False, repr=False)

    @staticmethod
    def exists(path: Path) -> bool:
        """Return whether there is a manifest. A run that is killed at its very start leaves an empty file instead.

        Raises:
            ExportError: The file belongs to another program, or cannot be read.
        """
        with wrap_os_errors(path.parent):
            if not os.path.lexists(path):
                return False
            check_database(path)
            if path.with_name(f"{path.name}-wal").exists() and application_id(path) != sql.APPLICATION_ID:
                raise ExportError(f"{path} {sql.NOT_A_MANIFEST}")  # SQLite would apply the log and delete it
        with wrap_sqlite_errors(path), contextlib.closing(sqlite3.connect(path)) as db:
            has_tables = bool(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
        if not has_tables and path.stat().st_size:  # by now SQLite has undone what a killed run began
            raise ExportError(f"{path} {sql.NOT_A_MANIFEST}")
        return has_tables

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a manifest.

        Raises:
            ExportError: The manifest does not exist, has a different schema version, or is damaged.
        """
        if not cls.exists(path):
            raise ExportError(f"{path.parent} is not an export: its {path.name} is missing or empty")
        with wrap_sqlite_errors(path):
            # two threads use it in turn: the thread that opened it, the thread of the run, then the first thread again
            db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA synchronous = EXTRA")  # FULL, and syncs the directory after deleting a journal
                check_version(db, path)
                check_content(db, path)
            except BaseException:
                db.close()
                raise
        return cls(path, db)

    @classmethod
    def create(cls, path: Path, settings: Mapping[str, str]) -> Self:
        """Create a manifest atomically, in an empty file or a new file."""
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY_FILE))  # the journal gets the same permissions
        with (
            wrap_sqlite_errors(path),
            contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db,
            transaction(db),
        ):
            for statement in sql.SCHEMA.split(";"):
                db.execute(statement)
            db.executemany("INSERT INTO settings VALUES (?, ?)", settings.items())
            db.execute(f"PRAGMA application_id = {sql.APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {sql.SCHEMA_VERSION}")
        return cls.open(path)

    @property
    def settings(self) -> dict[str, str]:
        with wrap_sqlite_errors(self.path):
            return dict(self._db.execute("SELECT name, value FROM settings").fetchall())

    def put_setting(self, name: str, value: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def accounts(self) -> dict[str, Account]:
        """Return the account of each provider whose conversations the export has."""
        return {row[0]: Account(*row) for row in self._fetch_all(sql.SELECT_ACCOUNTS)}

    def record_accounts(self, accounts: Iterable[Account]) -> None:
        """Commit the accounts of providers. Each account replaces the known account of its provider."""
        with wrap_sqlite_errors(self.path), transaction(self._db):
            self._db.executemany(sql.PUT_ACCOUNT, map(astuple, accounts))

    def find(self, ref: str) -> OutcomeRow | None:
        """Return the outcome of a ref; None if there is no outcome."""
        with wrap_sqlite_errors(self.path):
            if not self._db.in_transaction:
                self._db.execute("BEGIN")  # until the next commit: a lock per look-up would take most of the time
            values = self._db.execute(sql.SELECT_OUTCOME, (ref,)).fetchone()
        return from_values(values) if values else None

    def rows(self, where: str = "TRUE", *values: object) -> Iterator[OutcomeRow]:
        """Yield outcomes, sorted by ref. No run can commit until all of them are read."""
        with wrap_sqlite_errors(self.path):
            query = f"{sql.SELECT_OUTCOMES} WHERE {where} ORDER BY ref"
            yield from map(from_values, self._db.execute(query, values))

    def batched_rows(self, where: str) -> Iterator[OutcomeRow]:
        """Yield outcomes, sorted by ref. A run can commit between two batches."""
        query = f"{sql.SELECT_OUTCOMES} WHERE {where} AND ref > ? ORDER BY ref LIMIT ?"
        last = ""
        while batch := self._fetch_all(query, last, BATCH_ROWS):
            rows = [from_values(values) for values in batch]
            yield from rows
            last = rows[-1].ref

    def count(self, columns: str, where: str, table: str = "outcomes") -> list[tuple[Any, ...]]:
        """Count outcomes by these columns. Return each group with its first ref, the most frequent group first."""
        query = f"SELECT {columns}, count(*), min(ref) FROM {table} WHERE {where} GROUP BY {columns}"  # noqa: S608
        return self._fetch_all(f"{query} ORDER BY count(*) DESC, {columns}")

    def parts(self) -> list[Part]:
        """Return all parts, sorted by number."""
        rows = self._fetch_all(sql.SELECT_PARTS)
        return [Part(**dict(zip(sql.PART_COLUMNS, values, strict=True))) for values in rows]

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the SHA-256 of each file that the directory must have."""
        for part in self.parts():
            yield from ((file.name, file.sha256) for file in part.files)
        query = f"SELECT DISTINCT undecodable FROM outcomes WHERE {sql.HAS_UNDECODABLE}"  # noqa: S608
        with wrap_sqlite_errors(self.path):
            for (sha256,) in self._db.execute(query):
                yield body_name(sha256), sha256

    def open_files(self) -> list[OpenFile]:
        """Return the files of the export that no outcome relies on. They can be deleted, unless they are damaged."""
        return [OpenFile(name, part, bool(damaged)) for name, part, damaged in self._fetch_all(sql.SELECT_OPEN_FILES)]

    def own_names(self) -> set[str]:
        """Return the names of all files that the export has created, finished or not."""
        names = {name for name, _ in self.files()}
        for file in self.open_files():
            names |= {file.name, f"{file.name}{TEMP_SUFFIX}"}
        return names

    def open_names(self, names: Iterable[str], part: int | None = None) -> None:
        """Commit the names of files before they are created. The files then belong to the export."""
        with wrap_sqlite_errors(self.path), transaction(self._db):
            self._db.executemany(sql.OPEN_FILE, ((name, part, False) for name in names))

    def close_files(self, files: Iterable[OpenFile]) -> None:
        """Remove deleted files from the list of open files."""
        with wrap_sqlite_errors(self.path), transaction(self._db):
            self._close(file.name for file in files)

    def keep_aside(self, name: str) -> None:
        """Commit the new name of a damaged file before the file is renamed."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO kept_aside VALUES (?)", (name,))

    def kept_aside(self) -> list[str]:
        """Return the names of the damaged files that are kept aside."""
        return [name for (name,) in self._fetch_all("SELECT name FROM kept_aside")]

    def erased(self) -> dict[str, bool]:
        """Return the erased refs; the value is True while the erasure has not finished."""
        return {ref: bool(pending) for ref, pending in self._fetch_all("SELECT ref, pending FROM erased")}

    @contextlib.contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Commit all changes of the `with` block, or none of them."""
        with wrap_sqlite_errors(self.path), transaction(self._db):
            yield self._db

    def vacuum(self) -> None:
        """Rewrite the file without the pages of deleted rows."""
        with wrap_sqlite_errors(self.path):
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._db.execute("VACUUM")

    def stale_parts(self) -> list[Part]:
        """Return the parts with conversations that are not current: replaced in another part, erased or forgotten."""
        live = dict(self._fetch_all("SELECT part, count(*) FROM outcomes GROUP BY part"))
        return [part for part in self.parts() if live.get(part.number, 0) != part.conversations]

    def refs_of(self, part: Part) -> set[str]:
        """Return the refs whose newest version is in this part."""
        return {ref for (ref,) in self._fetch_all("SELECT ref FROM outcomes WHERE part = ?", part.number)}

    def drift_of(self, part: Part) -> dict[str, tuple[Drift, ...]]:
        """Return the drift of the conversations in this part, by ref. Paths have `*` in place of indexes."""
        rows = self._fetch_all("SELECT ref, drift FROM outcomes WHERE part = ? AND drift IS NOT NULL", part.number)
        known = self._known_drift()
        return {
            ref: tuple(known[drift_id] for drift_id, count in json.loads(drift).items() for _ in range(count))
            for ref, drift in rows
        }

    def latest_time(self) -> str:
        """Return the time of the newest outcome, or an empty string."""
        ((latest,),) = self._fetch_all("SELECT max(time) FROM outcomes")
        return latest or ""

    def highest_id(self, provider: str) -> int | None:
        """Return the highest fetched id of a provider whose ids are integers; None if no id was fetched."""
        values = (len(provider) + 2, f"{provider}:", f"{provider};")
        ((highest,),) = self._fetch_all(sql.SELECT_HIGHEST_ID, *values)
        return None if highest is None else int(highest)

    def last_fetched(self, provider: str) -> str | None:
        """Return the ref of a provider that was fetched last, without an error since; None if there is no such ref."""
        found = self._fetch_all(sql.SELECT_LAST_FETCHED, f"{provider}:", f"{provider};")
        return found[0][0] if found else None

    def next_part_number(self) -> int:
        """Return the number of the next part."""
        query = "SELECT max(number) FROM (SELECT number FROM parts UNION ALL SELECT part FROM open_files)"
        ((highest,),) = self._fetch_all(query)
        return (highest or 0) + 1

    def commit(
        self,
        rows: Iterable[Values],
        part: Part | None,
        confirmed: Mapping[str, str],
        bodies: Iterable[str] = (),
        accounts: Iterable[Account] = (),
    ) -> None:
        """Commit outcomes atomically and durably. Their part and their `bodies` are no longer open files.

        `accounts` are the accounts that the conversations of the part come from.

        `confirmed` has a time for each provider. Refs with a permanent error after that time are not fetched again.
        """
        with wrap_sqlite_errors(self.path), transaction(self._db):
            if part:
                self._insert_part(part)
            self._db.executemany(sql.PUT_ACCOUNT, map(astuple, accounts))
            self._close(bodies)
            self._put(rows)
            since = [(time, f"{provider}:", f"{provider};") for provider, time in confirmed.items()]
            self._db.executemany(sql.CONFIRM_PERMANENT_ERRORS, since)

    def replace_part(
        self, old: Part, new: Part | None, changed: Iterable[OutcomeRow] = (), *, damaged: bool = False
    ) -> None:
        """Replace a part with a new part, or with None if no outcome is left in it. Also write `changed` outcomes.

        The files of the old part become open files. They are deleted, or kept aside if they are `damaged`.
        """
        with wrap_sqlite_errors(self.path), transaction(self._db):
            self._put(map(to_values, changed))
            if new:
                self._insert_part(new)
                self._db.execute("UPDATE outcomes SET part = ? WHERE part = ?", (new.number, old.number))
            self._db.execute("DELETE FROM parts WHERE number = ?", (old.number,))
            self._db.executemany(sql.OPEN_FILE, ((file.name, old.number, damaged) for file in old.files))

    def _insert_part(self, part: Part) -> None:
        self._close(file.name for file in part.files)
        self._db.execute(sql.INSERT_PART, astuple(part))

    def _close(self, names: Iterable[str]) -> None:
        self._db.executemany("DELETE FROM open_files WHERE name = ?", ((name,) for name in names))

    def _put(self, rows: Iterable[Values]) -> None:
        """Write outcomes. Undecodable bodies of the outcomes that they replace become open files."""
        rows = list(rows)
        refs = json.dumps([ref for ref, *_ in rows])
        replaced = [sha256 for (sha256,) in self._db.execute(sql.SELECT_BODIES_OF, (refs,))]
        self._db.executemany(sql.PUT_OUTCOME, rows)
        unused = (each for each in replaced if self._db.execute(sql.SELECT_REFS_OF_BODY, (each,)).fetchone() is None)
        self._db.executemany(sql.OPEN_FILE, ((body_name(sha256), None, False) for sha256 in list(unused)))

    def drift_id(self, drift: Drift) -> int:
        """Return the id of a kind of drift. A new id is on the disk with the next commit at the latest."""
        if drift not in self._drift_ids:
            values = (drift.path, str(drift.kind), drift.expected, drift.found)
            with wrap_sqlite_errors(self.path), transaction(self._db):
                self._db.execute(sql.INSERT_DRIFT, values)
                (self._drift_ids[drift],) = self._db.execute(sql.SELECT_DRIFT_ID, values).fetchone()
        return self._drift_ids[drift]

    def drift_counts(self) -> Iterator[tuple[str, list[tuple[Drift, int]]]]:
        """Yield the ref and drift counts of each fetched conversation. A run can commit between two batches."""
        query = "SELECT ref, drift FROM outcomes WHERE outcome = 'fetched' AND ref > ? ORDER BY ref LIMIT ?"
        last = ""
        while batch := self._fetch_all(query, last, BATCH_ROWS):
            known = self._known_drift()  # read after the batch: a run may have added kinds of drift in between
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
        with wrap_sqlite_errors(self.path):
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        self._db.close()


def drift_counts(manifest: Manifest, drift: Sequence[Drift]) -> str | None:
    """Return the drift counts of a conversation by `drift_id`, as a JSON object; None if there is no drift."""
    if not drift:
        return None
    counts = Counter(manifest.drift_id(with_wildcards(each)) for each in drift)
    return json.dumps({str(drift_id): count for drift_id, count in sorted(counts.items())}, separators=(",", ":"))


def body_name(sha256: str) -> str:
    """Return the name of an undecodable body, relative to the directory."""
    return f"undecodable/{sha256}.body"
