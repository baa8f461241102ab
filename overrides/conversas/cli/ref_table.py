"""Columns of refs in tables: CSV, TSV and Parquet."""

import csv
import decimal
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from conversas.cli.input_file import as_text
from conversas.errors import ConfigurationError
from conversas.optional import library

PARQUET_MAGIC = b"PAR1"
MAX_CELL = 64 * 1024 * 1024  # characters: a table may have whole transcripts next to the ids
MAX_HEADER_LINES = 1_000  # the name of a column may have line breaks
MAX_NAMES = 20  # columns that a message names
MAX_NAME = 60  # characters
BATCH_ROWS = 10_000
_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?')  # the first line, which tells Excel the delimiter
_FORMULA = re.compile(r'="(.*)"')  # keeps Excel from converting text to a number


def is_parquet(file: IO[bytes]) -> bool:
    """Return whether a file is Parquet, from its first bytes."""
    head = file.read(len(PARQUET_MAGIC))
    file.seek(0)
    return head == PARQUET_MAGIC


def read_column(file: IO[bytes], column: str, name: str) -> Iterator[tuple[int, str]]:
    """Yield the line number of each row (in Parquet, the row number) and the text of its cell, which may be empty.

    Raises:
        ConfigurationError: The column does not exist or cannot have ids, or the file cannot be read.
    """
    return _read_parquet(file, column, name) if is_parquet(file) else _read_csv(file, column, name)


def parquet_columns(file: IO[bytes]) -> str:
    """Return the names of the columns of a Parquet file, for a message."""
    return _shown(_open_parquet(file, "the file").schema_arrow.names)


def _read_csv(file: IO[bytes], column: str, name: str) -> Iterator[tuple[int, str]]:
    csv.field_size_limit(MAX_CELL)
    line, problem = 0, ""
    try:
        with as_text(file, newline="") as text:
            header, delimiter = _header(text)
            index, delimiter = _find_in_header(header, delimiter, column, name)
            reader, line = csv.reader(text, delimiter=delimiter, strict=True), len(header)
            for row in reader:
                begins_at, line = line + 1, len(header) + reader.line_num
                if row:
                    yield begins_at, _cell(row[index]) if index < len(row) else ""
    except csv.Error as error:
        problem = str(error)
    except UnicodeDecodeError as error:
        problem = f"the text is not valid {error.encoding.upper()}"
    if problem:
        raise ConfigurationError(f"{name}:{line + 1}: the table cannot be read: {problem}")


def _header(text: Iterable[str]) -> tuple[list[str], str]:
    """Return the lines of the first row, and its delimiter if the file names it."""
    lines = iter(text)
    first = next(lines, "")
    if separator := _SEPARATOR_LINE.fullmatch(first):
        second, _ = _header(lines)
        return [first, *second], separator[1]
    header, quotes = [first], first.count('"')
    while quotes % 2 and len(header) < MAX_HEADER_LINES and (line := next(lines, "")):
        header.append(line)
        quotes += line.count('"')
    return header, ""


def _find_in_header(header: list[str], delimiter: str, column: str, name: str) -> tuple[int, str]:
    """Return the position of a column, and the delimiter that the file names, or else one that finds the column.

    Raises:
        ConfigurationError: The column does not exist, or exists several times.
    """
    lines = header[1:] if delimiter else header
    rows = [(_names(lines, each), each) for each in delimiter or _DELIMITERS]
    rows.sort(key=lambda row: len(row[0]), reverse=True)
    for names, each in rows:
        if _matches(names, column):
            return _position(names, column, name), each
    raise _missing(rows[0][0], column, name)


def _names(header: list[str], delimiter: str) -> list[str]:
    row = next(csv.reader(header, delimiter=delimiter), list[str]())
    return [_decoded(cell).strip("\ufeff\xa0 \t\r\n") for cell in row]


def _decoded(text: str) -> str:
    """Return a name. If it is not UTF-8, decode it as Windows-1252, which Excel uses in Brazil and Western Europe."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode(_encoding_of(text), "replace")


def _encoding_of(text: str) -> str:
    return "cp1252" if re.search(r"[\udc80-\udcff]", text) else "utf-8"


def _matches(names: Sequence[str], column: str) -> list[int]:
    """Return the positions of a column by its exact name, or else ignoring case."""
    exact = [at for at, name in enumerate(names) if name == column]
    return exact or [at for at, name in enumerate(names) if name.casefold() == column.strip().casefold()]


def _position(names: Sequence[str], column: str, name: str) -> int:
    found = _matches(names, column)
    if len(found) > 1:
        raise ConfigurationError(f"{name} has {len(found)} columns named {column}; rename all except one")
    if not found:
        raise _missing(names, column, name)
    return found[0]


def _missing(names: Sequence[str], column: str, name: str) -> ConfigurationError:
    return ConfigurationError(f"{name} has no column {column}; it has {_shown(names)}")


def _shown(names: Sequence[str]) -> str:
    shown = [each if len(each) <= MAX_NAME else f"{each[:MAX_NAME]}…" for each in names[:MAX_NAMES]]
    more = f", and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(each or "(no name)" for each in shown) + more if shown else "none"


def _cell(text: str) -> str:
    text = text.strip("\ufeff\xa0 \t\r\n")
    formula = _FORMULA.fullmatch(text)
    return formula[1].strip() if formula else text


def _read_parquet(file: IO[bytes], column: str, name: str) -> Iterator[tuple[int, str]]:
    parquet = _open_parquet(file, name)
    names = parquet.schema_arrow.names
    field = parquet.schema_arrow.field(_position(names, column, name))
    if not _can_have_ids(field.type):
        raise ConfigurationError(f"the column {column} of {name} must hold text or numbers, got {field.type}")
    arrow, problem = library("pyarrow", needed_for="reading Parquet", extra="parquet"), ""
    try:
        batches = parquet.iter_batches(BATCH_ROWS, columns=[field.name])
        cells = itertools.chain.from_iterable(batch.column(0).to_pylist() for batch in batches)
        for number, value in enumerate(cells, start=1):
            yield number, _text(value)
    except (arrow.ArrowException, OSError) as error:
        problem = type(error).__name__
    if problem:
        raise ConfigurationError(f"{name} is damaged: its column {column} cannot be read ({problem})")


def _open_parquet(file: IO[bytes], name: str) -> Any:
    parquet = library("pyarrow.parquet", needed_for=f"reading {name}", extra="parquet")
    arrow = library("pyarrow", needed_for="reading Parquet", extra="parquet")
    try:
        return parquet.ParquetFile(file)
    except arrow.ArrowException:
        raise ConfigurationError(f"{name} begins like Parquet, but cannot be read") from None


def _can_have_ids(kind: Any) -> bool:
    types: Any = library("pyarrow.types", needed_for="reading Parquet", extra="parquet")
    if types.is_dictionary(kind):
        kind = kind.value_type
    texts = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    binary = types.is_binary(kind) or types.is_large_binary(kind)
    numbers = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(texts or binary or numbers or types.is_null(kind))


def _text(value: object) -> str:
    """Return a cell of Parquet as text: an empty string for null, and `123` for 123.0."""
    match value:
        case None:
            return ""
        case bytes():
            return _cell(value.decode("utf-8", "surrogateescape"))
        case float():
            return _number(decimal.Decimal(value))
        case decimal.Decimal():
            return _number(value)
        case _:
            return _cell(str(value))


def _number(value: decimal.Decimal) -> str:
    if value.is_nan():  # pandas writes null as NaN
        return ""
    is_whole = value.is_finite() and abs(value) < 2**63 and value == value.to_integral_value()
    return str(int(value)) if is_whole else str(value)
