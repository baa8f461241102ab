"""Conversations as tables: one row for each conversation or message, and CSV that no spreadsheet reads as formulas."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo

from conversas.records.conversation import Conversation, Evaluation, Message
from conversas.records.enums import AgentKind, Rating, Role
from conversas.transcripts.attachments import attachment_name
from conversas.transcripts.times import in_zone

Cell = str | int | float | datetime | None

_FORMULA = re.compile(r'(^|[;\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])')  # noqa: RUF001  # full-width signs also begin formulas
"""The beginning of a text that a spreadsheet may read as a formula, even in the middle of a cell.

If the list separator is a semicolon, as in Brazil, a spreadsheet splits a cell of CSV at semicolons and line breaks.
"""
_SPACE_BEFORE_FORMULA = ("\t", "\r", "\n")


def _joined(texts: Iterable[str | None]) -> str:
    return ", ".join(text for text in texts if text)


def _ref(conversation: Conversation) -> str:
    return str(conversation.ref or f"{conversation.provider}:?")


def conversation_row(conversation: Conversation) -> dict[str, Cell]:
    """Return the row of a conversation, by column."""
    roles = Counter(message.role for message in conversation.messages)
    speakers = Counter(message.speaker for message in conversation.messages)
    rated = Counter(message.rating for message in conversation.messages)
    agent, queue, duration = conversation.agent, conversation.queue, conversation.duration
    evaluation = conversation.evaluation or Evaluation()
    return {
        "ref": _ref(conversation),
        "provider": conversation.provider,
        "status": str(conversation.status),
        "completeness": str(conversation.completeness.verdict),
        "reasons": _joined(conversation.completeness.reasons),
        "title": conversation.title,
        "summary": conversation.summary,
        "customer": _joined(contact.name for contact in conversation.contacts),
        "customer_address": _joined(contact.address for contact in conversation.contacts),
        "customer_email": _joined(contact.email for contact in conversation.contacts),
        "agent": (agent.name or agent.id) if agent else None,
        "agent_kind": str(agent.kind) if agent else None,
        "queue": (queue.name or queue.id) if queue else None,
        "channel": str(conversation.channel),
        "created_at": conversation.created_at,
        "ended_at": conversation.ended_at,
        "duration_seconds": duration.total_seconds() if duration is not None else None,
        "messages": len(conversation.messages),
        "customer_messages": roles[Role.CUSTOMER],
        "agent_messages": roles[Role.AGENT],
        "bot_messages": speakers[AgentKind.BOT],
        "human_messages": speakers[AgentKind.HUMAN],
        "rated_good": rated[Rating.GOOD],
        "rated_bad": rated[Rating.BAD],
        "score": evaluation.score,
        "final_score": evaluation.final_score,
        "sentiment": conversation.sentiment,
        "tags": _joined(tag.name for tag in conversation.tags),
        "files": _joined(map(attachment_name, conversation.attachments)),
        "notes": _joined(conversation.notes),
    }


def message_rows(conversation: Conversation) -> Iterator[dict[str, Cell]]:
    """Yield the row of each message, by column. Positions begin at 1."""
    for position, message in enumerate(conversation.messages, start=1):
        yield {"ref": _ref(conversation), "position": position, **_message_cells(message)}


def _message_cells(message: Message) -> dict[str, Cell]:
    error = message.error
    return {
        "sent_at": message.sent_at,
        "role": str(message.role),
        "speaker": message.speaker and str(message.speaker),
        "author": message.author,
        "text": message.text,
        "rating": message.rating and str(message.rating),
        "sentiment": message.sentiment,
        "is_survey": None if message.is_survey is None else str(message.is_survey).lower(),
        "files": _joined(map(attachment_name, message.attachments)),
        "not_delivered": _joined((error.code, error.message)) if error else None,
    }


CONVERSATION_COLUMNS = tuple(conversation_row(Conversation(provider="-")))
MESSAGE_COLUMNS = ("ref", "position", *_message_cells(Message()))


def csv_line(cells: Iterable[Cell], zone: tzinfo | None = None) -> str:
    """Return a row as a line of CSV, with times in `zone` (by default UTC). No text in it is a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([_csv_cell(cell, zone or UTC) for cell in cells])
    return line.getvalue()


def defused(text: str) -> str:
    """Return a text with `'` before each part that a spreadsheet may read as a formula."""
    text = _FORMULA.sub(r"\1\2'", text)
    return f"'{text}" if text.startswith(_SPACE_BEFORE_FORMULA) else text


def _csv_cell(cell: Cell, zone: tzinfo) -> str | int | float | None:
    if isinstance(cell, datetime):
        return in_zone(cell, zone).isoformat(sep=" ", timespec="seconds")
    return defused(cell.replace("\0", "")) if isinstance(cell, str) else cell
