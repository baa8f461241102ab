"""Detectors on texts as customers type them: what is personal is found, and nothing else."""

import re

import pytest

from conversas.redaction import DETECTORS, Redactor
from conversas.redaction.findings import merge
from conversas.redaction.plain_text import plain_text
from support.redaction_texts import MARK, MARKED_TEXTS


def mark(text: str) -> str:
    """Return a text with marks around all that the detectors find."""
    plain = plain_text(text)
    found = merge([finding for detector in DETECTORS for finding in detector(plain.text)], len(plain.text))
    for start, end in (plain.span(finding.start, finding.end) for finding in reversed(found)):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text


@pytest.mark.parametrize("text", MARKED_TEXTS)
def test_what_is_personal_is_found_and_nothing_else(text: str) -> None:
    assert mark(MARK.sub("", text)) == text


@pytest.mark.parametrize("text", MARKED_TEXTS)
def test_a_redactor_leaves_nothing_of_it_in_a_text(text: str) -> None:
    redacted = Redactor().text(MARK.sub("", text))
    assert re.sub(r"\[[A-Z_]+\]", "[]", redacted) == re.sub("«[^»]*»", "[]", text)
