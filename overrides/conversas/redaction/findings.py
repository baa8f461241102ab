"""Findings: the positions and kinds of personal data in a text."""

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
"""An id or an address of a contact that has no other kind."""
ID = "ID"
"""Any other id that may contain the number of a person."""


@frozen
class Finding:
    """Personal data in a text: `text[start:end]`."""

    start: int
    """Index of its first character."""
    end: int
    """Index after its last character."""
    kind: str
    """Kind in capitals, such as `CPF`. It replaces the value."""


Detector = Callable[[str], Iterable[Finding]]
"""A function that finds personal data in a text."""


@frozen
class GatedDetector:
    """A detector with a fast test, which a redactor applies to many texts at once. Only texts that pass are read."""

    places: Callable[[TextIndex], Collection[int]]
    """Function that returns the positions of the texts that may have a finding."""
    find: Detector = field(repr=False)

    def __call__(self, text: str) -> Iterable[Finding]:
        return self.find(text)


def merge(findings: Iterable[Finding], length: int) -> list[Finding]:
    """Return the findings in a text of `length` characters, sorted by position and without overlaps.

    Overlapping findings become one finding, with the kind of the one that begins first. If they begin at the same
    character, the kind of the longest one is used.
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
