"""Files of an export: private to their owner, and durable before they get their final names."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from conversas.errors import ExportError

OWNER_ONLY_DIRECTORY, OWNER_ONLY_FILE = 0o700, 0o600
TEMP_SUFFIX = ".tmp"


def create_private_file(path: Path) -> BinaryIO:
    """Create a file that only its owner may read, and open it.

    Raises:
        FileExistsError: There is a file of this name, which is never replaced.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, OWNER_ONLY_FILE), "w+b", buffering=1024 * 1024)


def temp_path(path: Path) -> Path:
    """Return the name of a file while it is written, which is never taken for that of a finished one."""
    return path.with_name(path.name + TEMP_SUFFIX)


def publish(*paths: Path) -> None:
    """Write temporary files to the disk, rename them to these paths, then write their directories to the disk.

    Raises:
        FileExistsError: There is a file of one of these names, which is never replaced.
    """
    for path in paths:
        fsync_file(temp_path(path))
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        temp_path(path).rename(path)
    for directory in dict.fromkeys(path.parent for path in paths):
        fsync_directory(directory)


def fsync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot, and does not need it
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_sha256(path: Path, sha256: str) -> bool:
    """Return whether a file exists and has this SHA-256."""
    return path.is_file() and sha256_of(path) == sha256


@contextlib.contextmanager
def wrap_os_errors(path: Path) -> Generator[None]:
    """Raise errors of the operating system as an error that says what to do.

    Raises:
        ExportError: A file cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        error.__traceback__ = error.__context__ = None  # its frames hold what was to be written
    else:
        return
    raise ExportError(f"{path} cannot be read or written: {reason}; fix that and run the same command again")
