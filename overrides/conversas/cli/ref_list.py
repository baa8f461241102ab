"""Plain lists of refs, one per line, as people and programs write them."""

import re
from collections.abc import Iterator
from typing import IO

from conversas.cli.input_file import as_text
from conversas.errors import ConfigurationError

MAX_LINE = 65_536  # characters
_QUOTES = {'"': '"', "'": "'", "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}"}
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_MARGIN = "\ufeff\xa0 \t\r\n"
_AFTER_QUOTES = re.compile(r"[ \t]*[,;]?[ \t]*(?:[ \t]#.*)?")


def read_lines(file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the ref of each line that has a ref, without quotes, comment, trailing comma and margins.

    Raises:
        ConfigurationError: A line is too long for a ref, or the encoding is broken.
    """
    number = 0
    try:
        with as_text(file, newline=None) as text:
            while line := text.readline(MAX_LINE):
                number += 1
                if len(line) == MAX_LINE:
                    message = f"{name}:{number}: the line is too long for a ref; for a table, pass --column"
                    raise ConfigurationError(message)
                if ref := ref_of_line(line):
                    yield number, ref
    except UnicodeDecodeError as error:
        encoding = error.encoding
    else:
        return
    raise ConfigurationError(f"{name}:{number + 1}: the text is not valid {encoding.upper()}; save the file as UTF-8")


def ref_of_line(line: str) -> str:
    """Return the ref of a line; an empty string if the line has no ref."""
    text = line.strip(_MARGIN)
    if closing := _QUOTES.get(text[:1]):
        inside, found, after = text[1:].partition(closing)
        if found and _AFTER_QUOTES.fullmatch(after):
            return inside.strip(_MARGIN)
    if "#" in text:
        text = _COMMENT.sub("", text, count=1).rstrip(_MARGIN)
    return text[:-1].rstrip(_MARGIN) if text.endswith((",", ";")) else text
