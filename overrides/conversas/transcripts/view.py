"""The view of a conversation on a page, as JSON values. Each text is plain text with harmful characters escaped.

A static page contains the view as HTML, and the script of a gallery makes elements from it. Neither decides what is
shown.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NotRequired, TypedDict

from conversas.records.conversation import Attachment, Citation, Contact, Conversation, Evaluation, Message
from conversas.records.enums import Note, Role, Verdict
from conversas.transcripts.attachments import attachment_name, link_host
from conversas.transcripts.control_characters import escape_controls
from conversas.transcripts.labels import Labels
from conversas.transcripts.times import in_zone, offset

GAP = timedelta(minutes=30)
_INFERRED = (
    Note.ROLE_INFERRED,
    Note.SPEAKER_INFERRED,
    Note.AGENT_INFERRED,
    Note.CONTACT_INFERRED,
    Note.STATUS_INFERRED,
    Note.SCORE_INFERRED,
)


class Remark(TypedDict):
    """A line below a message: a file, a rating, an error."""

    text: str
    kind: NotRequired[str]
    url: NotRequired[str]
    """Address of a link, always an `https:` URL."""
    host: NotRequired[str]


class Item(TypedDict):
    """A message, the day of the messages below, or the silence between two messages."""

    day: NotRequired[str]
    gap: NotRequired[str]
    role: NotRequired[str]
    who: NotRequired[str]
    text: NotRequired[str]
    at: NotRequired[str]
    time: NotRequired[str]
    remarks: NotRequired[list[Remark]]


class View(TypedDict):
    """The parts of a conversation that a page shows."""

    ref: str
    warnings: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    files: list[Remark]
    items: list[Item]


def conversation_view(conversation: Conversation, labels: Labels, zone: tzinfo | None) -> View:
    """Return the view of a conversation, with times in `zone` (by default UTC)."""
    zone = zone or UTC
    return {
        "ref": display_ref(conversation),
        "warnings": list(_warnings(conversation, labels)),
        "facts": [(labels(name, "facts"), text) for name, text in _facts(conversation, labels, zone) if text],
        "files": [_file(each, labels) for each in conversation.attachments],
        "items": list(_items(conversation, labels, zone)),
    }


def display_ref(conversation: Conversation) -> str:
    """Return the ref as a page shows it."""
    return one_line(str(conversation.ref or f"{conversation.provider}:?"))


def customer_names(conversation: Conversation) -> str:
    """Return the names of the customers, or the addresses of customers without a name."""
    return one_line(
        ", ".join(filter(None, (each.name or each.address or each.email for each in conversation.contacts)))
    )


def one_line(text: str | None) -> str:
    """Return a text on one line, with harmful characters escaped."""
    return escape_controls(" ".join(text.split())) if text else ""


def _lines(text: str | None) -> str:
    """Return a text with its line breaks, without spaces at the ends of lines, and with harmful characters escaped."""
    if not text:
        return ""
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    return escape_controls("\n".join(line.rstrip() for line in lines), keep="\n").strip("\n")


def _warnings(conversation: Conversation, labels: Labels) -> Iterator[tuple[str, str]]:
    completeness = conversation.completeness
    if completeness.verdict is not Verdict.COMPLETE:
        reasons = ", ".join(labels(reason, "reasons") for reason in completeness.reasons)
        yield labels(completeness.verdict, "verdicts"), reasons
    if conversation.drift:
        yield labels("drift_title"), labels("drift_text").format(len(conversation.drift))
    if inferred := [labels(note, "notes") for note in _INFERRED if note in conversation.notes]:
        yield labels("inferred"), ", ".join(inferred)


def _facts(conversation: Conversation, labels: Labels, zone: tzinfo) -> Iterator[tuple[str, str]]:
    channel, code = labels(conversation.channel, "channels"), one_line(conversation.channel_code)
    yield "title", one_line(conversation.title)
    yield "customer", one_line("; ".join(map(_contact, conversation.contacts)))
    yield "agent", _agent(conversation, labels)
    yield "participants", one_line(", ".join(each.name or "" for each in conversation.participants if each.name))
    yield "queue", one_line((conversation.queue.name or conversation.queue.id) if conversation.queue else "")
    told = "" if code in ("", conversation.channel) else f" ({labels('provider_says').format(code)})"
    yield "channel", f"{channel}{told}"
    yield "status", labels(conversation.status, "statuses")
    yield "started", _moment(conversation.created_at, labels, zone)
    yield "ended", _moment(conversation.ended_at, labels, zone)
    duration = conversation.duration
    yield "duration", str(timedelta(seconds=round(duration.total_seconds()))) if duration else ""
    yield "times", _zone_name(conversation, zone)
    call = conversation.call
    yield "call", one_line(", ".join(filter(None, (call.status, call.disconnection_reason)))) if call else ""
    yield "quality", _quality(conversation.evaluation, labels)
    yield "mood", one_line(conversation.sentiment)
    yield "tags", one_line(", ".join(tag.name or "" for tag in conversation.tags if tag.name))
    yield "summary", one_line(conversation.summary)
    values = (*conversation.variables, *conversation.collected_data)
    yield "data", one_line("; ".join(f"{each.name or '?'}: {each.value or ''}" for each in values))
    yield "notes", ", ".join(labels(note, "notes") for note in conversation.notes if note not in _INFERRED)


def _contact(contact: Contact) -> str:
    return " ".join(filter(None, (contact.name, contact.address, contact.email)))


def _agent(conversation: Conversation, labels: Labels) -> str:
    agent = conversation.agent
    return f"{one_line(agent.name or agent.id)} ({labels(agent.kind, 'speakers')})".lstrip() if agent else ""


def _quality(evaluation: Evaluation | None, labels: Labels) -> str:
    if evaluation is None:
        return ""
    scores = (("score", evaluation.score), ("final_score", evaluation.final_score))
    facts = [labels(name).format(score) for name, score in scores if score is not None]
    facts += [one_line(evaluation.status_message)] if evaluation.status_message else []
    facts += [labels("grave_error")] if evaluation.high_importance_error else []
    return ", ".join(facts)


def _moment(time: datetime | None, labels: Labels, zone: tzinfo) -> str:
    return f"{in_zone(time, zone):{labels('date')} %H:%M}" if time else ""


def _zone_name(conversation: Conversation, zone: tzinfo) -> str:
    """Return the zone of the times, with its offset when the conversation began."""
    times = (conversation.created_at, *(message.sent_at for message in conversation.messages), conversation.ended_at)
    first = next((time for time in times if time), None)
    if first is None:
        return ""
    name, written = str(zone), offset(in_zone(first, zone))
    return written if name == written else f"{name} ({written})"


def _items(conversation: Conversation, labels: Labels, zone: tzinfo) -> Iterator[Item]:
    day: date | None = None
    before: datetime | None = None
    time_format = "%H:%M:%S" if conversation.call or conversation.duration else "%H:%M"
    for message in conversation.messages:
        at = in_zone(message.sent_at, zone) if message.sent_at else None
        if at and at.date() != day:
            day = at.date()
            yield {"day": f"{labels.weekday(at.weekday())}, {at:{labels('date')}}"}
        elif at and before and at - before >= GAP:
            yield {"gap": _gap(at - before, labels)}
        before = at or before
        yield _item(message, labels, at, time_format)


def _item(message: Message, labels: Labels, at: datetime | None, time_format: str) -> Item:
    item: Item = {"role": str(message.role), "who": _who(message, labels), "text": _lines(message.text)}
    if at:
        item["at"] = at.isoformat(timespec="seconds")
        item["time"] = f"{at:{time_format}}"
    if remarks := list(_remarks(message, labels)):
        item["remarks"] = remarks
    return item


def _who(message: Message, labels: Labels) -> str:
    who = labels(message.role, "roles")
    speaker = f" ({labels(message.speaker, 'speakers')})" if message.speaker and message.role is Role.AGENT else ""
    return f"{who}{speaker}" + (f", {one_line(message.author)}" if message.author else "")


def _remarks(message: Message, labels: Labels) -> Iterator[Remark]:
    yield from (_file(each, labels) for each in message.attachments)
    yield from (_citation(each, labels) for each in message.citations)
    if message.error:
        words = one_line(" ".join(filter(None, (message.error.code, message.error.message))))
        yield {"text": f"{labels('not_delivered')}: {words}".rstrip(": "), "kind": "bad"}
    if message.rating:
        yield {"text": labels(message.rating, "ratings"), "kind": str(message.rating)}


def _file(attachment: Attachment, labels: Labels) -> Remark:
    return _linked(f"{labels('file')}: {one_line(attachment_name(attachment))}", attachment.url)


def _citation(citation: Citation, labels: Labels) -> Remark:
    name = attachment_name(Attachment(name=citation.name or citation.id))
    return _linked(f"{labels('citation')}: {one_line(name)}", citation.url)


def _linked(text: str, url: str | None) -> Remark:
    """Return a remark, as a link if a page may link to the URL. The URL itself is never shown."""
    host = link_host(url)
    return {"text": text, "url": url, "host": host} if url and host else {"text": text}


def _gap(gap: timedelta, labels: Labels) -> str:
    minutes = int(gap.total_seconds()) // 60
    units: Iterable[tuple[int, str]] = ((2 * 24 * 60, "days_later"), (2 * 60, "hours_later"), (0, "minutes_later"))
    sizes = {"days_later": 24 * 60, "hours_later": 60, "minutes_later": 1}
    name = next(name for least, name in units if minutes >= least)
    return labels(name).format(minutes // sizes[name])
