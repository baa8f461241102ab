"""Pages of conversations: escaped, in two languages, in any time zone, with links for `https:` alone."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import (
    Attachment,
    Call,
    ConfigurationError,
    Conversation,
    Drift,
    DriftKind,
    Message,
    Note,
    Rating,
    Reason,
    Role,
    Status,
    Verdict,
    gallery_html,
    transcript_html,
)
from conversas.records.enums import AgentKind, Channel
from conversas.transcripts.attachments import link_host
from conversas.transcripts.labels import LANGUAGES, Language, load_labels
from support.examples import OUTCOMES, at, example
from support.hostile_text import EVIL, harm_in
from support.planted import planted

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30) | st.just(EVIL)


def page(*messages: Message, **options: Any) -> str:
    return transcript_html(Conversation(provider="zild", messages=messages), **options)


@given(TEXTS)
def test_no_text_is_markup_or_harms_who_reads_it(text: str) -> None:
    quiet, shown = (re.sub(r">[^<]*<", "><", transcript_html(planted(each))) for each in ("x", text or "y"))
    assert re.findall(r"<[^>]*>", shown) == re.findall(r"<[^>]*>", quiet) or not text.strip()
    assert not harm_in(transcript_html(planted(text or "y")).replace("\n", ""))


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)//https://x",
        "data:text/html,x",
        "//files.example/a",
        "https:files.example",
        "https://user:secret@files.example/a",
        "https://files.example/a b",
        "https://files.exämple/a",
        "https://[::1",
        " https://files.example/a",
        "https://",
        "",
        None,
    ],
)
def test_only_https_without_a_password_is_a_link(url: str | None) -> None:
    assert link_host(url) is None
    assert "<a " not in page(Message(attachments=(Attachment(name="a", url=url),)))


def test_a_link_shows_its_host_and_not_its_address() -> None:
    url = "https://files.example:8443/a?b=1&token=secret"
    shown = page(Message(attachments=(Attachment(name="note.pdf", url=url),)))
    assert re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a> <span class="host">([^<]*)', shown) == [
        (url.replace("&", "&amp;"), "File: note.pdf", "(files.example:8443)")
    ]
    assert "secret" not in re.sub(r"<[^>]*>", "", shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_words_of_the_other_and_of_each_enum(language: Language) -> None:
    def keys(words: dict[str, Any]) -> dict[str, Any]:
        return {name: keys(value) if isinstance(value, dict) else type(value) for name, value in words.items()}

    words = load_labels(language).words
    assert keys(words) == keys(load_labels("en").words)
    enums = {"roles": Role, "speakers": AgentKind, "statuses": Status, "ratings": Rating, "verdicts": Verdict}
    for group, enum in {**enums, "channels": Channel, "reasons": Reason, "notes": Note}.items():
        assert [*words[group]] == [*map(str, enum)], group
    assert get_args(Language) == LANGUAGES


def test_another_language_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="`language` must be one of en, pt-BR, got 'fr'"):
        page(language="fr")


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "a\0b"])
def test_another_time_zone_is_an_error(name: str) -> None:
    with pytest.raises(ConfigurationError, match="`timezone` must be the name of a time zone"):
        page(timezone=name)


def test_times_are_those_of_the_zone_and_its_offset_is_shown() -> None:
    message = Message(role=Role.CUSTOMER, text="Oi", sent_at=at(2026, 1, 5, 1, 30))
    shown = page(message, timezone="America/Sao_Paulo", language="pt-BR")
    assert "domingo, 04/01/2026" in shown
    assert 'datetime="2026-01-04T22:30:00-03:00"' in shown
    assert ">22:30<" in shown
    assert "America/Sao_Paulo (UTC-03:00)" in shown
    assert '<dd dir="auto">UTC</dd>' in page(message)


def test_a_zone_that_has_no_such_year_changes_nothing() -> None:
    message = Message(sent_at=at(1, 1, 1))
    assert "0001-01-01T00:00:00" in page(message, timezone="America/Sao_Paulo")


@pytest.mark.parametrize(
    ("gap", "shown"),
    [(29, None), (30, "30 min later"), (119, "119 min later"), (120, "2 h later"), (24 * 60, None)],
)
def test_a_silence_within_a_day_is_shown(gap: int, shown: str | None) -> None:
    start = at(2026, 1, 5)
    found = page(Message(sent_at=start), Message(sent_at=start + timedelta(minutes=gap)))
    assert re.findall(r'class="gap">([^<]*)', found) == ([shown] if shown else [])


def test_what_is_inferred_is_said_once() -> None:
    messages = [Message(role=Role.AGENT, text="A", speaker=AgentKind.BOT)] * 3
    conversation = Conversation(
        provider="zild", messages=tuple(messages), notes=(Note.ROLE_INFERRED, Note.SPEAKER_INFERRED, Note.REORDERED)
    )
    shown = transcript_html(conversation)
    assert shown.count("Inferred") == 1
    assert "<strong>Inferred</strong>: who speaks, whether a bot or a person speaks</p>" in shown
    assert '<dt>Notes</dt><dd dir="auto">messages were sorted by time</dd>' in shown


def test_drift_and_what_is_missing_are_shown() -> None:
    drift = (Drift("/a", DriftKind.BAD_FORMAT, "date-time", "string"),)
    shown = transcript_html(Conversation(provider="zild", drift=drift))
    assert "<strong>Perhaps incomplete</strong></p>" in shown
    assert "differs from its specification</strong>: places: 1; values that do not fit are not shown" in shown


def test_calls_have_seconds() -> None:
    conversation = Conversation(provider="zild", call=Call(), messages=(Message(sent_at=at(2026, 1, 5, 1, 2, 3)),))
    assert ">01:02:03</time>" in transcript_html(conversation)


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_example_shows_each_of_its_texts(name: str) -> None:
    conversation = example(name)
    shown = unescape(transcript_html(conversation))
    for message in conversation.messages:
        for line in (message.text or "").split("\n"):
            assert line.strip() in shown


def test_the_same_conversations_make_the_same_page() -> None:
    pages = [gallery_html(map(example, OUTCOMES)) for _ in range(2)]
    assert all(one == other for one, other in pairwise(pages))


def test_nothing_of_a_gallery_is_read_before_it_is_asked_for_and_no_word_stands_in_it() -> None:
    shown = gallery_html([planted("</script>secret")], title="</title>")
    assert "secret" not in shown
    assert shown.count("</title>") == 1
    assert shown.count("</script>") == shown.count("<script") == 4
