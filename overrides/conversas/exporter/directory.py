"""The directory of an export: its paths, its locks, and the files that belong to it."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from attrs import frozen

from conversas.errors import ExportError
from conversas.exporter.files import (
    OWNER_ONLY_DIRECTORY,
    OWNER_ONLY_FILE,
    check_database,
    check_no_link,
    fsync_directory,
    wrap_os_errors,
)

_FILE_NAME = re.compile(
    r"parts/part-[0-9]{6,12}\.(jsonl|jsonl\.zst|parquet)|raw/part-[0-9]{6,12}\.zip|undecodable/[0-9a-f]{64}\.body"
)


@frozen
class ExportDirectory:
    """Paths of an export directory.

    `manifest.sqlite` has the outcome of each ref, `parts` the conversations, `raw` their bodies, and `undecodable` the
    bodies that are not conversations. `SHA256SUMS`, as sha256sum reads it, exists once a run has finished.
    """

    path: Path

    @property
    def manifest(self) -> Path:
        return self.path / "manifest.sqlite"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def checksums(self) -> Path:
        return self.path / "SHA256SUMS"

    @property
    def parts(self) -> Path:
        return self.path / "parts"

    @property
    def raw(self) -> Path:
        return self.path / "raw"

    @property
    def undecodable(self) -> Path:
        return self.path / "undecodable"

    def relative_name(self, file: Path) -> str:
        """Return the path of a file relative to the directory, with slashes."""
        return file.relative_to(self.path).as_posix()

    def file(self, name: str) -> Path:
        """Return the path of a file by its name in the manifest, which may come from elsewhere.

        Raises:
            ExportError: The name is not one that an export gives to a file, or its directory is a link.
        """
        if not _FILE_NAME.fullmatch(name):
            raise ExportError(f"{self.manifest} names a file that is not of an export; export to a new directory")
        path = self.path / name
        check_no_link(path.parent)
        return path

    def create(self) -> None:
        """Create what is missing of it.

        Raises:
            ExportError: It cannot be created or written, is a file, or contains files of no export.
        """
        with wrap_os_errors(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise ExportError(f"{self.path} is a file; export to a directory")
            if not self.manifest.exists() and self.path.is_dir() and any(self._foreign_files()):
                raise ExportError(f"{self.path} contains other files; export to a new or an empty directory")
            missing = [path for path in (self.path, *self.path.absolute().parents) if not path.exists()]
            self.path.mkdir(mode=OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
            self.path.chmod(OWNER_ONLY_DIRECTORY)
            for directory in (self.parts, self.raw, self.undecodable):
                check_no_link(directory)
                directory.mkdir(mode=OWNER_ONLY_DIRECTORY, exist_ok=True)
            fsync_directory(self.path)
            for created in missing:
                with contextlib.suppress(PermissionError):  # if names may be written and not read
                    fsync_directory(created.parent)

    @contextlib.contextmanager
    def exclusive_lock(self) -> Generator[None]:
        """Keep other runs and readers out. It is a lock of SQLite, on every system, released when the process dies.

        Raises:
            ExportError: Another run or reader holds a lock.
        """
        with wrap_os_errors(self.path), contextlib.suppress(FileExistsError):
            # never opened while it is held: closing a file releases all locks that its process has on it
            os.close(os.open(self.lock, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY_FILE))
        with self._held("rw", "BEGIN EXCLUSIVE"):
            yield

    @contextlib.contextmanager
    def shared_lock(self) -> Generator[None]:
        """Keep runs out while the directory is read. Nothing is written, and other readers are let in.

        Raises:
            ExportError: A run holds the exclusive lock.
        """
        if os.path.lexists(self.lock):
            with self._held("ro", "BEGIN", "SELECT * FROM sqlite_schema"):
                yield
        else:  # no run has ever locked it
            yield

    @contextlib.contextmanager
    def _held(self, mode: str, *statements: str) -> Generator[None]:
        with contextlib.closing(self._connect(mode)) as db:
            try:
                for statement in statements:
                    db.execute(statement)
            except sqlite3.OperationalError:
                taken = True
            else:
                taken = False
                yield
        if taken:
            raise ExportError(f"another run is using {self.path}; wait until it ends")

    def _connect(self, mode: str) -> sqlite3.Connection:
        check_database(self.lock)
        lock = f"{self.lock.absolute().as_uri()}?mode={mode}"
        with contextlib.suppress(sqlite3.OperationalError):
            return sqlite3.connect(lock, uri=True, timeout=0, isolation_level=None)
        raise ExportError(f"{self.lock} cannot be opened; check its owner and permissions")

    def _foreign_files(self) -> Iterator[Path]:
        """Yield files that a run killed at its very start would not have left."""
        journal = self.lock.with_name(f"{self.lock.name}-journal")  # SQLite's, while it is locked
        own = {self.lock, journal, self.parts, self.raw, self.undecodable}
        return (file for file in self.path.iterdir() if file not in own)

    def files(self) -> Iterator[Path]:
        """Yield the files that the manifest must list."""
        for directory in (self.parts, self.raw, self.undecodable):
            check_no_link(directory)
            if directory.is_dir():
                yield from sorted(file for file in directory.iterdir() if file.is_file())

    def delete_orphans(self, listed: Iterable[str]) -> None:
        """Delete the files that the manifest does not list: a run that was killed left them."""
        kept = set(listed)
        for file in self.files():
            if self.relative_name(file) not in kept:
                file.unlink()
