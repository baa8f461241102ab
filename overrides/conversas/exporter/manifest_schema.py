"""Tables of the manifest: their SQL, a record for a row of each, and checks of a database that comes from elsewhere."""

import contextlib
import functools
import sqlite3
from collections.abc import Callable, Iterator
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from attrs import fields, frozen

from conversas.errors import ExportError
from conversas.records.drift import DriftKind
from conversas.records.enums import Reason, Verdict

SCHEMA_VERSION = 2
MAX_VALUE_BYTES = 16 * 1024 * 1024  # of one value in a row
APPLICATION_ID = 0x636F6E76  # "conv", so that `file` and SQLite recognize it
NOT_A_MANIFEST = "is not the manifest of an export; export to a new directory"
PERMANENT_ERRORS = frozenset({"BodyTooLargeError", "NotFoundError", "PermissionDeniedError"})
"""Errors of a conversation that another run would hardly change."""


def _words(kind: type[StrEnum]) -> str:
    return ", ".join(f"'{word}'" for word in kind)


SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    conversations INTEGER NOT NULL, raw_name TEXT, raw_sha256 TEXT, raw_bytes INTEGER
);
CREATE TABLE open_files (name TEXT PRIMARY KEY, part INTEGER, damaged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outcomes (
    ref TEXT PRIMARY KEY, outcome TEXT NOT NULL, error TEXT, reason TEXT, fetch_again INTEGER NOT NULL,
    attempts INTEGER NOT NULL, sha256 TEXT, fingerprint TEXT, verdict TEXT, reasons TEXT, drift TEXT,
    time TEXT NOT NULL, part INTEGER
) WITHOUT ROWID;
CREATE INDEX outcomes_by_part ON outcomes (part);
CREATE INDEX undecodable_bodies ON outcomes (sha256) WHERE outcome = 'failed' AND sha256 IS NOT NULL;
CREATE TABLE drift (
    drift_id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, expected TEXT NOT NULL, found NOT NULL,
    UNIQUE (path, kind, expected, found)
);
"""


_TEXT, _HASH = "typeof({0}) = 'text'", "{0} IS NULL OR (length({0}) = 64 AND {0} NOT GLOB '*[^0-9a-f]*')"
_TEXT_OR_NULL, _NUMBER = "typeof({0}) IN ('text', 'null')", "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 1 << 53"
_TIME = "{0} GLOB '[0-9][0-9][0-9][0-9]-??-??T??:??:??.??????+00:00' AND {0} > '0001' AND julianday({0}) IS NOT NULL"
_REASONS = f"""
    {{0}} IS NULL OR {{0}} = '[]' OR CASE WHEN json_valid({{0}}) AND typeof({{0}}) = 'text' THEN
    json_type({{0}}) = 'array' AND NOT EXISTS (SELECT 1 FROM json_each({{0}}) AS each WHERE each.type <> 'text'
    OR each.value NOT IN ({_words(Reason)})) END
"""  # noqa: S608  # only words of ours
_DRIFT_COUNTS = """
    {0} IS NULL OR CASE WHEN json_valid({0}) AND typeof({0}) = 'text' THEN
    json_type({0}) = 'object' AND NOT EXISTS (SELECT 1 FROM json_each({0}) AS each WHERE
    typeof(each.value) <> 'integer' OR each.value NOT BETWEEN 1 AND 1 << 53
    OR each.key NOT IN (SELECT CAST(drift_id AS TEXT) FROM drift)) END
"""
VALUES_WRITTEN = {
    "parts": {
        "number": "{0} BETWEEN 1 AND 1 << 31",
        "name": _TEXT,
        "sha256": f"{_TEXT} AND ({_HASH})",
        "bytes": _NUMBER,
        "conversations": _NUMBER,
        "raw_name": f"{_TEXT_OR_NULL} AND {{0}} IS NOT ''",
        "raw_sha256": f"({_HASH}) AND ({{0}} IS NULL) = (raw_name IS NULL)",
        "raw_bytes": f"{{0}} IS NULL OR ({_NUMBER})",
    },
    "open_files": {
        "name": _TEXT,
        "part": f"{{0}} IS NULL OR ({_NUMBER})",
        "damaged": "{0} IN (0, 1)",
    },
    "outcomes": {
        "ref": f"{_TEXT} AND (outcome = 'failed' OR {{0}} GLOB '?*:?*')",
        "outcome": "{0} IN ('fetched', 'failed')",
        "error": f"{_TEXT_OR_NULL} AND ({{0}} NOT NULL OR outcome = 'fetched')",
        "reason": f"{_TEXT_OR_NULL} AND ({{0}} NOT NULL OR outcome = 'fetched')",
        "fetch_again": "{0} IN (0, 1)",
        "attempts": _NUMBER,
        "sha256": _HASH,
        "fingerprint": _HASH,
        "verdict": f"{{0}} IN ({_words(Verdict)}) OR ({{0}} IS NULL AND outcome = 'failed')",
        "reasons": _REASONS,
        "drift": _DRIFT_COUNTS,
        "time": _TIME,
        "part": f"{{0}} IS NULL OR ({_NUMBER})",
    },
    "drift": {
        "path": f"{_TEXT} AND {{0}} GLOB '/*'",
        "kind": f"{{0}} IN ({_words(DriftKind)})",
        "expected": _TEXT,
        "found": "typeof({0}) IN ('text', 'integer')",
    },
}
"""What is true of each value that is written, by table and column."""


@frozen(kw_only=True)
class OutcomeRow:
    """Outcome of one ref: a row of the table `outcomes`."""

    ref: str
    outcome: str
    """`fetched` or `failed`."""
    error: str | None = None
    """The class of the error; of a fetched one, that of the last attempt to refresh it."""
    reason: str | None = None
    """The message of the error, without the ref."""
    fetch_again: bool = False
    """True if the next run fetches it again."""
    attempts: int = 0
    """Number of requests."""
    sha256: str | None = None
    """SHA-256 of the body, if there was one."""
    fingerprint: str | None = None
    verdict: str | None = None
    """Verdict of the completeness."""
    reasons: str | None = None
    """Reasons of the completeness, as a JSON array."""
    drift: str | None = None
    """Counts by `drift_id` of the table `drift`, as a JSON object."""
    time: str
    """Time of the outcome, in UTC."""
    part: int | None = None
    """The number of the part that holds it."""


@frozen
class StoredFile:
    """A finished file of an export."""

    name: str
    """Its path relative to the directory, with slashes."""
    sha256: str
    bytes: int


@frozen(kw_only=True)
class Part:
    """A file of conversations, and the raw archive of their bodies: a row of the table `parts`."""

    number: int
    name: str
    sha256: str
    bytes: int
    conversations: int
    raw_name: str | None = None
    raw_sha256: str | None = None
    raw_bytes: int | None = None

    @property
    def files(self) -> Iterator[StoredFile]:
        """Each of its files."""
        yield StoredFile(self.name, self.sha256, self.bytes)
        if self.raw_name and self.raw_sha256:
            yield StoredFile(self.raw_name, self.raw_sha256, self.raw_bytes or 0)


@frozen
class OpenFile:
    """A name that belongs to the export, and that no outcome relies on: a row of the table `open_files`.

    It is committed before the file is created, or with the outcomes that replace those of the file.
    """

    name: str
    part: int | None = None
    """Number of its part; None for an undecodable body and for the checksums."""
    damaged: bool = False
    """True if the file was damaged, and is kept aside; others are deleted."""


OUTCOME_COLUMNS = tuple(column.name for column in fields(OutcomeRow))
PART_COLUMNS = tuple(column.name for column in fields(Part))

SELECT_OUTCOMES = f"SELECT {', '.join(OUTCOME_COLUMNS)} FROM outcomes"  # noqa: S608  # only names of ours, here and below
SELECT_OUTCOME = f"{SELECT_OUTCOMES} WHERE ref = ?"
SELECT_PARTS = f"SELECT {', '.join(PART_COLUMNS)} FROM parts ORDER BY number"  # noqa: S608
PUT_OUTCOME = f"INSERT OR REPLACE INTO outcomes VALUES ({', '.join('?' for _ in OUTCOME_COLUMNS)})"  # noqa: S608
OPEN_FILE = "INSERT OR REPLACE INTO open_files VALUES (?, ?, ?)"
SELECT_OPEN_FILES = "SELECT name, part, damaged FROM open_files"
IS_UNDECODABLE = "outcome = 'failed' AND sha256 IS NOT NULL"
SELECT_BODIES_OF = (
    f"SELECT DISTINCT sha256 FROM outcomes WHERE {IS_UNDECODABLE} AND ref IN (SELECT value FROM json_each(?))"  # noqa: S608
)
SELECT_REFS_OF_BODY = f"SELECT 1 FROM outcomes WHERE {IS_UNDECODABLE} AND sha256 = ?"  # noqa: S608
INSERT_PART = f"INSERT INTO parts VALUES ({', '.join('?' for _ in PART_COLUMNS)})"  # noqa: S608
CONFIRM_PERMANENT_ERRORS = (
    "UPDATE outcomes SET fetch_again = 0 WHERE time > ? AND ref > ? AND ref < ?"  # noqa: S608
    f" AND error IN ({', '.join(map(repr, sorted(PERMANENT_ERRORS)))})"
)
SELECT_HIGHEST_ID = (
    "SELECT max(CAST(substr(ref, ?) AS INTEGER)) FROM outcomes WHERE outcome = 'fetched' AND ref > ? AND ref < ?"
)
SELECT_LAST_FETCHED = (
    "SELECT ref FROM outcomes WHERE outcome = 'fetched' AND error IS NULL AND ref > ? AND ref < ?"
    " ORDER BY time DESC LIMIT 1"
)
SELECT_DRIFT = "SELECT drift_id, path, kind, expected, found FROM drift"
INSERT_DRIFT = "INSERT OR IGNORE INTO drift VALUES (NULL, ?, ?, ?, ?)"
SELECT_DRIFT_ID = "SELECT drift_id FROM drift WHERE path = ? AND kind = ? AND expected = ? AND found = ?"

Values = tuple[str | int | None, ...]
to_values: Callable[[OutcomeRow], Values] = attrgetter(*OUTCOME_COLUMNS)
"""Convert a row to a tuple for SQLite. A run keeps its rows like that: the garbage collector does not track them."""


def invalid_values(table: str) -> str:
    """Return a query for one row of a table that was not written by conversas."""
    conditions = " AND ".join(f"({text.format(column)})" for column, text in VALUES_WRITTEN[table].items())
    return f"SELECT 1 FROM {table} WHERE NOT coalesce({conditions}, 0) LIMIT 1"  # noqa: S608


def from_values(values: Values) -> OutcomeRow:
    """Convert a tuple of SQLite to a row."""
    return OutcomeRow(**cast(dict[str, Any], dict(zip(OUTCOME_COLUMNS, values, strict=True))))


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Check that a database is a manifest of this version.

    Raises:
        ExportError: It is not.
    """
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise ExportError(f"{path} {NOT_A_MANIFEST}")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        newer = version > SCHEMA_VERSION
        advice = "upgrade conversas" if newer else "export to a new directory"
        raise ExportError(
            f"{path} has schema version {version}, and this conversas supports {SCHEMA_VERSION}; {advice}"
        )


def check_content(db: sqlite3.Connection, path: Path) -> None:
    """Check what came from elsewhere: a trigger, a view or a value that is not written here may do or mean anything.

    Raises:
        ExportError: There is one.
    """
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    db.execute("PRAGMA trusted_schema = OFF")
    if _tables(db) != _own_tables():
        found = "tables"
    elif any(db.execute(invalid_values(table)).fetchone() for table in VALUES_WRITTEN):
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
        for statement in SCHEMA.split(";"):
            db.execute(statement)
        return _tables(db)
