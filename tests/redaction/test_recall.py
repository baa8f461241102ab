"""Recall and precision on a labelled set: the table of docs/redaction.md."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from conversas.redaction import Redactor
from support.redaction_set import KINDS, labelled_conversations

PAGE = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text("utf-8")
CONVERSATIONS = 300
OWN_NAME = "name of the customer"
WORD = re.compile(r"\[[A-Z_]+\]")


@cache
def measured() -> tuple[dict[str, float], float]:
    """Return the recall of each kind, and the precision of all."""
    found, all_, right, replaced = defaultdict[str, int](int), defaultdict[str, int](int), 0, 0
    for conversation, labels in labelled_conversations(CONVERSATIONS):
        redacted = Redactor()(conversation).conversation
        for label, message in zip(labels, redacted.messages, strict=True):
            text = message.text or ""
            for start, end, kind in label.spans:
                all_[kind] += 1
                found[kind] += label.text[:start] + label.text[end:] == _without_word(text, start)
            words = len(WORD.findall(text))
            replaced += words
            right += min(words, len(label.spans))
    return {kind: found[kind] / all_[kind] for kind in all_}, right / replaced


def _without_word(text: str, start: int) -> str:
    match = WORD.match(text, start)
    return text[:start] + text[match.end() :] if match else text


@pytest.mark.parametrize("kind", [*KINDS, OWN_NAME])
def test_the_recall_is_what_the_page_says(kind: str) -> None:
    (row,) = re.findall(rf"^\| {re.escape(kind)} \| ([\d.]+) \|", PAGE, re.MULTILINE)
    assert f"{measured()[0][kind]:.2f}" == row


@pytest.mark.parametrize("kind", ["CPF", "CNPJ", "card", "telephone", "e-mail", "CEP", "PIX key", OWN_NAME])
def test_nothing_is_missed_of_the_kinds_that_have_a_form(kind: str) -> None:
    assert measured()[0][kind] == 1


def test_what_is_replaced_is_personal() -> None:
    assert measured()[1] >= 0.98
    assert f"precision {measured()[1]:.2f}" in " ".join(PAGE.split())
