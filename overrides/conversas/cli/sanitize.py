"""Escaping of text for a terminal: of characters that could move the cursor, change colours or reverse a line."""

import re
import unicodedata

KEPT = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # emoji and some scripts need them
_HARMFUL_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MAYBE_HARMFUL = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff]")  # plain Portuguese and English pass at once
_MAX_MARKS = 3  # combining marks in a row; more of them reach into other lines


def escape_for_terminal(text: str, *, keep: str = "") -> str:
    """Replace each harmful character by its escape sequence, except those in `keep`."""
    if not _MAYBE_HARMFUL.search(text):
        return text
    return "".join(_escaped(text, keep))


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
    return char not in KEPT and unicodedata.category(char) in _HARMFUL_KINDS


def _json_escape(char: str) -> str:
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))
