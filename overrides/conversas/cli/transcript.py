"""Transcript of a conversation for people: a header with its facts, then its messages."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from rich.console import Console
from rich.text import Text

from conversas import Agent, Call, Contact, Conversation, Evaluation, Message, Rating, Role, Status, Verdict
from conversas.cli.console import print_columns
from conversas.cli.sanitize import escape_for_terminal

MAX_TEXT_CHARACTERS = 4000  # of a message; --json has all of them
MAX_NAME_CHARACTERS = 200
MAX_NAMES = 20  # contacts, tags
MAX_DRIFT = 6  # paths
LABEL_WIDTH = len("customer  ")
TIME_WIDTHS = {"minutes": len("12:34  "), "seconds": len("12:34:56  ")}

_ROLES = {Role.CUSTOMER: "bold cyan", Role.AGENT: "bold green", Role.SYSTEM: "dim", Role.UNKNOWN: "bold"}
_VERDICTS = {
    Verdict.COMPLETE: "complete",
    Verdict.IN_PROGRESS: "in progress",
    Verdict.TRUNCATED: "truncated",
    Verdict.UNKNOWN: "perhaps incomplete",
}
_VERDICT_STYLES = {Verdict.COMPLETE: "green", Verdict.TRUNCATED: "bold red"}
_STATUSES = {Status.CLOSED: "green"}
_RATINGS = {Rating.GOOD: "green", Rating.BAD: "yellow"}


def print_transcript(conversation: Conversation, console: Console, *, max_messages: int | None = None) -> None:
    """Print a conversation, wrapped at the width of the console, with at most `max_messages` messages."""
    console.print(_title(conversation), soft_wrap=True)
    for label, value in _header(conversation):
        print_columns(console, Text(label.ljust(LABEL_WIDTH), "dim"), value)
    day: date | None = None
    precision = (
        "seconds" if conversation.call or conversation.duration else "minutes"
    )  # a turn of a call takes seconds, a written one minutes
    shown = conversation.messages[:max_messages]
    if shown and shown[0].sent_at is None:
        console.print()
    for message in shown:
        if message.sent_at and message.sent_at.date() != day:
            console.print(Text(f"\n{message.sent_at:%Y-%m-%d, %A}", "dim"))
            day = message.sent_at.date()
        print_columns(console, _sender(message, precision), _content(message))
    if len(shown) < len(conversation.messages):
        console.print(Text(f"[{_count(len(conversation.messages) - len(shown), 'more message')}]", "dim"))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _sender(message: Message, precision: str) -> Text:
    time = message.sent_at.time().isoformat(precision) if message.sent_at else ""
    role = str(message.role).ljust(LABEL_WIDTH)
    return Text.assemble((time.ljust(TIME_WIDTHS[precision]), "dim"), (role, _ROLES[message.role]))


def _one_line(text: str | None) -> str:
    """Escape a text of the provider for one line, and shorten it."""
    return escape_for_terminal(" ".join((text or "")[:MAX_TEXT_CHARACTERS].split()))


def _title(conversation: Conversation) -> Text:
    verdict, status = conversation.completeness.verdict, conversation.status
    return Text.assemble(
        (_name(str(conversation.ref or f"{conversation.provider}:?")), "bold"),
        "  ",
        (str(status), _STATUSES.get(status, "yellow")),
        ", ",
        (_VERDICTS[verdict], _VERDICT_STYLES.get(verdict, "yellow")),
        f", {_count(len(conversation.messages), 'message')}",
    )


def _header(conversation: Conversation) -> Iterator[tuple[str, Text]]:
    for label, text in _facts(conversation):
        if text:
            yield label, Text(text)
    if conversation.evaluation and conversation.evaluation.high_importance_error:
        yield "alert", Text("an error of high importance", "bold red")
    if conversation.completeness.reasons:
        yield "doubts", Text(", ".join(_words(conversation.completeness.reasons)), "yellow")
    if conversation.drift:
        yield "drift", Text(_drift(conversation), "yellow")
    if conversation.notes:
        yield "notes", Text(", ".join(_words(conversation.notes)), "dim")


def _facts(conversation: Conversation) -> Iterator[tuple[str, str]]:
    channel, code = str(conversation.channel), _one_line(conversation.channel_code)
    yield "title", _one_line(conversation.title)
    yield "customer", _names(_contact(contact) for contact in conversation.contacts)
    yield "agent", _agent(conversation.agent)
    yield "channel", f"{channel} (the provider says {code})" if code not in ("", channel) else channel
    yield "time", _span(conversation.created_at, conversation.ended_at)
    yield "call", _call(conversation.call, conversation.duration)
    yield "quality", _quality(conversation.evaluation)
    yield "mood", _one_line(conversation.sentiment)
    yield "tags", _names(tag.name or "" for tag in conversation.tags)
    yield "summary", _one_line(conversation.summary)


def _names(names: Iterable[str]) -> str:
    nonempty = [name for name in names if name]
    shown = [_name(name) for name in nonempty[:MAX_NAMES]]
    more = len(nonempty) - len(shown)
    return ", ".join(shown) + (f", and {more:,} more" if more else "")


def _name(text: str) -> str:
    """Escape a name for one line, and shorten it."""
    return _one_line(text if len(text) <= MAX_NAME_CHARACTERS else f"{text[:MAX_NAME_CHARACTERS]}…")


def _words(names: Iterable[str]) -> list[str]:
    return [name.replace("-", " ") for name in names]


def _contact(contact: Contact) -> str:
    return " ".join(filter(None, (contact.name, contact.address, contact.email)))


def _agent(agent: Agent | None) -> str:
    return f"{_name(agent.name or agent.id or '')} ({agent.kind})".lstrip() if agent else ""


def _span(start: datetime | None, end: datetime | None) -> str:
    if start is None:
        return f"until {end:%Y-%m-%d %H:%M} {end:%Z}" if end else ""
    if end is None:
        return f"since {start:%Y-%m-%d %H:%M} {start:%Z}"
    form = "%H:%M" if end.date() == start.date() else "%Y-%m-%d %H:%M"
    return f"{start:%Y-%m-%d %H:%M} to {end:{form}} {end:%Z}"


def _call(call: Call | None, duration: timedelta | None) -> str:
    lasted = f"lasted {_whole_seconds(duration)}" if duration else ""
    facts = (_one_line(call.status), lasted, _one_line(call.disconnection_reason)) if call else (lasted,)
    return ", ".join(filter(None, facts))


def _whole_seconds(duration: timedelta) -> str:
    size = abs(duration)
    return f"{'-' if duration < timedelta() else ''}{size - timedelta(microseconds=size.microseconds)}"


def _quality(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return ""
    facts = (
        ("score", evaluation.score),
        ("final score", evaluation.final_score),
        ("status", evaluation.status_code),
        ("", _one_line(evaluation.status_message)),
    )
    return ", ".join(f"{name} {_one_line(str(value))}".strip() for name, value in facts if value not in (None, ""))


def _drift(conversation: Conversation) -> str:
    shown = [f"{_name(drift.path)} {drift.kind}" for drift in conversation.drift[:MAX_DRIFT]]
    more = len(conversation.drift) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def _content(message: Message) -> Text:
    text = message.text or ""
    content = Text(
        escape_for_terminal(text[:MAX_TEXT_CHARACTERS].replace("\r\n", "\n").expandtabs(4), keep="\n").strip("\n")
    )
    if len(text) > MAX_TEXT_CHARACTERS:
        content.append(f"\n[{_count(len(text) - MAX_TEXT_CHARACTERS, 'more character')}]", "dim")
    for remark, style in _remarks(message):
        content.append(f"\n{remark}" if content.plain else remark, style)
    return content


def _remarks(message: Message) -> Iterator[tuple[str, str]]:
    for attachment in message.attachments:
        yield f"[file: {_joined(attachment.name, attachment.url)}]", "dim"
    if message.error:
        yield f"[not delivered: {_joined(message.error.code, message.error.message)}]", "red"
    if message.rating:
        yield f"[rated {message.rating}]", _RATINGS.get(message.rating, "dim")


def _joined(*texts: str | None) -> str:
    return " ".join(_one_line(text) for text in texts if text)
