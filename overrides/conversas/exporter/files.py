"""Files of an export, which are private to their owner, and durable before they get their final names."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Generator
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO

from conversas.errors import ExportError

OWNER_ONLY_DIRECTORY, OWNER_ONLY_FILE = 0o700, 0o600
TEMP_SUFFIX = ".tmp"


def create_private_file(path: Path) -> BinaryIO:
    """Create a file that only its owner may read, and open it.

    Raises:
        FileExistsError: A file of this name exists; it is never replaced.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, OWNER_ONLY_FILE), "w+b", buffering=1024 * 1024)


def temp_path(path: Path) -> Path:
    """Return the name of a file while it is written. It is never mistaken for the name of a finished file."""
    return path.with_name(path.name + TEMP_SUFFIX)


def publish(*paths: Path) -> None:
    """Write temporary files to the disk, rename them to these paths, then write their directories to the disk.

    Raises:
        FileExistsError: A file of one of these names exists; it is never replaced.
    """
    for path in paths:
        fsync_file(temp_path(path))
    for path in paths:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        temp_path(path).rename(path)
    for directory in dict.fromkeys(path.parent for path in paths):
        fsync_directory(directory)


def replace(path: Path) -> None:
    """Write a temporary file to the disk, let it replace this file, then write the directory to the disk."""
    fsync_file(temp_path(path))
    temp_path(path).replace(path)
    fsync_directory(path.parent)


def fsync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a directory, and does not need to
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_regular_file(path: Path) -> BufferedReader:
    """Open a file for reading, unless it is a link, a pipe or a device. A link leads elsewhere; a pipe may never end.

    Raises:
        ExportError: The file is not a regular file.
    """
    check_regular_file(path)
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"):
        flag: int = vars(os).get(name, 0)  # not every system has every flag
        flags |= flag
    return BufferedReader(FileIO(os.open(path, flags)), 1024 * 1024)


def check_regular_file(path: Path) -> None:
    """Check that a file is a regular file.

    Raises:
        ExportError: The file is a link, a pipe or a device.
        FileNotFoundError: The file does not exist.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ExportError(f"{path} must be a regular file, not a link, pipe or device; put a copy of the file there")


def is_regular_file(path: Path) -> bool:
    """Return whether a regular file exists at this path. A link is not a regular file."""
    return os.path.lexists(path) and stat.S_ISREG(path.lstat().st_mode)


def check_single_name(path: Path) -> None:
    """Check that a file that is changed in place has only one name.

    Otherwise, the content would also change under the file's other name.

    Raises:
        ExportError: The file has another name, for example because a copy of the directory consists of hard links.
    """
    if path.lstat().st_nlink > 1:
        raise ExportError(f"{path} has another name (a hard link); put a copy of the file in its place")


def check_no_link(directory: Path) -> None:
    """Check that a directory, if it exists, is not a link to another directory.

    Raises:
        ExportError: The directory is a link.
    """
    if not os.path.lexists(directory):
        return
    junction: int = getattr(directory.lstat(), "st_reparse_tag", 0)  # set on Windows
    if junction or directory.is_symlink():
        raise ExportError(f"{directory} must be a directory, not a link; put the directory itself in its place")


def may_open_files() -> bool:
    """Return whether this process may open one more file. SQLite does not say why it cannot open a file."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with open_regular_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_sha256(path: Path, sha256: str) -> bool:
    """Return whether a file exists and has this SHA-256."""
    return is_regular_file(path) and sha256_of(path) == sha256


@contextlib.contextmanager
def wrap_os_errors(path: Path) -> Generator[None]:
    """Convert errors of the operating system to an error that says what to do.

    Raises:
        ExportError: A file cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        error.__traceback__ = error.__context__ = None  # the frames hold the content to write
    else:
        return
    raise ExportError(f"{path} cannot be read or written: {reason}; fix that, and run the same command again")
