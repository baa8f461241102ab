"""Checksums of an export in SHA256SUMS, which `sha256sum --check` reads. The file exists once a run has finished."""

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
"""The first line of SHA256SUMS, even if a killed run has written only a part of it."""


def check_checksums(directory: ExportDirectory) -> None:
    """Check that SHA256SUMS, if it exists, belongs to the export: it must list the manifest.

    Raises:
        ExportError: Another program wrote SHA256SUMS, or a file with the name of an unfinished SHA256SUMS.
    """
    path = directory.checksums
    if os.path.lexists(path) and not _lists(path, f"  {directory.manifest.name}\n".encode()):
        raise ExportError(f"{path} does not belong to this export; move it away, and run the same command again")
    unfinished = temp_path(path)
    if os.path.lexists(unfinished) and (os.path.lexists(path) or not _is_unfinished(unfinished)):
        raise ExportError(f"{unfinished} does not belong to this export; move it away, and run the same command again")


def _lists(path: Path, name: bytes) -> bool:
    return is_regular_file(path) and name in path.read_bytes()


def _is_unfinished(path: Path) -> bool:
    return is_regular_file(path) and bool(_FIRST_LINE.match(path.read_bytes()))


def remove_checksums(directory: ExportDirectory) -> None:
    """Remove SHA256SUMS before the directory is changed."""
    directory.checksums.unlink(missing_ok=True)
    fsync_directory(directory.path)


def write_checksums(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> None:
    """Write SHA256SUMS after the manifest is closed at the end of a run. `files` has names with their SHA-256."""
    with create_private_file(temp_path(directory.checksums)) as file:
        file.write(checksum_lines(directory, files))
    publish(directory.checksums)


def has_checksums(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> bool:
    """Return whether SHA256SUMS matches these files and the current manifest.

    Raises:
        ExportError: SHA256SUMS is not a regular file.
    """
    expected = checksum_lines(directory, files)
    with open_regular_file(directory.checksums) as file:
        return file.read(len(expected) + 1) == expected


def checksum_lines(directory: ExportDirectory, files: Iterable[tuple[str, str]]) -> bytes:
    """Return the content of SHA256SUMS for these files and the current manifest."""
    manifest = directory.relative_name(directory.manifest), sha256_of(directory.manifest)
    return b"".join(f"{sha256}  {name}\n".encode() for name, sha256 in sorted([manifest, *files]))
