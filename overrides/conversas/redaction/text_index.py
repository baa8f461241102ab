"""Index of texts, which finds the texts that have a sign, such as `@`, in one search."""

import unicodedata
from collections.abc import Collection, Sequence

from conversas.redaction.plain_text import are_plain, plain_form

_LATIN = bytes(range(256)).decode("latin-1")
_LETTERS_AND_DIGITS = b"abcdefghijklmnopqrstuvwxyz0123456789"


def _folded_character(character: str) -> int:
    """Return a character of Latin-1 in lower case and without its accent."""
    return ord(unicodedata.normalize("NFD", character.lower())[0])


_FOLDED = bytes(map(_folded_character, _LATIN))
_NOT_DIGITS = bytes(code for code in range(1, 256) if code not in b"0123456789")
_SHAPES = bytes(ord("x") if code in _LETTERS_AND_DIGITS else code if code in b"\0-./" else 32 for code in range(256))
_SPACED = bytes(32 if code in b".,:(-/" else code for code in range(256))


def folded(plain: str) -> str:
    """Return a plain text in lower case, without accents and without letters of scripts other than Latin."""
    return plain.lower() if plain.isascii() else _folded(plain).decode("latin-1")


def _folded(plain: str) -> bytes:
    try:
        latin = plain.encode("latin-1")
    except UnicodeEncodeError:
        spaced = plain.replace("\N{OGHAM SPACE MARK}", " ")
        latin = unicodedata.normalize("NFKD", spaced.casefold()).encode("latin-1", "ignore")
    return latin.translate(_FOLDED).replace(b"\xdf", b"ss")


def _words_in(folded: bytes) -> list[str]:
    return folded.translate(_SPACED).decode("latin-1").split()


class TextIndex:
    """Texts, joined in forms that are fast to search. Methods return positions of texts, from 0."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        joined = "\0".join(texts)  # no plain text has a null character
        if are_plain(joined, borders=len(texts) - 1):
            self._bytes = _folded(joined)
        else:
            self._bytes = b"\0".join([_folded(plain_form(text)) for text in texts])
        self._folded = self._bytes.decode("latin-1")
        self._shapes = self._bytes.translate(_SHAPES).decode("latin-1")
        self._digits = self._bytes.translate(None, _NOT_DIGITS).decode().split("\0")
        self.parts = self._folded.split("\0")
        """Each text in the form that `folded` returns."""

    def with_sign(self, *signs: str) -> set[int]:
        """Return the positions of the texts with one of the signs, which must be in lower case."""
        found = [sign for sign in signs if sign in self._folded]
        return {place for sign in found for place, part in enumerate(self.parts) if sign in part} if found else set()

    def with_shape(self, shape: str) -> set[int]:
        """Return the positions of the texts with a shape: `x` for a letter or digit, and the signs `-`, `.` and `/`."""
        if shape not in self._shapes:
            return set()
        return {place for place, part in enumerate(self._shapes.split("\0")) if shape in part}

    def with_word(self, words: frozenset[str], places: Collection[int]) -> set[int]:
        """Return the members of `places` whose texts have one of the words, between spaces or signs."""
        parts = self._bytes.split(b"\0")
        if words.isdisjoint(_words_in(b" ".join([parts[place] for place in places]))):
            return set()
        return {place for place in places if not words.isdisjoint(_words_in(parts[place]))}

    def with_digits(self, fewest: int) -> set[int]:
        """Return the positions of the texts with at least `fewest` digits."""
        return {place for place, digits in enumerate(self._digits) if len(digits) >= fewest}

    def with_number(self, *numbers: str) -> set[int]:
        """Return the positions of the texts with the digits of one of the numbers, whatever is between the digits."""
        return {place for number in numbers for place, digits in enumerate(self._digits) if number in digits}
