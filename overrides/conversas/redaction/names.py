"""Names in the fields of a record, and the search for them in its texts: in any spelling, whole or in part."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from conversas.redaction.common_words import ALSO_WORDS, NEVER_NAMES, PARTICLES
from conversas.redaction.findings import NAME, Finding
from conversas.redaction.plain_text import fold, plain_form
from conversas.redaction.text_index import TextIndex, folded

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_BETWEEN = re.compile(r"[\s.,_'-]{1,3}")
_JOINING = frozenset(("de", "da", "do", "das", "dos"))
_SHORTEST = 2
_LATIN_END = "\u0250"

fold_word = lru_cache(maxsize=8192)(fold)


def words_of(name: str) -> list[str]:
    """Return the words of a name, folded."""
    return [fold_word(match.group()) for match in _WORD.finditer(plain_form(name))]


def is_placeholder(name: str) -> bool:
    """Return whether a name is a placeholder for a missing name, such as `Não informado` or `Cliente novo`."""
    return all(word in NEVER_NAMES for word in words_of(name))


class KnownNames:
    """Names in the fields of one record."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}
        """Each word of a name, with the whole name."""
        self._parts: set[str] = set()
        """All words of names, even short words and particles such as `da`."""
        self._literals: dict[str, str] = {}
        """Folded words in scripts other than Latin, which may lack spaces, with the whole name of each."""

    def add(self, names: Iterable[str]) -> None:
        """Add names, except for placeholders."""
        for name in names:
            words = words_of(name)
            if all(word in NEVER_NAMES for word in words):
                continue
            whole = " ".join(words)
            self._parts.update(words)
            for word in words:
                if word >= _LATIN_END:
                    self._literals.setdefault(word, whole)
                elif len(word) >= _SHORTEST and word not in NEVER_NAMES:
                    self._whole.setdefault(word, whole)
            if len(words) > 1:
                self._whole.setdefault("".join(words), whole)

    def places(self, index: TextIndex) -> Iterable[int]:
        """Return the positions of the texts that may have one of the names."""
        return range(len(index.texts)) if self._literals else index.with_sign(*map(folded, self._whole))

    def find(self, text: str) -> Iterator[tuple[Finding, str]]:
        """Yield each name or part of a name in a text, with the whole name."""
        matches = [*_WORD.finditer(text)]
        words = [fold_word(match.group()) for match in matches]
        free = 0
        for at, word in enumerate(words):
            whole = self._whole.get(word) or (word.endswith("'s") and self._whole.get(word[:-2]))
            if not whole or at < free or (word in ALSO_WORDS and not matches[at].group()[0].isupper()):
                continue
            last = self._last_of(text, matches, words, at, whole)
            yield Finding(matches[at].start(), matches[last].end(), NAME), whole
            free = last + 1
        yield from self._find_literals(text)

    def _last_of(
        self, text: str, matches: Sequence[re.Match[str]], words: Sequence[str], first: int, whole: str
    ) -> int:
        """Return the index of the last word of the name that begins with the word at index `first`."""
        last = at = first
        while at + 1 < len(matches):
            gap, word = text[matches[at].end() : matches[at + 1].start()], words[at + 1]
            is_other = self._whole.get(word, whole) != whole
            if is_other or not _BETWEEN.fullmatch(gap) or not (word in self._parts or word in _JOINING):
                break
            at += 1
            if word in self._parts and word not in PARTICLES:
                last = at
        return last

    def _find_literals(self, text: str) -> Iterator[tuple[Finding, str]]:
        if not self._literals:
            return
        folded = text.casefold()
        if len(folded) != len(text):
            folded = text
        for literal, whole in self._literals.items():
            for match in re.finditer(re.escape(literal), folded):
                yield Finding(match.start(), match.end(), NAME), whole
