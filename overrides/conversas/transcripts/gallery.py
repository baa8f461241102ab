"""Many conversations as one page that lists, filters, searches and shows them, without network requests."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from html import escape
from itertools import islice
from typing import Any, TypedDict

from conversas.records.conversation import Conversation
from conversas.records.enums import Rating
from conversas.transcripts.labels import Labels, Language, load_labels, package_text
from conversas.transcripts.page import document
from conversas.transcripts.times import in_zone, time_zone
from conversas.transcripts.view import View, conversation_view, customer_names, display_ref, one_line

BLOCK = 250
"""Number of conversations in a compressed block, which is unpacked when one of them is opened or searched."""
_WORDS = ("any", "good", "bad", "unrated", "complete", "incomplete", "more", "count", "none", "old_browser", "messages")
_FILTERS = ("status", "verdict", "agent", "queue", "tag", "rating")


class Row(TypedDict):
    """Facts about a conversation, for the list and the filters."""

    ref: str
    customer: str
    time: str
    day: str
    messages: int
    status: str
    verdict: str
    agent: str
    queue: str
    tags: list[str]
    ratings: list[str]


def gallery_html(
    conversations: Iterable[Conversation],
    *,
    timezone: str | None = None,
    language: Language = "en",
    title: str | None = None,
) -> str:
    """Return conversations as one self-contained HTML page, which lists, filters, searches and shows them.

    The conversations are read once, and kept compressed.

    Args:
        conversations: The conversations, in the order of the list.
        timezone: Time zone of all times, such as America/Sao_Paulo; UTC by default.
        language: Language of the labels.
        title: Title of the page.

    Raises:
        ConfigurationError: The time zone or the language is unknown.
    """
    labels, zone = load_labels(language), time_zone(timezone)
    rows, blocks = list[Row](), list[str]()
    iterator = iter(conversations)
    while block := list(islice(iterator, BLOCK)):
        rows += [_row(conversation, labels, zone) for conversation in block]
        views: list[View] = [conversation_view(conversation, labels, zone) for conversation in block]
        blocks.append(_data(f"block-{len(blocks)}", _packed(views)))
    title = one_line(title) or labels("title")
    style = package_text("page.css") + package_text("gallery.css")
    body = "".join([*_interface(title, labels), _words(labels), _data("rows", _packed(rows)), *blocks])
    return document(title=title, language=language, style=style, body=body, script=package_text("gallery.js"))


def _row(conversation: Conversation, labels: Labels, zone: tzinfo | None) -> Row:
    created_at = conversation.created_at and in_zone(conversation.created_at, zone or UTC)
    agent, queue = conversation.agent, conversation.queue
    rated = {message.rating for message in conversation.messages} & {Rating.GOOD, Rating.BAD}
    return {
        "ref": display_ref(conversation),
        "customer": customer_names(conversation),
        "time": f"{created_at:{labels('date')} %H:%M}" if created_at else "",
        "day": created_at.date().isoformat() if created_at else "",
        "messages": len(conversation.messages),
        "status": str(conversation.status),
        "verdict": str(conversation.completeness.verdict),
        "agent": one_line(agent.name or agent.id) if agent else "",
        "queue": one_line(queue.name or queue.id) if queue else "",
        "tags": [one_line(tag.name) for tag in conversation.tags if tag.name],
        "ratings": sorted(str(rating) for rating in rated) or ["unrated"],
    }


def _packed(values: object) -> str:
    """Return values as compressed JSON in base 64, which contains no markup."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", "backslashreplace"), mtime=0)).decode()


def _data(name: str, content: str, kind: str = "text/plain") -> str:
    return f'<script type="{kind}" id="{name}">{content}</script>\n'


def _words(labels: Labels) -> str:
    """Return the words that the script needs, as JSON that cannot end the element around it."""
    words: dict[str, Any] = {name: labels(name, "gallery") for name in _WORDS}
    words |= {"no_time": labels("no_time"), "no_messages": labels("no_messages")}
    words |= {"statuses": labels.group("statuses"), "verdicts": labels.group("verdicts")}
    words |= {"language": labels.language, "block": BLOCK}
    return _data("words", json.dumps(words).replace("<", "\\u003c"), "application/json")


def _interface(title: str, labels: Labels) -> Iterator[str]:
    words = {name: escape(text) for name, text in labels.group("gallery").items()}
    yield f'<div id="gallery">\n<nav aria-label="{words["list"]}">\n<h1>{escape(title)}</h1>\n'
    yield '<search id="filters">\n'
    yield f'<div class="wide"><label for="search">{words["search"]}</label>'
    yield '<input id="search" type="search" autocomplete="off"></div>\n'
    for name in _FILTERS:
        yield f'<div><label for="{name}">{words[name]}</label><select id="{name}"></select></div>\n'
    for name in ("from", "to"):
        yield f'<div><label for="{name}">{words[name]}</label><input id="{name}" type="date"></div>\n'
    yield f'<div><button id="reset" type="button">{words["reset"]}</button></div>\n'
    yield f'<p id="count" class="status" role="status">{words["unpacking"]}</p>\n'
    yield f'<p class="status wide keys">{words["keys"]}</p>\n</search>\n<div id="list" tabindex="-1"></div>\n</nav>\n'
    yield f'<main id="transcript" tabindex="0" aria-label="{words["transcript"]}">\n'
    yield f'<button id="back" type="button">{words["back"]}</button>\n'
    yield f'<div id="article"></div>\n<noscript><p class="problem">{words["no_script"]}</p></noscript>\n'
    yield "</main>\n</div>\n"
