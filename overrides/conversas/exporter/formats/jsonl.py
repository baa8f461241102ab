"""Parts in JSON lines. Each line is a conversation in its neutral form. A part may be compressed with zstd."""

import contextlib
import io
import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from conversas.client.outcome_columns import conversation_batches
from conversas.errors import ExportError
from conversas.exporter.files import create_private_file, open_regular_file
from conversas.exporter.formats.limits import MAX_RECORD_BYTES, check_size, ref_of, untrusted
from conversas.exporter.formats.original import add_original, original_of
from conversas.optional import library
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord

_LEVEL = 3  # zstd's default; a higher level takes longer than all the rest of an export
_MAX_WINDOW_BYTES = 8 * 1024 * 1024  # RFC 8878 asks readers to support this size; the window of level 3 is smaller
_BUFFER_BYTES = 128 * 1024


@define
class JsonlWriter:
    """Writer of a part in JSON lines."""

    path: Path
    compress: bool
    _file: IO[bytes] = field(init=False, repr=False)
    _lines: Any = field(init=False, repr=False)
    _length: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._file = self._lines = create_private_file(self.path)
        if self.compress:
            self._lines = zstandard_library().ZstdCompressor(_LEVEL, write_checksum=True).stream_writer(self._file)

    def write(self, serialized: SerializedRecord[Conversation], original: bytes | None) -> None:
        self.write_line(add_original(serialized.line(), original))

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


def zstandard_library() -> Any:
    """Return the compression library.

    Raises:
        ConfigurationError: The library is not installed.
    """
    return library("zstandard", needed_for="compression", extra="compress")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the neutral form of each conversation in a part."""
    return (record for record, _ in _records(path))


def read_batches(path: Path) -> Iterator[Any]:
    """Yield the conversations of a part as record batches.

    Raises:
        DecodeError: The schema version of a record is not supported.
    """
    return conversation_batches(map(Conversation.from_dict, read(path)))


def salvage(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield what can still be read from a damaged part: each record with the text of the provider's own object."""
    damages: tuple[type[Exception], ...] = (ExportError, OSError, ValueError)
    if path.suffix == ".zst":
        damages = (*damages, zstandard_library().ZstdError)
    with contextlib.suppress(*damages):
        for line in _lines(path):
            with contextlib.suppress(ValueError, RecursionError):
                yield json.loads(line), original_of(line)


def read_refs(path: Path) -> Iterator[str]:
    """Yield the ref of each conversation in a part."""
    return (record["ref"] for record, _ in _records(path))


def copy(source: Path, target: Path, refs: AbstractSet[str]) -> None:
    """Copy the conversations of these refs to another part."""
    part = JsonlWriter(target, source.suffix == ".zst")
    try:
        for record, line in _records(source):
            if record["ref"] in refs:
                part.write_line(line)
    finally:
        part.close()


@untrusted
def _records(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the neutral form of each conversation in a part, with its line."""
    for line in _lines(path):
        record = json.loads(line)  # unlike orjson, json reads integers of more than 64 bits
        ref_of(record)
        yield record, line


def _lines(path: Path) -> Iterator[bytes]:
    with open_regular_file(path) as file:
        lines: Any = file
        if path.suffix == ".zst":
            decompressor = zstandard_library().ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
            lines = io.BufferedReader(decompressor.stream_reader(file), _BUFFER_BYTES)
        for line in iter(partial(lines.readline, MAX_RECORD_BYTES + 1), b""):
            check_size(len(line))
            yield line
