"""The directory of an export: its paths, its locks, and the files that belong to it."""

import contextlib
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from collections.abc import Set as AbstractSet
from os import PathLike
from pathlib import Path
from typing import Self

from attrs import frozen

from conversas.errors import ConfigurationError, ExportError
from conversas.exporter.database import check_database
from conversas.exporter.files import (
    OWNER_ONLY_DIRECTORY,
    OWNER_ONLY_FILE,
    check_no_link,
    check_single_name,
    fsync_directory,
    is_regular_file,
    temp_path,
    wrap_os_errors,
)
from conversas.exporter.manifest_schema import OpenFile

_URL = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9+._-]+):/")
_FILE_NAME = re.compile(
    r"parts/part-[0-9]{6,12}\.(jsonl|jsonl\.zst|parquet)|raw/part-[0-9]{6,12}\.zip|undecodable/[0-9a-f]{64}\.body"
    r"|damaged/(part-[0-9]{6,12}\.(jsonl|jsonl\.zst|parquet|zip)|[0-9a-f]{64}\.body)(\.[0-9]{1,9})?"
)
_SYSTEM_FILES = frozenset({"Thumbs.db", "desktop.ini", "lost+found"})
"""Names of files that operating systems leave in any directory. Like hidden files, they do not stop a run."""
_NAMED_IN_MESSAGE = 3


@frozen
class ExportDirectory:
    """Paths of an export directory.

    `manifest.sqlite` has the outcome of each ref, `manifest.json` the accounts and tombstones, `parts` the
    conversations, `raw` their bodies, and `undecodable` the bodies that are not conversations. `SHA256SUMS`, as
    sha256sum reads it, exists once a run has finished.
    """

    path: Path

    @classmethod
    def at(cls, path: str | PathLike[str]) -> Self:
        """Return the directory at a local path.

        Raises:
            ConfigurationError: The value is a URL, or is not a path.
        """
        text = os.fspath(path) if isinstance(path, str | PathLike) else None  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        if not isinstance(text, str) or not text or "\0" in text:
            kind = type(path).__name__
            raise ConfigurationError(f"an export needs a directory, got an empty or invalid path ({kind})")
        if match := _URL.match(text):
            raise ConfigurationError(
                f"an export must be in a local directory, got a URL ({match[1]}:); export to a local directory, and"
                " copy that directory with the vendor's tool once the run has ended"
            )
        return cls(Path(text))

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
    def sidecar(self) -> Path:
        """The file with accounts and tombstones, which no part has."""
        return self.path / "manifest.json"

    @property
    def sidecar_temp(self) -> Path:
        return temp_path(self.sidecar)

    @property
    def parts(self) -> Path:
        return self.path / "parts"

    @property
    def raw(self) -> Path:
        return self.path / "raw"

    @property
    def undecodable(self) -> Path:
        return self.path / "undecodable"

    @property
    def damaged(self) -> Path:
        """The subdirectory for damaged files. No command reads these files; only an erasure deletes them."""
        return self.path / "damaged"

    @property
    def subdirectories(self) -> tuple[Path, ...]:
        """The subdirectories whose files are listed in the manifest."""
        return self.parts, self.raw, self.undecodable

    def relative_name(self, file: Path) -> str:
        """Return the path of a file relative to the directory, with slashes."""
        return file.relative_to(self.path).as_posix()

    def file(self, name: str) -> Path:
        """Return the path of a file by its name in the manifest, which may come from elsewhere.

        Raises:
            ExportError: An export never gives a file this name, or the file's directory is a link.
        """
        if not _FILE_NAME.fullmatch(name):
            raise ExportError(f"{self.manifest} names a file that no export writes; export to a new directory")
        path = self.path / name
        check_no_link(path.parent)
        return path

    def create(self) -> None:
        """Create the directory if it does not exist. Change nothing in a directory that exists.

        Raises:
            ExportError: The directory cannot be created or written, its path is a file, or it contains files that do
                not belong to an export.
        """
        with wrap_os_errors(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise ExportError(f"{self.path} is a file; export to a directory")
            if self._has_manifest():
                check_single_name(self.manifest)
            elif self.path.is_dir():
                self._refuse([*self._foreign_files(), *self.foreign_entries(frozenset())])
            self._refuse(self._foreign_lock())
            missing = [path for path in (self.path, *self.path.absolute().parents) if not path.exists()]
            self.path.mkdir(mode=OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
            for created in missing:
                with contextlib.suppress(PermissionError):  # the process may be unable to read the directory
                    fsync_directory(created.parent)

    def prepare(self, own: AbstractSet[str]) -> None:
        """Check that the subdirectories hold only the export's own files, then create those that are missing.

        Raises:
            ExportError: A subdirectory holds other files; nothing was changed.
        """
        with wrap_os_errors(self.path):
            self._refuse(self.foreign_entries(own))
            self.path.chmod(OWNER_ONLY_DIRECTORY)
            for directory in self.subdirectories:
                directory.mkdir(mode=OWNER_ONLY_DIRECTORY, exist_ok=True)
            fsync_directory(self.path)

    @contextlib.contextmanager
    def exclusive_lock(self) -> Generator[None]:
        """Keep other runs and readers out with a lock of SQLite, which is released when the process dies.

        Raises:
            ExportError: Another run or reader holds a lock.
        """
        with wrap_os_errors(self.path), contextlib.suppress(FileExistsError):
            # never open the file while the lock is held: closing a file releases all locks that the process has on it
            os.close(os.open(self.lock, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY_FILE))
        with self._held("rw", "BEGIN EXCLUSIVE"):
            yield

    @contextlib.contextmanager
    def shared_lock(self) -> Generator[None]:
        """Keep runs out while the directory is read. Write nothing, and let other readers in.

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
        problem = None  # raised below, so that the error of SQLite is not its context
        with contextlib.closing(self._connect(mode)) as db:
            try:
                for statement in statements:
                    db.execute(statement)
            except sqlite3.OperationalError:
                problem = f"another run is using {self.path}; wait until it ends"
            except sqlite3.DatabaseError:
                problem = f"{self.lock} belongs to another program; move it away, and run the same command again"
            else:
                yield
        if problem:
            raise ExportError(problem)

    def _connect(self, mode: str) -> sqlite3.Connection:
        check_database(self.lock)
        lock = f"{self.lock.absolute().as_uri()}?mode={mode}"
        with contextlib.suppress(sqlite3.OperationalError):
            return sqlite3.connect(lock, uri=True, timeout=0, isolation_level=None)
        raise ExportError(f"{self.lock} cannot be opened; check its owner and permissions")

    def _has_manifest(self) -> bool:
        """Return whether there is a manifest. A run that is killed at its very start leaves an empty file."""
        return self.manifest.exists() and self.manifest.stat().st_size > 0

    def _foreign_files(self) -> Iterator[str]:
        """Yield the names of files that a run cannot have left, even if it was killed at its very start."""
        journal = self.lock.with_name(f"{self.lock.name}-journal")  # SQLite creates it while the lock is held
        own = {self.manifest, self.lock, journal, *self.subdirectories}
        if self.manifest.exists():
            own.add(self.manifest.with_name(f"{self.manifest.name}-journal"))
        return (file.name for file in sorted(self.path.iterdir()) if file not in own and not _is_of_the_system(file))

    def _foreign_lock(self) -> Iterator[str]:
        """Yield the name of the lock if another program made the file: the lock of an export is empty."""
        if os.path.lexists(self.lock) and (not is_regular_file(self.lock) or self.lock.stat().st_size):
            yield self.lock.name

    def foreign_entries(self, own: AbstractSet[str]) -> Iterator[str]:
        """Yield the names in the subdirectories that are not the export's own, or are not regular files."""
        if os.path.lexists(self.damaged) and not _is_plain_directory(self.damaged):
            yield self.damaged.name
        for directory in filter(os.path.lexists, self.subdirectories):
            if not _is_plain_directory(directory):
                yield directory.name
                continue
            for entry in sorted(directory.iterdir()):
                name = self.relative_name(entry)
                if not (name in own and is_regular_file(entry)) and not _is_of_the_system(entry):
                    yield name

    def _refuse(self, names: Iterable[str]) -> None:
        found = list(names)
        if not found:
            return
        more = len(found) - _NAMED_IN_MESSAGE
        listed = ", ".join(found[:_NAMED_IN_MESSAGE]) + (f" and {more:,} more" if more > 0 else "")
        raise ExportError(
            f"{self.path} contains other files, which no manifest lists: {listed}; nothing was changed: export to a new"
            f" directory, move the files away, or, if they are parts of an export, run conversas adopt {self.path}"
        )

    def sweep(self, files: Iterable[OpenFile], keep_aside: Callable[[str], None]) -> None:
        """Delete open files, and keep damaged files aside. Pass each new name to `keep_aside` before renaming."""
        own, touched = {path.name: path for path in (self.checksums, self.sidecar_temp)}, set[Path]()
        for file in files:
            path = own.get(file.name) or self.file(file.name)
            for left in filter(os.path.lexists, (temp_path(path), path)):
                if file.damaged and left == path:
                    self._keep_aside(path, keep_aside)
                else:
                    left.unlink()
                touched.add(path.parent)
        for directory in touched:
            fsync_directory(directory)

    def _keep_aside(self, path: Path, record: Callable[[str], None]) -> None:
        self.damaged.mkdir(mode=OWNER_ONLY_DIRECTORY, exist_ok=True)
        target, number = self.damaged / path.name, 1
        while os.path.lexists(target):
            target, number = self.damaged / f"{path.name}.{number}", number + 1
        record(self.relative_name(target))
        path.rename(target)
        fsync_directory(self.damaged)


def _is_plain_directory(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _is_of_the_system(path: Path) -> bool:
    return path.name.startswith(".") or path.name in _SYSTEM_FILES
