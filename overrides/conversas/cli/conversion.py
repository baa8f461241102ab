"""Conversion of the conversations of an export to another form: lines for language models, a page, text or a table."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from attrs import field, frozen

from conversas import ConfigurationError, Conversation, Redactor, Verdict
from conversas.cli.xlsx_file import load_library, write_xlsx
from conversas.records.serialization import escape_line_breaks
from conversas.transcripts.chat import ChatOptions, UnknownRoles, chat_messages, next_turns, ratings
from conversas.transcripts.gallery import gallery_html
from conversas.transcripts.labels import Language
from conversas.transcripts.tables import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    Cell,
    conversation_row,
    csv_line,
    message_rows,
)
from conversas.transcripts.text import to_text
from conversas.transcripts.times import time_zone


class Form(StrEnum):
    """Target formats of a conversion."""

    CHAT = "chat"
    NEXT_TURN = "next-turn"
    RATINGS = "ratings"
    HTML = "html"
    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"


LABELS = {True: "good", False: "bad", None: "unrated"}
"""Words for the label of a turn, in place of true, false and null: a reader that infers the type of a column from its
first lines, and finds only null there, refuses a later `true`.
"""
_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not read CSV as UTF-8


@frozen(kw_only=True)
class Conversion:
    """Options of a conversion, and counts of what it leaves out, by reason."""

    form: Form
    timezone: str | None = None
    language: Language = "en"
    rows: str = "conversations"
    system: str | None = None
    speaker: str | None = None
    strict: bool = False
    unknown_roles: UnknownRoles = "raise"
    only_complete: bool = False
    redactor: Redactor | None = None
    redacted: Counter[str] = field(factory=Counter[str])
    """Number of replaced values, by kind."""
    left_out: Counter[str] = field(factory=Counter[str])
    """Number of conversations that are left out, by reason."""
    written: Counter[Form] = field(factory=Counter[Form])
    """Number of lines written for language models, by form."""
    other_speakers: Counter[str] = field(factory=Counter[str])
    """Number of lines that `speaker` leaves out, by their speaker."""

    def check(self) -> None:
        """Check the options before anything is read.

        Raises:
            ConfigurationError: The time zone is invalid, or an extra is not installed.
        """
        time_zone(self.timezone)
        if self.form is Form.XLSX:
            load_library()

    def write(self, conversations: Iterable[Conversation], file: BinaryIO, *, directory: Path) -> None:
        """Write conversations to a file. A form that needs temporary files creates them in `directory`."""
        wanted = self._wanted(conversations)
        zone = time_zone(self.timezone)
        match self.form:
            case Form.CHAT | Form.NEXT_TURN | Form.RATINGS:
                file.writelines(self._json_lines(wanted))
            case Form.HTML:
                file.write(gallery_html(wanted, timezone=self.timezone, language=self.language).encode())
            case Form.TEXT:
                texts = (to_text(conversation, timezone=self.timezone) for conversation in wanted)
                file.writelines(f"{text}\n".encode() for text in texts)
            case Form.CSV:
                file.writelines(line.encode() for line in self._csv_lines(wanted))
            case Form.XLSX:
                write_xlsx(wanted, file, directory=directory, zone=zone)

    def _wanted(self, conversations: Iterable[Conversation]) -> Iterator[Conversation]:
        for conversation in conversations:
            if self.only_complete and conversation.completeness.verdict is not Verdict.COMPLETE:
                self.left_out["as incomplete"] += 1
            else:
                yield self._redacted(conversation)

    def _redacted(self, conversation: Conversation) -> Conversation:
        if self.redactor is None:
            return conversation
        redacted = self.redactor(conversation)
        self.redacted.update(redacted.counts)
        return redacted.conversation

    def _json_lines(self, conversations: Iterable[Conversation]) -> Iterator[bytes]:
        options: ChatOptions = {"system": self.system, "strict": self.strict, "unknown": self.unknown_roles}
        items = _ITEMS[self.form]
        for conversation in conversations:
            try:
                found = [*items(conversation, options)]
            except ConfigurationError:  # a role is unknown; the options were checked
                self.left_out["because of unknown roles"] += 1
                continue
            wanted = [item for item in found if self.speaker in (None, item.get("speaker"))]
            if self.speaker:
                self.other_speakers.update(item["speaker"] for item in found if item["speaker"] != self.speaker)
            self.written[self.form] += len(wanted)
            if not wanted:
                self.left_out["as empty"] += 1
            for item in wanted:
                yield escape_line_breaks(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))

    def _csv_lines(self, conversations: Iterable[Conversation]) -> Iterator[str]:
        columns, rows = _TABLES[self.rows]
        zone = time_zone(self.timezone)
        yield _BYTE_ORDER_MARK + csv_line(columns)
        for conversation in conversations:
            yield from (csv_line(row.values(), zone) for row in rows(conversation))


def _chat(conversation: Conversation, options: ChatOptions) -> Iterator[dict[str, Any]]:
    if messages := chat_messages(conversation, **options):
        yield {"messages": messages}


def _next_turns(conversation: Conversation, options: ChatOptions) -> Iterator[dict[str, Any]]:
    for turn in next_turns(conversation, **options):
        yield {**turn, "label": LABELS[turn["label"]]}


def _ratings(conversation: Conversation, options: ChatOptions) -> Iterator[dict[str, Any]]:
    yield from ({**answer} for answer in ratings(conversation, **options))


_ITEMS: dict[Form, Callable[[Conversation, ChatOptions], Iterator[dict[str, Any]]]] = {
    Form.CHAT: _chat,
    Form.NEXT_TURN: _next_turns,
    Form.RATINGS: _ratings,
}
_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Conversation], Iterable[dict[str, Cell]]]]] = {
    "conversations": (CONVERSATION_COLUMNS, lambda conversation: [conversation_row(conversation)]),
    "messages": (MESSAGE_COLUMNS, message_rows),
}
