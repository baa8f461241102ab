"""Checksums of an export: SHA256SUMS, which exists once a run has finished, as `sha256sum --check` reads it."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from conversas.errors import ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import (
    create_private_file,
    fsync_directory,
    is_regular_file,
    open_regular_file,
    publish,
    sha256_of,
    temp_path,
)

_FIRST_LINE = re.compile(rb"[0-9a-f]{64}  \S|[0-9a-f]{0,64} {0,2}\Z")
"""The first line of the checksums, also of those that a killed run has written in part."""


def check_checksums(directory: ExportDirectory) -> None:
    """Check that SHA256SUMS, if there is one, is that of an export: it lists the manifest.

    Raises:
        ExportError: Another program wrote it, or what has the name of an unfinished one.
    """
    path = directory.checksums
    if os.path.lexists(path) and not _lists(path, f"  {directory.manifest.name}\n".encode()):
        raise ExportError(f"{path} is not of this export; move it away, and run the same command again")
    unfinished = temp_path(path)
    if os.path.lexists(unfinished) and (os.path.lexists(path) or not _is_unfinished(unfinished)):
        raise ExportError(f"{unfinished} is not of this export; move it away, and run the same command again")


def _lists(path: Path, name: bytes) -> bool:
    return is_regular_file(path) and name in path.read_bytes()


def _is_unfinished(path: Path) -> bool:
    return is_regular_file(path) and bool(_FIRST_LINE.match(path.read_bytes()))


def remove_checksums(directory: ExportDirectory) -> None:
    """Remove SHA256SUMS before the directory is changed."""
    directory.checksums.unlink(missing_ok=True)
    fsync_directory(directory.path)


def write_checksums(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> None:
    """Write SHA256SUMS after a run has finished and the manifest is closed; `files` are names with their SHA-256."""
    with create_private_file(temp_path(directory.checksums)) as file:
        file.write(checksum_lines(directory, files))
    publish(directory.checksums)


def has_checksums(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> bool:
    """Return whether SHA256SUMS is that of these files and the manifest as it is.

    Raises:
        ExportError: It is no regular file.
    """
    expected = checksum_lines(directory, files)
    with open_regular_file(directory.checksums) as file:
        return file.read(len(expected) + 1) == expected


def checksum_lines(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> bytes:
    """Return the content of SHA256SUMS for these files and the manifest as it is."""
    manifest = directory.relative_name(directory.manifest), sha256_of(directory.manifest)
    return b"".join(f"{sha256}  {name}\n".encode() for name, sha256 in sorted([manifest, *files]))
