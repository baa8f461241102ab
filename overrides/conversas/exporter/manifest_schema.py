"""Tables of the manifest: their SQL, and a class for the rows of each table."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, cast

from attrs import evolve, fields, frozen

from conversas.client.refresh import PERMANENT_ERRORS
from conversas.records.serialization import SCHEMA_VERSION as SCHEMA_VERSION_OF_RECORDS

SCHEMA_VERSION = 2
APPLICATION_ID = 0x636F6E76  # "conv", so that `file` and SQLite recognize it
NOT_A_MANIFEST = "is not the manifest of an export; export to a new directory"

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    conversations INTEGER NOT NULL, raw_name TEXT, raw_sha256 TEXT, raw_bytes INTEGER,
    package_version TEXT, spec_versions TEXT, record_schema INTEGER NOT NULL
);
CREATE TABLE providers (
    provider TEXT PRIMARY KEY, account TEXT NOT NULL, base_url TEXT NOT NULL, timezone TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE open_files (name TEXT PRIMARY KEY, part INTEGER, damaged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE kept_aside (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE erased (ref TEXT PRIMARY KEY, pending INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outcomes (
    ref TEXT PRIMARY KEY, outcome TEXT NOT NULL, error TEXT, reason TEXT, fetch_again INTEGER NOT NULL,
    attempts INTEGER NOT NULL, sha256 TEXT, undecodable TEXT, fingerprint TEXT, verdict TEXT, reasons TEXT,
    scored INTEGER, original TEXT, drift TEXT, time TEXT NOT NULL, part INTEGER
) WITHOUT ROWID;
CREATE INDEX outcomes_by_part ON outcomes (part);
CREATE INDEX undecodable_bodies ON outcomes (undecodable) WHERE undecodable IS NOT NULL;
CREATE TABLE drift (
    drift_id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, expected TEXT NOT NULL, found NOT NULL,
    UNIQUE (path, kind, expected, found)
);
"""


@frozen(kw_only=True)
class OutcomeRow:
    """Outcome of one ref: a row of the table `outcomes`."""

    ref: str
    outcome: str
    """`fetched` or `failed`."""
    error: str | None = None
    """The class of the error. For a fetched conversation, the error of the last attempt to refresh it."""
    reason: str | None = None
    """The message of the error, without the ref."""
    fetch_again: bool = False
    """True if the next run fetches the ref again."""
    attempts: int = 0
    """Number of requests."""
    sha256: str | None = None
    """SHA-256 of the body of the conversation; None without a conversation, or if its body is lost or not kept."""
    undecodable: str | None = None
    """SHA-256 of the body of the last attempt, if that body is not a conversation."""
    fingerprint: str | None = None
    verdict: str | None = None
    """Verdict on the completeness of the conversation."""
    reasons: str | None = None
    """Reasons for the verdict, as a JSON array."""
    scored: bool | None = None
    """True if the evaluation of the conversation has a score."""
    original: str | None = None
    """SHA-256 of the provider's own object, as the part holds its text; None if the part does not hold the object."""
    drift: str | None = None
    """Drift counts by `drift_id` of the table `drift`, as a JSON object."""
    time: str
    """Time of the outcome, in UTC."""
    part: int | None = None
    """Number of the part that holds the conversation."""


@frozen
class StoredFile:
    """A finished file of an export."""

    name: str
    """Path relative to the directory, with slashes."""
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
    package_version: str | None = None
    """Version of this package that decoded the conversations; None if the version is not known."""
    spec_versions: str | None = None
    """Version of each provider's spec, as a JSON object; None if the versions are not known."""
    record_schema: int = SCHEMA_VERSION_OF_RECORDS
    """Version of the record's schema."""

    def with_versions_of(self, other: "Part") -> "Part":
        """Return this part with the versions of another part, whose conversations it holds."""
        versions = (other.package_version, other.spec_versions, other.record_schema)
        return evolve(self, package_version=versions[0], spec_versions=versions[1], record_schema=versions[2])

    @property
    def files(self) -> Iterator[StoredFile]:
        """Files of the part."""
        yield StoredFile(self.name, self.sha256, self.bytes)
        if self.raw_name and self.raw_sha256:
            yield StoredFile(self.raw_name, self.raw_sha256, self.raw_bytes or 0)


@frozen
class Account:
    """Account that the conversations of a provider come from: a row of the table `providers`."""

    provider: str
    account: str
    """Label of the account, or its base URL if it has no label."""
    base_url: str
    timezone: str
    """Time zone for times without an offset."""


@frozen
class OpenFile:
    """A file of the export that no outcome relies on: a row of the table `open_files`.

    Its name is committed before the file is created, or together with the outcomes that no longer rely on the file.
    """

    name: str
    part: int | None = None
    """Number of the part that the file belongs to; None if it belongs to no part."""
    damaged: bool = False
    """True if the file is damaged. A damaged file is kept aside; other open files are deleted."""


OUTCOME_COLUMNS = tuple(column.name for column in fields(OutcomeRow))
PART_COLUMNS = tuple(column.name for column in fields(Part))

SELECT_OUTCOMES = f"SELECT {', '.join(OUTCOME_COLUMNS)} FROM outcomes"  # noqa: S608  # only constants, here and below
SELECT_OUTCOME = f"{SELECT_OUTCOMES} WHERE ref = ?"
SELECT_ACCOUNTS = "SELECT provider, account, base_url, timezone FROM providers"
PUT_ACCOUNT = "INSERT OR REPLACE INTO providers VALUES (?, ?, ?, ?)"
SELECT_PARTS = f"SELECT {', '.join(PART_COLUMNS)} FROM parts ORDER BY number"  # noqa: S608
PUT_OUTCOME = f"INSERT OR REPLACE INTO outcomes VALUES ({', '.join('?' for _ in OUTCOME_COLUMNS)})"  # noqa: S608
OPEN_FILE = "INSERT OR REPLACE INTO open_files VALUES (?, ?, ?)"
SELECT_OPEN_FILES = "SELECT name, part, damaged FROM open_files"
HAS_UNDECODABLE = "undecodable IS NOT NULL"
SELECT_BODIES_OF = (
    "SELECT DISTINCT undecodable FROM outcomes"
    " WHERE undecodable IS NOT NULL AND ref IN (SELECT value FROM json_each(?))"
)
SELECT_REFS_OF_BODY = "SELECT 1 FROM outcomes WHERE undecodable = ?"
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
"""Convert a row to a tuple for SQLite. A run keeps its rows as tuples, which the garbage collector does not track."""


def ref_key(text: str) -> str:
    """Return a ref as the manifest stores it. A lone surrogate is escaped: UTF-8 cannot encode it."""
    return text.encode("utf-8", "backslashreplace").decode()


def from_values(values: Values) -> OutcomeRow:
    """Convert a tuple from SQLite to a row."""
    return OutcomeRow(**cast(dict[str, Any], dict(zip(OUTCOME_COLUMNS, values, strict=True))))
