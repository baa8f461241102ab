"""The twin of a part: the exact bodies of its conversations, in a ZIP file, each under the name of its ref."""

import zipfile
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote

from attrs import define, field

from conversas.exporter.directory import create


@define
class RawBodies:
    """A twin that is being written. Its members are such as `zild/123.json`."""

    path: Path
    compress: bool
    _file: IO[bytes] = field(init=False, repr=False)
    _zip: zipfile.ZipFile = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._file = create(self.path)
        method = zipfile.ZIP_DEFLATED if self.compress else zipfile.ZIP_STORED
        self._zip = zipfile.ZipFile(self._file, "w", method, compresslevel=1 if self.compress else None)

    def write(self, ref: str, body: bytes) -> None:
        self._zip.writestr(member_of(ref), body)

    def size(self) -> int:
        """Give about how many bytes it has."""
        return self._file.tell()

    def close(self) -> None:
        try:
            self._zip.close()
        finally:
            self._file.close()


def member_of(ref: str) -> str:
    """Give the name of a body: no id can lead out of the folder that it is unpacked to."""
    provider, _, id_ = ref.partition(":")
    return f"{provider}/{quote(id_, safe='')}.json"


def read(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ref and the body of each member."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            provider, _, id_ = name.removesuffix(".json").partition("/")
            yield f"{provider}:{unquote(id_)}", archive.read(name)


def copy(old: Path, new: Path, wanted: AbstractSet[str], *, compress: bool) -> None:
    """Write the bodies of these refs, and no others, to another twin."""
    twin = RawBodies(new, compress)
    try:
        for ref, body in read(old):
            if ref in wanted:
                twin.write(ref, body)
    finally:
        twin.close()
