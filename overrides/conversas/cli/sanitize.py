"""Escaping of text for a terminal: of characters that could move the cursor, change colours or reverse a line."""

import re
import unicodedata

KEPT = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # emoji and some scripts need them
_HARMFUL_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NEVER_SHOWN = re.compile(
    r"[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U0010ffff]"  # reserved for what is invisible, or no characters
    r"|[\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000dffff]"
)
"""Code points without a character that no later version of Unicode makes visible, or that no version has planned.

Others may be emoji and letters of a newer Unicode than that of the interpreter: they are shown.
"""
_FLAG = "\N{WAVING BLACK FLAG}"
_FLAG_OF_REGION = re.compile(f"({_FLAG}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}\U000e007f)")
"""Emoji of a flag, such as that of Scotland, spelt in invisible letters. Anywhere else those are escaped."""
_MAYBE_HARMFUL = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff]")  # plain Portuguese and English pass at once
_MAX_MARKS = 3  # combining marks in a row; more of them reach into other lines


def escape_for_terminal(text: str, *, keep: str = "") -> str:
    """Replace each harmful character by its escape sequence, except those in `keep`."""
    if not _MAYBE_HARMFUL.search(text):
        return text
    pieces = _FLAG_OF_REGION.split(text) if _FLAG in text else [text]
    return "".join(piece if at % 2 else "".join(_escaped(piece, keep)) for at, piece in enumerate(pieces))


def escape_json_for_terminal(text: str) -> str:
    """Replace harmful characters of JSON by escape sequences of JSON, so that its value stays the same."""
    if not _MAYBE_HARMFUL.search(text):
        return text
    return "".join(_json_escape(char) if _is_harmful(char) and char != "\n" else char for char in text)


def _escaped(text: str, keep: str) -> list[str]:
    escaped, marks = list[str](), 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if char in keep:
            escaped.append(char)
        elif _is_harmful(char):
            escaped.append(char.encode("unicode_escape").decode())
        elif marks <= _MAX_MARKS:
            escaped.append(char)
    return escaped


def _is_harmful(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind == "Cn":
        return bool(_NEVER_SHOWN.match(char))
    return kind in _HARMFUL_KINDS and char not in KEPT


def _json_escape(char: str) -> str:
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))
