"""Files that the command line reads, from the disk, a pipe or stdin."""

import codecs
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from conversas.errors import ConfigurationError

STDIN = "-"
_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: the mark of UTF-32 begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def input_name(path: Path) -> str:
    """Return the name of a file for messages."""
    return "stdin" if str(path) == STDIN else str(path)


@contextmanager
def open_input(path: Path) -> Generator[IO[bytes]]:
    """Open a file for seeking. Stdin and pipes, which can be read only once, are copied to a private temporary file.

    Raises:
        ConfigurationError: The file cannot be read, now or later in the `with` block.
    """
    try:
        if path.is_file() and str(path) != STDIN:
            with path.open("rb") as file:
                yield file
        else:
            with tempfile.TemporaryFile() as copy:
                _copy(path, copy)
                yield copy
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ConfigurationError(f"{input_name(path)} cannot be read: {reason}") from None


def _copy(path: Path, copy: IO[bytes]) -> None:
    if str(path) == STDIN:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    else:
        with path.open("rb") as file:
            shutil.copyfileobj(file, copy)
    copy.seek(0)


@contextmanager
def as_text(file: IO[bytes], *, newline: str | None) -> Generator[io.TextIOWrapper]:
    """Yield a file as text: UTF-8, or UTF-16 or UTF-32 if it looks like them. Invalid UTF-8 becomes lone surrogates."""
    head = file.read(4)
    file.seek(0)
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), _without_mark(head))
    errors = "surrogateescape" if encoding == "utf-8-sig" else "surrogatepass"
    text = io.TextIOWrapper(file, encoding, errors, newline)
    try:
        yield text
    finally:
        text.detach()  # otherwise `text` would close the file


def _without_mark(head: bytes) -> str:
    """Return the encoding of a file without a byte order mark, from its first two characters: refs begin with ASCII."""
    match [bool(byte) for byte in head]:
        case [True, False, True, False]:
            return "utf-16-le"
        case [False, True, False, True]:
            return "utf-16-be"
        case _:
            return "utf-8-sig"
