"""Tables of conversations and messages in an Excel workbook. Text is written as text, never as a formula or a link."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

from conversas import Conversation
from conversas.optional import library
from conversas.transcripts.tables import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    Cell,
    conversation_row,
    message_rows,
)
from conversas.transcripts.times import in_zone

MAX_ROWS = 1_048_576  # in a sheet
MAX_CHARACTERS = 32_767  # in a cell
FIRST_YEAR = 1900
MAX_EXACT_INTEGER = 2**53  # Excel has only floating-point numbers
_TEXT_IS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_xlsx(
    conversations: Iterable[Conversation],
    file: BinaryIO,
    *,
    directory: Path,
    zone: tzinfo | None,
    max_rows: int = MAX_ROWS,
) -> None:
    """Write a workbook with a sheet of conversations and a sheet of messages. A full sheet continues in a new sheet.

    Rows are kept in temporary files in `directory` until the end. Times are in `zone`, by default in UTC.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    xlsxwriter = load_library()
    options = {"constant_memory": True, "tmpdir": str(directory), "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(file, {**_TEXT_IS_TEXT, **options}) as workbook:
        first = _Table(workbook, "conversations", CONVERSATION_COLUMNS, zone or UTC, max_rows)
        second = _Table(workbook, "messages", MESSAGE_COLUMNS, zone or UTC, max_rows)
        for conversation in conversations:
            first.write(conversation_row(conversation).values())
            for row in message_rows(conversation):
                second.write(row.values())


def load_library() -> Any:
    """Import xlsxwriter.

    Raises:
        ConfigurationError: xlsxwriter is not installed; the message says how to install it.
    """
    return library("xlsxwriter", needed_for="XLSX", extra="xlsx")


class _Table:
    """A table that continues in a new sheet when a sheet is full."""

    def __init__(self, workbook: Any, name: str, columns: Iterable[str], zone: tzinfo, max_rows: int) -> None:
        self._workbook, self._name, self._columns = workbook, name, columns
        self._zone, self._max_rows, self._sheets = zone, max_rows, 0
        self._add_sheet()

    def _add_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 1)
        self._row = 0
        self._write(self._columns)

    def write(self, cells: Iterable[Cell]) -> None:
        if self._row == self._max_rows:
            self._add_sheet()
        self._write(cells)

    def _write(self, cells: Iterable[Cell]) -> None:
        for column, cell in enumerate(cells):
            self._write_cell(column, cell)
        self._row += 1

    def _write_cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            local = in_zone(cell, self._zone).replace(tzinfo=None)
            if local.year >= FIRST_YEAR:
                self._sheet.write_datetime(self._row, column, local)
                return
            cell = local.isoformat(sep=" ")
        if isinstance(cell, int) and abs(cell) > MAX_EXACT_INTEGER:
            cell = str(cell)
        if isinstance(cell, str):
            text = cell if len(cell) <= MAX_CHARACTERS else f"{cell[: MAX_CHARACTERS - 1]}…"
            self._sheet.write_string(self._row, column, text)
        elif cell is not None:
            self._sheet.write_number(self._row, column, cell)
