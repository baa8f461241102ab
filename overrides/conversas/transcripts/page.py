"""A conversation as one static page, without scripts and network requests. Text is never read as markup."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from conversas.records.conversation import Conversation
from conversas.transcripts.labels import Labels, Language, load_labels, package_text
from conversas.transcripts.times import time_zone
from conversas.transcripts.view import Item, Remark, View, conversation_view

MAX_TITLE_CHARACTERS = 70  # what a tab can show, and html-validate accepts


def transcript_html(conversation: Conversation, *, timezone: str | None = None, language: Language = "en") -> str:
    """Return a conversation as a self-contained HTML page.

    Files and sources are links if their addresses begin with `https:`; an address itself is never shown or printed.

    Args:
        conversation: The conversation.
        timezone: Time zone of all times, such as America/Sao_Paulo; UTC by default.
        language: Language of the labels.

    Raises:
        ConfigurationError: The time zone or the language is unknown.
    """
    labels, zone = load_labels(language), time_zone(timezone)
    view = conversation_view(conversation, labels, zone)
    style = package_text("page.css")
    body = f"<main>\n{''.join(_article(view, labels))}</main>\n"
    return document(title=view["ref"], language=language, style=style, body=body)


def document(*, title: str, language: str, style: str, body: str, script: str = "") -> str:
    """Return an HTML document whose Content Security Policy allows only this style and this script."""
    policy = f"default-src 'none'; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    policy += f"; script-src {_hash(script)}" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>{_short(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}"
        f"{f'<script>{script}</script>{chr(10)}' if script else ''}</body>\n</html>\n"
    )


def _short(title: str) -> str:
    """Return a title as HTML, shortened if it is too long."""
    if len(escape(title)) <= MAX_TITLE_CHARACTERS:
        return escape(title)
    title = title[:MAX_TITLE_CHARACTERS]
    while len(escape(title)) >= MAX_TITLE_CHARACTERS:
        title = title[:-1]
    return f"{escape(title)}…"


def _hash(text: str) -> str:
    """Return the source expression of the policy that allows exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _article(view: View, labels: Labels) -> Iterator[str]:
    yield f"<article>\n<h1>{escape(view['ref'])}</h1>\n"
    for title, text in view["warnings"]:
        yield f'<p class="notice"><strong>{escape(title)}</strong>{f": {escape(text)}" if text else ""}</p>\n'
    facts = (f'<dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>\n' for label, value in view["facts"])
    yield f"<dl>\n{''.join(facts)}</dl>\n"
    yield from map(_remark, view["files"])
    yield from _items(view["items"], labels)
    yield "</article>\n"


def _items(items: Iterable[Item], labels: Labels) -> Iterator[str]:
    """Yield a heading for each day, and a list of the items between two headings."""
    for is_day, group in groupby(items, key=lambda item: "day" in item):
        if is_day:
            yield from (f"<h2>{escape(item.get('day', ''))}</h2>\n" for item in group)
        else:
            yield f"<ol>\n{''.join(_item(item, labels) for item in group)}</ol>\n"
    if not items:
        yield f'<p class="gap">{escape(labels("no_messages"))}</p>\n'


def _item(item: Item, labels: Labels) -> str:
    if "gap" in item:
        return f'<li class="gap">{escape(item["gap"])}</li>\n'
    time = f"<span>{escape(labels('no_time'))}</span>"
    if at := item.get("at"):
        time = f'<time datetime="{at}" title="{at}">{item.get("time", "")}</time>'
    text, remarks = escape(item.get("text", "")), "".join(map(_remark, item.get("remarks", [])))
    paragraph = f'<p class="text" dir="auto">{text}</p>' if text else ""
    return (
        f'<li class="{item.get("role", "")}"><div class="bubble">'
        f'<p class="who"><b><bdi>{escape(item.get("who", ""))}</bdi></b>{time}</p>'
        f"{paragraph}{remarks}</div></li>\n"
    )


def _remark(remark: Remark) -> str:
    text, kind = escape(remark["text"]), remark.get("kind")
    if url := remark.get("url"):
        rules = 'rel="noopener noreferrer nofollow" referrerpolicy="no-referrer" target="_blank"'
        host = f'<span class="host">({escape(remark.get("host", ""))})</span>'
        text = f'<a href="{escape(url)}" {rules}>{text}</a> {host}'
    return f'<p class="remark{f" {kind}" if kind else ""}" dir="auto">{text}</p>'
