"""Transcript of a conversation as lines of text: a header with its facts, then its messages."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice

from attrs import frozen

from conversas.plurals import counted
from conversas.records.conversation import Agent, Call, Contact, Conversation, Evaluation, Message
from conversas.records.enums import Rating, Role, Status, Verdict
from conversas.transcripts.attachments import attachment_name
from conversas.transcripts.control_characters import escape_controls
from conversas.transcripts.times import in_zone, time_zone

MAX_NAME_CHARACTERS = 200
MAX_FACT_CHARACTERS = 4000
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

Span = tuple[str, str]
"""A text and its style on a terminal, in the syntax of rich."""


@frozen
class Line:
    """A label, and a text in its own column. The text may have several lines."""

    label: tuple[Span, ...] = ()
    content: tuple[Span, ...] = ()


def to_text(conversation: Conversation, *, timezone: str | None = None) -> str:
    """Return the transcript of a conversation as plain text, as `conversas show` prints it.

    No message is cut, and no line is wrapped. Long facts in the header are shortened.

    Args:
        conversation: The conversation.
        timezone: Time zone of all times, such as America/Sao_Paulo; by default, as in the record.

    Raises:
        ConfigurationError: The time zone is unknown.
    """
    return "".join(_plain(line) for line in transcript_lines(conversation, zone=time_zone(timezone)))


def _plain(line: Line) -> str:
    label, content = ("".join(text for text, _ in spans) for spans in (line.label, line.content))
    first, *others = content.split("\n")
    lines = [f"{label}{first}", *(f"{' ' * len(label)}{other}" for other in others)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def transcript_lines(
    conversation: Conversation,
    *,
    zone: tzinfo | None = None,
    max_messages: int | None = None,
    max_characters: int | None = None,
) -> Iterator[Line]:
    """Yield the lines of a transcript: at most `max_messages` messages, each of at most `max_characters` characters."""
    yield Line(content=_title(conversation))
    for label, value, style in _header(conversation, zone):
        yield Line(((label.ljust(LABEL_WIDTH), "dim"),), ((value, style),))
    shown = conversation.messages[:max_messages]
    if shown and shown[0].sent_at is None:
        yield Line()
    yield from _message_lines(conversation, shown, zone, max_characters)
    if len(shown) < len(conversation.messages):
        yield Line(content=((f"[{counted(len(conversation.messages) - len(shown), 'more message')}]", "dim"),))


def _message_lines(
    conversation: Conversation, shown: Iterable[Message], zone: tzinfo | None, max_characters: int | None
) -> Iterator[Line]:
    day: date | None = None
    precision = (
        "seconds" if conversation.call or conversation.duration else "minutes"
    )  # turns of a call are seconds apart, written messages minutes
    for message in shown:
        sent_at = in_zone(message.sent_at, zone) if message.sent_at else None
        if sent_at and sent_at.date() != day:
            yield Line(content=((f"\n{sent_at:%Y-%m-%d, %A}", "dim"),))
            day = sent_at.date()
        yield Line(_sender(message, sent_at, precision), tuple(_content(message, max_characters)))


def _sender(message: Message, sent_at: datetime | None, precision: str) -> tuple[Span, ...]:
    time = sent_at.time().isoformat(precision) if sent_at else ""
    role = str(message.role).ljust(LABEL_WIDTH)
    return (time.ljust(TIME_WIDTHS[precision]), "dim"), (role, _ROLES[message.role])


def _one_line(text: str | None) -> str:
    """Escape a text of the provider for one line, and shorten it."""
    return escape_controls(" ".join((text or "")[:MAX_FACT_CHARACTERS].split()))


def _title(conversation: Conversation) -> tuple[Span, ...]:
    verdict, status = conversation.completeness.verdict, conversation.status
    return (
        (_name(str(conversation.ref or f"{conversation.provider}:?")), "bold"),
        ("  ", ""),
        (str(status), _STATUSES.get(status, "yellow")),
        (", ", ""),
        (_VERDICTS[verdict], _VERDICT_STYLES.get(verdict, "yellow")),
        (f", {counted(len(conversation.messages), 'message')}", ""),
    )


def _header(conversation: Conversation, zone: tzinfo | None) -> Iterator[tuple[str, str, str]]:
    """Yield the label, the text and the style of each known fact."""
    for label, text in _facts(conversation, zone):
        if text:
            yield label, text, ""
    if conversation.evaluation and conversation.evaluation.high_importance_error:
        yield "alert", "an error of high importance", "bold red"
    if conversation.completeness.reasons:
        yield "doubts", ", ".join(_words(conversation.completeness.reasons)), "yellow"
    if conversation.drift:
        yield "drift", _drift(conversation), "yellow"
    if conversation.notes:
        yield "notes", ", ".join(_words(conversation.notes)), "dim"


def _facts(conversation: Conversation, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    channel, code = str(conversation.channel), _one_line(conversation.channel_code)
    yield "title", _one_line(conversation.title)
    yield "customer", _names(_contact(contact) for contact in conversation.contacts)
    yield "agent", _agent(conversation.agent)
    yield "channel", f"{channel} (the provider says {code})" if code not in ("", channel) else channel
    times = (time and in_zone(time, zone) for time in (conversation.created_at, conversation.ended_at))
    yield "time", _span(*times)
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
        return f"from {start:%Y-%m-%d %H:%M} {start:%Z}"
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
    """Return the paths and kinds of the drift. In an export, a path with `*` stands for all items of a list."""
    counts = Counter((drift.path, drift.kind) for drift in conversation.drift)
    shown = [
        f"{_name(path)} {kind}{f' ({count} times)' if count > 1 else ''}"
        for (path, kind), count in islice(counts.items(), MAX_DRIFT)
    ]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def _content(message: Message, max_characters: int | None) -> Iterator[Span]:
    text, separator = message.text or "", ""
    shown = text[:max_characters].replace("\r\n", "\n").expandtabs(4)
    if shown := escape_controls(shown, keep="\n").strip("\n"):
        yield shown, ""
        separator = "\n"
    if max_characters is not None and len(text) > max_characters:
        yield f"{separator}[{counted(len(text) - max_characters, 'more character')}]", "dim"
        separator = "\n"
    for remark, style in _remarks(message):
        yield f"{separator}{remark}", style
        separator = "\n"


def _remarks(message: Message) -> Iterator[Span]:
    for attachment in message.attachments:
        yield f"[file: {escape_controls(attachment_name(attachment))}]", "dim"
    if message.error:
        yield f"[not delivered: {_joined(message.error.code, message.error.message)}]", "red"
    if message.rating:
        yield f"[rated {message.rating}]", _RATINGS.get(message.rating, "dim")


def _joined(*texts: str | None) -> str:
    return " ".join(_one_line(text) for text in texts if text)
