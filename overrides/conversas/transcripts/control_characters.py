"""Escaping of characters that could move the cursor, change colours or reverse a line."""

import re
import unicodedata

KEPT = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # emoji and some scripts need them
_HARMFUL_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NEVER_SHOWN = re.compile(
    r"[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U0010ffff]"  # reserved for invisible characters, or noncharacters
    r"|[\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000dffff]"
)
"""Unassigned code points that later versions of Unicode are not expected to assign to visible characters.

Other unassigned code points may be emoji and letters of a Unicode version that the interpreter does not know. They are
shown.
"""
_FLAG = "\N{WAVING BLACK FLAG}"
_FLAG_OF_REGION = re.compile(f"({_FLAG}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}\U000e007f)")
"""Emoji of a regional flag, such as Scotland's, which ends in invisible letters. Elsewhere, these are escaped."""
MAYBE_HARMFUL = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff]")  # plain Portuguese and English do not match
_MAX_MARKS = 3  # combining marks in a row; more marks would reach into other lines


def escape_controls(text: str, *, keep: str = "") -> str:
    """Replace each harmful character with its escape sequence, except for the characters in `keep`."""
    if not MAYBE_HARMFUL.search(text):
        return text
    pieces = _FLAG_OF_REGION.split(text) if _FLAG in text else [text]
    return "".join(piece if at % 2 else "".join(_escaped(piece, keep)) for at, piece in enumerate(pieces))


def _escaped(text: str, keep: str) -> list[str]:
    escaped, marks = list[str](), 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if char in keep:
            escaped.append(char)
        elif is_harmful(char):
            escaped.append(char.encode("unicode_escape").decode())
        elif marks <= _MAX_MARKS:
            escaped.append(char)
    return escaped


def is_harmful(char: str) -> bool:
    """Return whether a character is invisible, controls a terminal, or changes the direction of a line."""
    kind = unicodedata.category(char)
    if kind == "Cn":
        return bool(_NEVER_SHOWN.match(char))
    return kind in _HARMFUL_KINDS and char not in KEPT
