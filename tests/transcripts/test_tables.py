"""Tables: rows by column, and no text that a spreadsheet takes for a formula, however it splits the cells."""

import csv
import io
import re
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import Conversation, Message
from conversas.transcripts.tables import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    conversation_row,
    csv_line,
    defused,
    message_rows,
)
from support.examples import OUTCOMES, at, example
from support.planted import planted

SIGNS = "=+-@＝＋－＠"  # noqa: RUF001  # full-width signs begin formulas as well
TEXTS = st.text(st.sampled_from([*SIGNS, *' \t\r\n;,"', "1", "a"]), max_size=8)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+5511", "'+5511"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (" =1", " '=1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("a-b", "a-b"),
        ("Olá; tudo bem?", "Olá; tudo bem?"),
    ],
)
def test_formulas_are_defused(text: str, safe: str) -> None:
    assert defused(text) == safe


@given(TEXTS)
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_line([text]), newline=""))
    assert not row[0].startswith(("\t", "\r", "\n"))
    assert not row[0].lstrip().startswith(tuple(SIGNS))


@given(TEXTS)
def test_no_piece_is_a_formula_if_the_cell_is_split_at_semicolons_tabs_or_lines(text: str) -> None:
    pieces = re.split(r"[;\t\r\n]", csv_line(["zild:1", text]).partition(",")[2])
    assert [piece for piece in pieces if piece.strip(' "').startswith(tuple(SIGNS))] == []


@given(TEXTS)
def test_the_words_stay(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_line([text]), newline=""))
    assert row[0].replace("'", "") == text


def test_numbers_and_times_are_no_texts() -> None:
    zone = timezone(timedelta(hours=-3))
    assert csv_line([-1, None, at(2026, 1, 5, 2)], zone) == "-1,,2026-01-04 23:00:00-03:00\r\n"
    assert csv_line([at(2026, 1, 5, 2)]) == "2026-01-05 02:00:00+00:00\r\n"


@pytest.mark.parametrize("name", OUTCOMES)
def test_each_row_has_all_columns(name: str) -> None:
    conversation = example(name)
    assert tuple(conversation_row(conversation)) == CONVERSATION_COLUMNS
    rows = list(message_rows(conversation))
    assert [row["position"] for row in rows] == [*range(1, len(conversation.messages) + 1)]
    assert {tuple(row) for row in rows} <= {MESSAGE_COLUMNS}


def test_no_column_holds_a_url() -> None:
    url = "https://files.example/a?token=secret"
    conversation = planted(url)
    shown = {name for name, cell in conversation_row(conversation).items() if cell == url}
    assert "files" not in shown
    assert next(message_rows(conversation))["files"] == "unnamed"


def test_an_empty_conversation_has_a_row() -> None:
    row = conversation_row(Conversation(provider="zild", messages=(Message(),)))
    assert (row["ref"], row["messages"], row["score"]) == ("zild:?", 1, None)
