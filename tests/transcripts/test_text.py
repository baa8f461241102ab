"""The plain text of a conversation: what the terminal shows, whole."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conversas import ConfigurationError, Conversation, Message, to_text
from conversas.cli.transcript import print_transcript
from support.examples import OUTCOMES, at, example
from support.hostile_text import EVIL, harm_in
from support.planted import planted

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30) | st.just(EVIL)


@pytest.mark.parametrize("name", OUTCOMES)
def test_it_is_what_a_wide_terminal_shows(name: str) -> None:
    conversation = example(name)
    file = io.StringIO()
    print_transcript(conversation, Console(file=file, width=10_000, highlight=False, markup=False, emoji=False))
    assert to_text(conversation) == file.getvalue()


@given(TEXTS)
def test_no_text_harms_who_reads_it_or_begins_a_line_of_ours(text: str) -> None:
    shown = to_text(planted(text or "x"))
    assert not harm_in(shown)
    assert sum(line.startswith("2026-") for line in shown.splitlines()[1:]) == 1 or text.startswith("2026-")


def test_a_long_message_is_whole_and_its_times_are_those_of_the_zone() -> None:
    conversation = Conversation(provider="zild", messages=(Message(text="x" * 9000, sent_at=at(2026, 1, 5, 1)),))
    shown = to_text(conversation, timezone="America/Sao_Paulo")
    assert shown.splitlines()[-2:] == ["2026-01-04, Sunday", f"22:00  unknown   {'x' * 9000}"]
    with pytest.raises(ConfigurationError, match="`timezone` must be"):
        to_text(conversation, timezone="Mars")


def test_no_url_of_a_file_is_shown() -> None:
    shown = to_text(planted("https://files.example/a?token=secret"))
    assert "[file: unnamed]" in shown
