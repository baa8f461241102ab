"""Makes text harmless for a terminal: what could move the cursor, change colours or turn the line is spelled out."""

import re
import unicodedata

KEPT = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # emoji and some scripts are written with them
_HARMFUL_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MAY_HARM = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff]")  # nothing of plain Portuguese or English needs a look
_MOST_MARKS = 3  # combining marks in a row; more of them climb into other lines


def harmless(text: str, *, keep: str = "") -> str:
    """Spell out each character that is not to be printed as it is, by its number; those in `keep` stay."""
    if not _MAY_HARM.search(text):
        return text
    return "".join(_spelled(text, keep))


def harmless_json(text: str) -> str:
    """Do the same to JSON, in the spelling of JSON, so that it means the same."""
    if not _MAY_HARM.search(text):
        return text
    return "".join(_json_escape(char) if _is_harmful(char) and char != "\n" else char for char in text)


def _spelled(text: str, keep: str) -> list[str]:
    spelled, marks = list[str](), 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if char in keep:
            spelled.append(char)
        elif _is_harmful(char):
            spelled.append(char.encode("unicode_escape").decode())
        elif marks <= _MOST_MARKS:
            spelled.append(char)
    return spelled


def _is_harmful(char: str) -> bool:
    return char not in KEPT and unicodedata.category(char) in _HARMFUL_KINDS


def _json_escape(char: str) -> str:
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))
