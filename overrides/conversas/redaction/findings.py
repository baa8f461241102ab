"""Findings: where a text holds personal data, and of which kind."""

from collections.abc import Callable, Collection, Iterable

from attrs import field, frozen

from conversas.redaction.text_index import TextIndex

CPF = "CPF"
CNPJ = "CNPJ"
CARD = "CARD"
PHONE = "PHONE"
EMAIL = "EMAIL"
CEP = "CEP"
PIX = "PIX"
RG = "RG"
BIRTH_DATE = "BIRTH_DATE"
ADDRESS = "ADDRESS"
URL = "URL"
NAME = "NAME"
FILE = "FILE"
CONTACT = "CONTACT"
"""An id or an address of a contact that is of no other kind."""
ID = "ID"
"""An id of anything else that may hold a number of a person."""


@frozen
class Finding:
    """Personal data in a text: `text[start:end]`."""

    start: int
    """Index of its first character."""
    end: int
    """Index after its last character."""
    kind: str
    """Kind in capitals, such as `CPF`. It takes the place of the value."""


Detector = Callable[[str], Iterable[Finding]]
"""A function that finds personal data in a text."""


@frozen
class GatedDetector:
    """A detector that finds nothing in a text without a sign, which a redactor looks for in many texts at once."""

    places: Callable[[TextIndex], Collection[int]]
    """Returns the places of the texts that may hold a finding."""
    find: Detector = field(repr=False)

    def __call__(self, text: str) -> Iterable[Finding]:
        return self.find(text)


def merge(findings: Iterable[Finding], length: int) -> list[Finding]:
    """Return the findings of a text of this length by position, without overlaps.

    Of two that overlap, one that covers both stays, with the kind of the one that begins first, or else is longer.
    """
    merged: list[Finding] = []
    for finding in sorted(findings, key=_position):
        start, end = max(finding.start, 0), min(finding.end, length)
        if start >= end:
            continue
        if not merged or start >= merged[-1].end:
            merged.append(
                finding if (start, end) == (finding.start, finding.end) else Finding(start, end, finding.kind)
            )
        elif end > merged[-1].end:
            merged[-1] = Finding(merged[-1].start, end, merged[-1].kind)
    return merged


def _position(finding: Finding) -> tuple[int, int]:
    return finding.start, -finding.end
