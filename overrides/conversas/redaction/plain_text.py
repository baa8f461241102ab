"""Texts in the form that detectors read: similar characters are unified, and invisible characters are removed."""

import re
import unicodedata
from collections.abc import Sequence

from attrs import frozen

_UNUSUAL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u0660-\u0669\u06dd\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u2019\u2028-\u202e\u2044\u2060-\u206f\u20d0-\u20f0\u2212\u2215"
    "\u3164\ufe00-\ufe0f\ufe52\ufeff\U0001d7ce-\U0001d7ff\U000e0000-\U000e0fff]"
)
_USUAL = bytes(
    code for code in range(256) if unicodedata.is_normalized("NFKC", chr(code)) and not _UNUSUAL.match(chr(code))
)
"""Latin-1 characters that stay unchanged."""
_PIECE = re.compile(
    "(?P<ordinary>[\t\n\r -~À-ÖØ-öø-ÿ]+(?=[\t\n\r -~À-ÖØ-öø-ÿ]|$))"
    "|.[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]*",
    re.DOTALL,
)
"""A run of ordinary characters, or another character with the marks that follow it."""
_BLANK = {"\u115f", "\u1160", "\u17b4", "\u17b5", "\u3164", "\u034f"}
_SIGNS = {
    "º": "°",
    "ª": "°",
    "\u2044": "/",
    "\u2215": "/",
    "\u2212": "-",
    "\u00b4": "'",
    "`": "'",
    "\u2018": "'",
    "\u2019": "'",
    "\u2024": ".",
}
"""Replacements for two kinds of signs: those that NFKC would turn into letters or several characters, and those that
detectors do not know.
"""


@frozen(repr=False)
class PlainText:
    """A text in plain form, with the position of each character in the original."""

    original: str
    text: str
    starts: Sequence[int] | None = None
    """Index in the original at which each character begins; None if the texts are the same."""
    ends: Sequence[int] = ()
    """Index in the original at which each character ends."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original for a span in the plain form."""
        if self.starts is None or start >= end:
            return start, end
        return self.starts[start], self.ends[end - 1]


def is_plain(text: str) -> bool:
    """Return whether a text is already in plain form, as nearly all texts are."""
    try:
        return not text.encode("latin-1").translate(None, _USUAL)
    except UnicodeEncodeError:
        return unicodedata.is_normalized("NFKC", text) and not _UNUSUAL.search(text)


def are_plain(joined: str, borders: int) -> bool:
    """Return whether texts, joined by `borders` null characters, are in Latin-1 and already in plain form."""
    try:
        return len(joined.encode("latin-1").translate(None, _USUAL)) == borders
    except UnicodeEncodeError:
        return False


def plain_text(text: str) -> PlainText:
    """Return the plain form: NFKC, ASCII digits, `-` for each dash, no invisible characters and no separate marks."""
    return PlainText(text, text) if is_plain(text) else _converted(text)


def plain_form(text: str) -> str:
    """Return the plain form of a text without positions."""
    return text if is_plain(text) else _converted(text).text


def _converted(text: str) -> PlainText:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if match["ordinary"]:
            pieces.append(match["ordinary"])
            starts += range(start, end)
            ends += range(start + 1, end + 1)
            continue
        plain = _plain(match.group())
        pieces.append(plain)
        starts += [start] * len(plain)
        ends += [end] * len(plain)
    for at in range(1, len(ends)):  # removed characters belong to the character before them
        if ends[at - 1] < starts[at]:
            ends[at - 1] = starts[at]
    return PlainText(text, "".join(pieces), starts, ends)


def _plain(cluster: str) -> str:
    if cluster in _SIGNS:
        return _SIGNS[cluster]
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", cluster)))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() or character.isspace() else ""
    if character in _BLANK:
        return ""
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.digit(character))
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cc" | "Mn" | "Me":
            return ""
        case _:
            return _SIGNS.get(character, character)


def fold(text: str) -> str:
    """Return a text in lower case without accents, for comparison. Letters of other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if unicodedata.category(character) not in ("Mn", "Cf"))
