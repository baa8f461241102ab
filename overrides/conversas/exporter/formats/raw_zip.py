"""Raw archive of a part: a ZIP file with the exact bodies of its conversations, each named by its ref."""

import contextlib
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote

from attrs import define, field

from conversas.errors import ExportError
from conversas.exporter.files import create_private_file, open_regular_file
from conversas.exporter.formats.limits import check_size, untrusted

_DAMAGES = (
    ExportError,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@define
class RawArchive:
    """Writer of a raw archive, whose members have names such as `zild/123.json`."""

    path: Path
    compress: bool
    _file: IO[bytes] = field(init=False, repr=False)
    _zip: zipfile.ZipFile = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._file = create_private_file(self.path)
        method = zipfile.ZIP_DEFLATED if self.compress else zipfile.ZIP_STORED
        self._zip = zipfile.ZipFile(self._file, "w", method, compresslevel=1 if self.compress else None)

    def write(self, ref: str, body: bytes) -> None:
        self._zip.writestr(member_name(ref), body)

    def size(self) -> int:
        """Return the approximate size, in bytes."""
        return self._file.tell()

    def close(self) -> None:
        try:
            self._zip.close()
        finally:
            self._file.close()


def member_name(ref: str) -> str:
    """Return the name of a body in the archive. No id can lead out of the directory that the archive is unpacked to."""
    provider, _, id_ = ref.partition(":")
    return f"{provider}/{quote(id_, safe='')}.json"


@untrusted
def read(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ref and the body of each member."""
    for ref, size, member in _members(path):
        yield ref, member.read(size)  # without a size, `read` would unpack more than the declared size, then drop it


def salvage(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ref and the body of each member that can still be read from a damaged archive."""
    with contextlib.suppress(*_DAMAGES), open_regular_file(path) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            with contextlib.suppress(*_DAMAGES), archive.open(info) as member:
                check_size(info.file_size)
                yield _ref_of(info), member.read(info.file_size)


@untrusted
def read_hashes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the ref of each member and the SHA-256 of its body, which is not held in memory."""
    for ref, _, member in _members(path):
        yield ref, hashlib.file_digest(member, "sha256").hexdigest()


def _members(path: Path) -> Iterator[tuple[str, int, Any]]:
    """Yield the ref of each member, its size, and the member as a file.

    Raises:
        ValueError: `RawArchive` did not write the archive.
    """
    with open_regular_file(path) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            check_size(info.file_size)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError
            with archive.open(info) as member:
                yield _ref_of(info), info.file_size, member


def _ref_of(info: zipfile.ZipInfo) -> str:
    provider, _, id_ = info.filename.removesuffix(".json").partition("/")
    return f"{provider}:{unquote(id_)}"


def copy(source: Path, target: Path, refs: AbstractSet[str], *, compress: bool) -> None:
    """Copy the bodies of these refs to another archive."""
    archive = RawArchive(target, compress)
    try:
        for ref, body in read(source):
            if ref in refs:
                archive.write(ref, body)
    finally:
        archive.close()
