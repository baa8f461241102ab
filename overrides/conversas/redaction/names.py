"""Names that a record itself holds, and where its texts have them: in any spelling, whole or in part."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from attrs import define, field

from conversas.redaction.common_words import ALSO_WORDS, NEVER_NAMES, PARTICLES
from conversas.redaction.findings import NAME, Finding
from conversas.redaction.plain_text import fold, plain_text

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_BETWEEN = re.compile(r"[\s.,_'-]{1,3}")
_JOINING = frozenset(("de", "da", "do", "das", "dos"))
_SHORTEST = 2
_LATIN_END = "\u0250"

fold_word = lru_cache(maxsize=8192)(fold)


def words_of(name: str) -> list[str]:
    """Return the words of a name, folded."""
    return [fold_word(match.group()) for match in _WORD.finditer(plain_text(name).text)]


def is_placeholder(name: str) -> bool:
    """Return whether a name is a placeholder for a missing one, such as `Não informado` or `Cliente novo`."""
    return all(word in NEVER_NAMES for word in words_of(name))


@define
class KnownNames:
    """The names that one record holds."""

    _whole: dict[str, str] = field(factory=dict[str, str], init=False, repr=False)
    """The name that each word belongs to."""
    _parts: set[str] = field(factory=set[str], init=False, repr=False)
    """All words of names, with those between them."""
    _literals: dict[str, str] = field(factory=dict[str, str], init=False, repr=False)
    """Names in writings without spaces, by their folded form."""

    def add(self, names: Iterable[str]) -> None:
        """Add names. One that is a placeholder is left out."""
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

    @property
    def words(self) -> Iterable[str]:
        """Patterns that a folded text matches if it has one of the names."""
        return self._whole.keys()

    @property
    def has_other_scripts(self) -> bool:
        return bool(self._literals)

    def find(self, text: str) -> Iterator[tuple[Finding, str]]:
        """Yield each name in a text, with the whole name that it is, or is a part of."""
        matches = [(match, fold_word(match.group())) for match in _WORD.finditer(text)]
        at = 0
        while at < len(matches):
            whole = self._name_of(*matches[at])
            if whole is None:
                at += 1
                continue
            last = self._last_of(text, matches, at, whole)
            yield Finding(matches[at][0].start(), matches[last][0].end(), NAME), whole
            at = last + 1
        yield from self._find_literals(text)

    def _name_of(self, match: re.Match[str], word: str) -> str | None:
        whole = self._whole.get(word)
        if whole is None and word.endswith("'s"):
            whole = self._whole.get(word[:-2])
        if whole is None or (word in ALSO_WORDS and not match.group()[0].isupper()):
            return None
        return whole

    def _last_of(self, text: str, matches: list[tuple[re.Match[str], str]], first: int, whole: str) -> int:
        """Return the last word that belongs to a name which begins with one: other parts of it follow."""
        last = at = first
        while at + 1 < len(matches):
            gap = text[matches[at][0].end() : matches[at + 1][0].start()]
            word = matches[at + 1][1]
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
