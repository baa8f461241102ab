"""Escaping of text for a terminal: of characters that could move the cursor, change colours or reverse a line."""

from conversas.transcripts.control_characters import MAYBE_HARMFUL, escape_controls, is_harmful

escape_for_terminal = escape_controls
"""Replaces each harmful character by its escape sequence, except those in `keep`."""


def escape_json_for_terminal(text: str) -> str:
    """Replace harmful characters of JSON by escape sequences of JSON, so that its value stays the same."""
    if not MAYBE_HARMFUL.search(text):
        return text
    return "".join(_json_escape(char) if is_harmful(char) and char != "\n" else char for char in text)


def _json_escape(char: str) -> str:
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[at : at + 4]}" for at in range(0, len(code), 4))
