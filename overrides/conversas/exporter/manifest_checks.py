"""Checks of a manifest, which may come from elsewhere: its version, its tables, and their values."""

import contextlib
import functools
import sqlite3
from enum import StrEnum
from pathlib import Path

from conversas.errors import ExportError
from conversas.exporter.manifest_schema import APPLICATION_ID, NOT_A_MANIFEST, SCHEMA, SCHEMA_VERSION
from conversas.records.drift import DriftKind
from conversas.records.enums import Reason, Verdict
from conversas.records.serialization import SCHEMA_VERSION as RECORD_SCHEMA_VERSION

MAX_VALUE_BYTES = 16 * 1024 * 1024  # limit for one value in a row


def _words(kind: type[StrEnum]) -> str:
    return ", ".join(f"'{word}'" for word in kind)


_TEXT, _HASH = "typeof({0}) = 'text'", "{0} IS NULL OR (length({0}) = 64 AND {0} NOT GLOB '*[^0-9a-f]*')"
_TEXT_OR_NULL, _NUMBER = "typeof({0}) IN ('text', 'null')", "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 1 << 53"
_TIME = "{0} GLOB '[0-9][0-9][0-9][0-9]-??-??T??:??:??.??????+00:00' AND {0} > '0001' AND julianday({0}) IS NOT NULL"
_REASONS = f"""
    {{0}} IS NULL OR {{0}} = '[]' OR CASE WHEN json_valid({{0}}) AND typeof({{0}}) = 'text' THEN
    json_type({{0}}) = 'array' AND NOT EXISTS (SELECT 1 FROM json_each({{0}}) AS each WHERE each.type <> 'text'
    OR each.value NOT IN ({_words(Reason)})) END
"""  # noqa: S608  # only constants
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
        "package_version": _TEXT_OR_NULL,
        "spec_versions": f"{{0}} IS NULL OR ({_TEXT} AND json_valid({{0}}))",
        "record_schema": f"{{0}} BETWEEN 1 AND {RECORD_SCHEMA_VERSION}",
    },
    "providers": {"provider": _TEXT, "account": _TEXT, "base_url": _TEXT, "timezone": _TEXT},
    "open_files": {
        "name": _TEXT,
        "part": f"{{0}} IS NULL OR ({_NUMBER})",
        "damaged": "{0} IN (0, 1)",
    },
    "kept_aside": {"name": _TEXT},
    "erased": {"ref": _TEXT, "pending": "{0} IN (0, 1)"},
    "outcomes": {
        "ref": f"{_TEXT} AND (outcome = 'failed' OR {{0}} GLOB '?*:?*')",
        "outcome": "{0} IN ('fetched', 'failed')",
        "error": f"{_TEXT_OR_NULL} AND ({{0}} NOT NULL OR outcome = 'fetched')",
        "reason": f"{_TEXT_OR_NULL} AND ({{0}} NOT NULL OR outcome = 'fetched')",
        "fetch_again": "{0} IN (0, 1)",
        "attempts": _NUMBER,
        "sha256": f"({_HASH}) AND ({{0}} IS NULL OR outcome = 'fetched')",
        "undecodable": _HASH,
        "fingerprint": _HASH,
        "verdict": f"{{0}} IN ({_words(Verdict)}) OR ({{0}} IS NULL AND outcome = 'failed')",
        "reasons": _REASONS,
        "scored": "{0} IS NULL OR {0} IN (0, 1)",
        "original": _HASH,
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
"""SQL conditions that every written value meets, by table and column."""


def invalid_values(table: str) -> str:
    """Return a query for one row of a table that conversas did not write."""
    conditions = " AND ".join(f"({text.format(column)})" for column, text in VALUES_WRITTEN[table].items())
    return f"SELECT 1 FROM {table} WHERE NOT coalesce({conditions}, 0) LIMIT 1"  # noqa: S608


def check_version(db: sqlite3.Connection, path: Path) -> None:
    """Check that a database is a manifest of this schema version.

    Raises:
        ExportError: The database is not a manifest, or has a different schema version.
    """
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise ExportError(f"{path} {NOT_A_MANIFEST}")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        newer = version > SCHEMA_VERSION
        advice = "upgrade conversas" if newer else "export to a new directory"
        raise ExportError(
            f"{path} has schema version {version}, and this version of conversas supports {SCHEMA_VERSION}; {advice}"
        )


def check_content(db: sqlite3.Connection, path: Path) -> None:
    """Check that a manifest has only tables and values that conversas writes.

    conversas writes no trigger and no view, and one from elsewhere could do harm.

    Raises:
        ExportError: The manifest has other tables, triggers, views or values.
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
        f"{path} has {found} that this version of conversas does not write; upgrade conversas, or export to a new"
        " directory"
    )


def _tables(db: sqlite3.Connection) -> set[tuple[str, ...]]:
    """Return all definitions in a database, except those that SQLite itself adds."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return {row for row in rows if row[0] not in ("table", "index") or not str(row[1]).startswith("sqlite_")}


@functools.cache
def _own_tables() -> set[tuple[str, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for statement in SCHEMA.split(";"):
            db.execute(statement)
        return _tables(db)
