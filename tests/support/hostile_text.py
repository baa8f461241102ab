"""Characters that must never reach a terminal, and texts that are full of them."""

import unicodedata

HARMFUL_KINDS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
HARMLESS = {"\n", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}

EVIL = "".join(
    [
        "\x1b]0;owned\x07",  # the title of the window
        "\x1b[2J\x1b[H",  # clears the screen
        "\x1b[31m\x9b1m",  # colours, also by C1
        "\x1b[?1049h",  # the other screen
        "\x1b(0\x0e",  # another set of characters
        "\x1b[5;10r",  # what scrolls
        "\x1b[6n\x1b[c\x05",  # asks the terminal to type
        "\x1bP+q544e\x1b\\",
        "\x07\x08\x08\r\x0b\x0c\x00\x7f\x85",
        "\u202e\u200f\u2066\u061c\ufeff",  # turns the line
        "\u2028\u2029",
        "\ue000\U000e0041\ufff9",
        "\x1bc",  # resets it
    ]
)


def harm_in(text: str) -> set[str]:
    """Return the characters that could change a terminal, by their numbers."""
    return {f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in HARMFUL_KINDS} - {
        f"U+{ord(char):04X}" for char in HARMLESS
    }
