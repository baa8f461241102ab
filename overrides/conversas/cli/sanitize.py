"""Escaping of characters that could move a terminal's cursor, change its colours or reverse a line."""

from conversas.transcripts.control_characters import MAYBE_HARMFUL, escape_controls, is_harmful

escape_for_terminal = escape_controls
"""Function that replaces each harmful character with its escape sequence, except the characters in `keep`."""


def escape_json_for_terminal(text: str) -> str:
    """Replace harmful characters in JSON text with JSON escape sequences. The value stays the same."""
    if not MAYBE_HARMFUL.search(text):
        return text
    return "".join(_json_escape(char) if is_harmful(char) and char != "\n" else char for char in text)


def _json_escape(char: str) -> str:
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))
