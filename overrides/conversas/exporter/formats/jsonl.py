"""Parts of JSON lines, each line a conversation in its neutral form; with zstd, where that is asked for."""

import io
import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from conversas.exporter.directory import create
from conversas.exporter.optional import library
from conversas.records.conversation import Conversation
from conversas.records.serialization import NeutralForm

_LEVEL = 3  # zstd's own choice; a higher one takes longer than all the rest of an export


@define
class JsonLines:
    """A part that is being written."""

    path: Path
    compress: bool
    _file: IO[bytes] = field(init=False, repr=False)
    _lines: Any = field(init=False, repr=False)
    _length: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._file = self._lines = create(self.path)
        if self.compress:
            self._lines = zstandard_library().ZstdCompressor(_LEVEL, write_checksum=True).stream_writer(self._file)

    def write(self, neutral: NeutralForm[Conversation]) -> None:
        self.write_line(neutral.line())

    def write_line(self, line: bytes) -> None:
        self._lines.write(line)
        self._length += len(line)

    def size(self) -> int:
        """Give about how many bytes it has."""
        return self._file.tell() if self.compress else self._length

    def close(self) -> None:
        try:
            self._lines.close()
        finally:
            self._file.close()


def zstandard_library() -> Any:
    """Give the library that compresses.

    Raises:
        ConfigurationError: It is not installed.
    """
    return library("zstandard", needed_for="compression", extra="compress")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        source: Any = zstandard_library().ZstdDecompressor().stream_reader(file) if path.suffix == ".zst" else file
        yield from io.BufferedReader(source) if path.suffix == ".zst" else file


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the neutral form of each conversation in a part."""
    return map(json.loads, _lines(path))  # which reads integers of more than 64 bits, too


def refs(path: Path) -> Iterator[str]:
    """Yield the ref of each conversation in a part."""
    return (form["ref"] for form in read(path))


def copy(old: Path, new: Path, wanted: AbstractSet[str]) -> None:
    """Write the conversations of these refs, and no others, to another part."""
    part = JsonLines(new, old.suffix == ".zst")
    try:
        for line in _lines(old):
            if json.loads(line)["ref"] in wanted:
                part.write_line(line)
    finally:
        part.close()
