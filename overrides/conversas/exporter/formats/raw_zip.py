"""Raw archive of a part: the exact bodies of its conversations in a ZIP file, each under the name of its ref."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

from attrs import define, field

from conversas.exporter.files import create_private_file

_DAMAGES = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)


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
    """Return the name of a body. No id can lead out of the directory that it is unpacked to."""
    provider, _, id_ = ref.partition(":")
    return f"{provider}/{quote(id_, safe='')}.json"


def read(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ref and the body of each member."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield _ref_of(name), archive.read(name)


def salvage(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ref and the body of each member that can still be read from a damaged archive."""
    with contextlib.suppress(*_DAMAGES), zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with contextlib.suppress(*_DAMAGES):
                yield _ref_of(name), archive.read(name)


def _ref_of(name: str) -> str:
    provider, _, id_ = name.removesuffix(".json").partition("/")
    return f"{provider}:{unquote(id_)}"


def copy(source: Path, target: Path, refs: AbstractSet[str], *, compress: bool) -> None:
    """Write the bodies of these refs to another archive."""
    archive = RawArchive(target, compress)
    try:
        for ref, body in read(source):
            if ref in refs:
                archive.write(ref, body)
    finally:
        archive.close()
