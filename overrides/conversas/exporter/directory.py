"""The folder of an export: what lies where in it, who may read it, and what has reached the disk."""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from conversas.errors import ExportError

OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600
UNFINISHED = ".tmp"


@frozen
class Folder:
    """Where things are.

    `manifest.sqlite` says what became of each ref; `parts` holds the conversations, `raw` their bodies, `undecodable`
    the bodies that are none. `SHA256SUMS`, in the form of sha256sum, is there once a run has come to its end.
    """

    path: Path

    @property
    def manifest(self) -> Path:
        return self.path / "manifest.sqlite"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def sums(self) -> Path:
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

    def name_of(self, file: Path) -> str:
        """Give the name of a file within the folder, with slashes."""
        return file.relative_to(self.path).as_posix()

    def make(self) -> None:
        """Make what is missing of it.

        Raises:
            ExportError: It cannot be made or written, is a file, or holds files that are of no export.
        """
        with telling_of(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise ExportError(f"{self.path} is a file: export to a folder")
            if not self.manifest.exists() and self.path.is_dir() and any(self._strangers()):
                raise ExportError(f"{self.path} holds files of something else: export to a new folder, or an empty one")
            missing = [path for path in (self.path, *self.path.absolute().parents) if not path.exists()]
            self.path.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            self.path.chmod(OWNER_ONLY_FOLDER)
            for folder in (self.parts, self.raw, self.undecodable):
                folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
            sync_folder(self.path)
            for made in missing:
                with contextlib.suppress(PermissionError):  # where names may be written and not read
                    sync_folder(made.parent)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep everybody else out; a process that dies lets go of it. It is a lock of SQLite, as every system has it.

        Raises:
            ExportError: Somebody else is in.
        """
        with telling_of(self.path), contextlib.suppress(FileExistsError):
            # by nobody who holds it: to close a file lets go of all locks that its process has on it
            os.close(os.open(self.lock, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY_FILE))
        with self._holding("rw", "BEGIN EXCLUSIVE"):
            yield

    @contextlib.contextmanager
    def at_rest(self) -> Generator[None]:
        """Keep runs out while the folder is read. Nothing is written, and others may read it, too.

        Raises:
            ExportError: A run is in.
        """
        if self.lock.exists():
            with self._holding("ro", "BEGIN", "SELECT * FROM sqlite_schema"):
                yield
        else:  # nobody is in
            yield

    @contextlib.contextmanager
    def _holding(self, mode: str, *statements: str) -> Generator[None]:
        with contextlib.closing(self._connected(mode)) as db:
            try:
                for statement in statements:
                    db.execute(statement)
            except sqlite3.OperationalError:
                taken = True
            else:
                taken = False
                yield
        if taken:
            raise ExportError(f"another run works in {self.path}: wait until it ends")

    def _connected(self, mode: str) -> sqlite3.Connection:
        lock = f"{self.lock.absolute().as_uri()}?mode={mode}"
        with contextlib.suppress(sqlite3.OperationalError):
            return sqlite3.connect(lock, uri=True, timeout=0, isolation_level=None)
        raise ExportError(f"{self.lock} cannot be opened: is it yours?")

    def _strangers(self) -> Iterator[Path]:
        """Yield what a run that was killed at its very start would not have left."""
        journal = self.lock.with_name(f"{self.lock.name}-journal")  # SQLite's, while it is locked
        ours = {self.lock, journal, self.parts, self.raw, self.undecodable}
        return (file for file in self.path.iterdir() if file not in ours)

    def files(self) -> Iterator[Path]:
        """Yield the files that the manifest has to name."""
        for folder in (self.parts, self.raw, self.undecodable):
            if folder.is_dir():
                yield from sorted(file for file in folder.iterdir() if file.is_file())

    def sweep(self, named: Iterable[str]) -> None:
        """Delete the files that the manifest does not name: a run that was killed left them."""
        kept = set(named)
        for file in self.files():
            if self.name_of(file) not in kept:
                file.unlink()


def create(path: Path) -> BinaryIO:
    """Open a new file for writing that its owner alone may read; what stands there is replaced."""
    flags = os.O_CREAT | os.O_TRUNC | os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, OWNER_ONLY_FILE), "w+b", buffering=1024 * 1024)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot, and does not need it
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def telling_of(path: Path) -> Generator[None]:
    """Turn what the system says of a folder into an error that says what to do.

    Raises:
        ExportError: It cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        error.__traceback__ = error.__context__ = None  # its frames hold what was to be written
    else:
        return
    raise ExportError(f"{path} cannot be read or written: {reason}; mend that and run the same command again")
