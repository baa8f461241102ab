"""Parts of JSON lines: each line is a conversation in its neutral form, optionally compressed with zstd."""

import contextlib
import io
import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from conversas.exporter.files import create_private_file
from conversas.exporter.formats.original import original_json
from conversas.exporter.optional import library
from conversas.records.conversation import Conversation
from conversas.records.serialization import ORIGINAL, SerializedRecord

_LEVEL = 3  # zstd's default; a higher one takes longer than all the rest of an export


@define
class JsonlWriter:
    """Writer of a part of JSON lines."""

    path: Path
    compress: bool
    original: bool = False
    """Whether each line has the platform's own object as well."""
    _file: IO[bytes] = field(init=False, repr=False)
    _lines: Any = field(init=False, repr=False)
    _length: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._file = self._lines = create_private_file(self.path)
        if self.compress:
            self._lines = zstandard_library().ZstdCompressor(_LEVEL, write_checksum=True).stream_writer(self._file)

    def write(self, serialized: SerializedRecord[Conversation]) -> None:
        line = serialized.line()
        self.write_line(_with_original(line, serialized.record.raw) if self.original else line)

    def write_line(self, line: bytes) -> None:
        self._lines.write(line)
        self._length += len(line)

    def size(self) -> int:
        """Return the approximate size, in bytes."""
        return self._file.tell() if self.compress else self._length

    def close(self) -> None:
        try:
            self._lines.close()
        finally:
            self._file.close()


def _with_original(line: bytes, body: bytes) -> bytes:
    return b'%b,"%b":%b}\n' % (line.removesuffix(b"}\n"), ORIGINAL.encode(), original_json(body) or b"null")


def zstandard_library() -> Any:
    """Return the library that compresses.

    Raises:
        ConfigurationError: It is not installed.
    """
    return library("zstandard", needed_for="compression", extra="compress")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the neutral form of each conversation in a part."""
    return map(json.loads, _lines(path))  # unlike orjson, it reads integers of more than 64 bits


def salvage(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what can still be read of a damaged part."""
    errors = (OSError, zstandard_library().ZstdError) if path.suffix == ".zst" else (OSError,)
    with contextlib.suppress(*errors):
        for line in _lines(path):
            with contextlib.suppress(ValueError, RecursionError):
                yield json.loads(line)


def read_refs(path: Path) -> Iterator[str]:
    """Yield the ref of each conversation in a part."""
    return (record["ref"] for record in read(path))


def copy(source: Path, target: Path, refs: AbstractSet[str]) -> None:
    """Write the conversations of these refs to another part."""
    part = JsonlWriter(target, source.suffix == ".zst")
    try:
        for line in _lines(source):
            if json.loads(line)["ref"] in refs:
                part.write_line(line)
    finally:
        part.close()


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        stream: Any = zstandard_library().ZstdDecompressor().stream_reader(file) if path.suffix == ".zst" else file
        yield from io.BufferedReader(stream) if path.suffix == ".zst" else file
