"""SQLite databases that may come from elsewhere: which of them can be opened, and what their errors mean."""

import contextlib
import os
import sqlite3
from collections.abc import Generator
from pathlib import Path

from conversas.errors import ExportError
from conversas.exporter.files import check_regular_file, may_open_files, open_regular_file

_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # the end of a SQLite journal that names another journal
_PRIMARY_CODE = 0xFF  # bits of an extended error code of SQLite that are its primary code
_HEADER_BYTES, _APPLICATION_ID = 100, slice(68, 72)  # https://www.sqlite.org/fileformat2.html#the_database_header
_LOCKED = "is locked by another program that reads or writes it; close that program, and run the same command again"


def check_database(path: Path) -> None:
    """Check that SQLite can open a database without touching any file elsewhere.

    Raises:
        ExportError: The database or its journal is not a regular file, or the journal names another file. SQLite would
            delete that file.
    """
    journal = path.with_name(f"{path.name}-journal")
    for file in (path, journal, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if os.path.lexists(file):
            check_regular_file(file)  # do not open it: closing a file releases all locks that this process has on it
    if journal.exists():
        with open_regular_file(journal) as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - len(_SUPER_JOURNAL)))
            ending = opened.read(len(_SUPER_JOURNAL))
        if ending == _SUPER_JOURNAL:
            raise ExportError(f"{journal} was not written by conversas; delete it, and run the same command again")


def application_id(path: Path) -> int:
    """Return the application id of a database, read from the file itself.

    SQLite would apply the log of the database and delete the log.
    """
    with open_regular_file(path) as file:
        return int.from_bytes(file.read(_HEADER_BYTES)[_APPLICATION_ID], "big")


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """Commit the changes, or roll them back if an exception is raised."""
    if db.in_transaction:  # this transaction only reads
        db.execute("COMMIT")
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # the transaction may be rolled back already
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def wrap_sqlite_errors(path: Path) -> Generator[None]:
    """Convert errors of SQLite to an ExportError that says what to do, and quotes no value."""
    try:
        yield
    except sqlite3.OperationalError as error:  # the disk, permissions, or another program
        if not hasattr(error, "sqlite_errorcode"):  # Python's own error, which quotes the text
            reason = "holds text that is not UTF-8; export to a new directory"
            error.args = ()
        elif error.sqlite_errorcode & _PRIMARY_CODE in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            reason = _LOCKED
        elif error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_CANTOPEN and not may_open_files():
            reason = "cannot be opened: this process may open no more files; lower `concurrency`, or raise `ulimit -n`"
        else:
            reason = f"cannot be read or written: {error}; fix that, and run the same command again"
    except sqlite3.DatabaseError as error:
        is_corrupt = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE == sqlite3.SQLITE_CORRUPT
        text = error.sqlite_errorname if is_corrupt else str(error)  # the text of the error quotes a corrupt schema
        reason = (
            f"cannot be used: {text}; move it away, then run conversas adopt {path.parent} to rebuild it from the parts"
        )
        error.args = ()
    else:
        return
    raise ExportError(f"{path} {reason}")
