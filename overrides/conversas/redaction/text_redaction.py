"""Redaction of texts: findings become words, which are counted."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence

from attrs import define, field, frozen

from conversas.redaction import findings as kinds
from conversas.redaction.findings import Detector, Finding, GatedDetector, merge
from conversas.redaction.known_values import KnownValues, number_of
from conversas.redaction.names import words_of
from conversas.redaction.plain_text import PlainText, fold, is_plain, plain_text
from conversas.redaction.pseudonyms import Pseudonyms, canonical_form, is_pseudonym

_FEWEST_KEPT_DIGITS = 5
_BORDER = " \0 "
"""Between texts that are searched at once: no plain text has it."""


@frozen
class RedactionOptions:
    """Options of a redactor."""

    detectors: Sequence[Detector] = field(repr=False)
    pseudonyms: Pseudonyms
    agents: bool
    kept_kinds: Collection[str]
    kept_texts: Collection[str] = field(repr=False)
    """Texts that stay, in the form of `kept_form`."""


def kept_form(text: str) -> str:
    """Return a text that stays as it is compared: a number by its digits."""
    digits = "".join(filter(str.isdigit, text))
    return digits if len(digits) >= _FEWEST_KEPT_DIGITS else " ".join(fold(text).split())


@define
class TextRedaction:
    """Redaction of the texts of one record. It notes the kind of each value that it replaces."""

    options: RedactionOptions
    known: KnownValues = field(factory=KnownValues)
    replaced: list[str] = field(factory=list[str], init=False)
    """The kind of each value that was replaced."""
    _name_keys: Sequence[bytes] = field(init=False, repr=False)
    """Pattern that a text without accents matches if it has a name."""
    _searches: dict[str, "_Search | None"] = field(factory=dict[str, "_Search | None"], init=False, repr=False)
    """Categories that may be in each text of the record; None without any."""
    _done: dict[str, tuple[str, list[str]]] = field(factory=dict[str, tuple[str, list[str]]], init=False, repr=False)
    """Texts with what became of them, and the kinds that were replaced."""
    _words: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._name_keys = [without_accents(word) for word in self.known.names.words]

    def prepare(self, texts: Iterable[str]) -> None:
        """Return which categories the texts to redact may hold: it is faster to look at all at once."""
        unique = list(dict.fromkeys(texts))
        plain = unique if is_plain("\n".join(unique)) else [plain_text(text).text for text in unique]
        joined = _BORDER.join(plain).lower()
        lowered = joined.split(_BORDER)
        self._searches = dict.fromkeys(unique)
        for detector in self.options.detectors:
            may_find, find = _gate_of(detector)
            if may_find(joined):
                for text in [text for text, low in zip(unique, lowered, strict=True) if may_find(low)]:
                    self._search_in(text).detectors.append(find)
        if self.known.may_find(joined):
            for text in [text for text, low in zip(unique, lowered, strict=True) if self.known.may_find(low)]:
                self._search_in(text).known = True
        for text in self._with_names(unique, joined):
            self._search_in(text).known = True

    def _with_names(self, texts: Sequence[str], joined: str) -> Iterable[str]:
        """Return the texts that may have a name of the record; `joined` has all of them."""
        if self.known.names.has_other_scripts:
            return texts
        folded = without_accents(joined)
        keys = [key for key in self._name_keys if key in folded]
        if not keys:
            return ()
        parts = folded.split(_BORDER.encode())
        return [text for text, part in zip(texts, parts, strict=True) if any(key in part for key in keys)]

    def _search_in(self, text: str) -> "_Search":
        search = self._searches[text] or _Search()
        self._searches[text] = search
        return search

    def text(self, text: str) -> str:
        """Return a text without the personal data in it."""
        search = self._searches.get(text, _EVERYTHING)
        if search is None:
            return text
        if text not in self._done:
            others, self.replaced = self.replaced, []
            result = self._replace(text, search)
            self._done[text], self.replaced = (result, self.replaced), others
        result, replaced = self._done[text]
        self.replaced += replaced
        return result

    def whole(self, kind: str, value: str) -> str:
        """Return the word in the place of a whole field, or the field if it has such a word already."""
        if is_pseudonym(value):
            return value
        return self._word(kind, value, value, " ".join(words_of(value)) if kind == kinds.NAME else None)

    def address(self, value: str) -> str:
        """Return the word in the place of an address or an id of a customer, by what it is."""
        if number_of(value):
            return self.whole(kinds.PHONE, value)
        return self.whole(kinds.EMAIL if "@" in value.strip("@") else kinds.CONTACT, value)

    def is_found(self, text: str) -> bool:
        """Return whether a detector finds something in a text."""
        search = self._searches.get(text, _EVERYTHING)
        return search is not None and any(self._detect(text, search))

    def holds_known(self, text: str) -> bool:
        """Return whether a text holds a name, a number or an address of the record."""
        search = self._searches.get(text, _EVERYTHING)
        if search is None or not search.known:
            return False
        content = plain_text(text).text
        return any(self.known.find(content)) or any(self.known.names.find(content))

    def _replace(self, text: str, search: "_Search") -> str:
        plain = plain_text(text)
        content = plain.text
        found = self._detect(content, search)
        names = dict[Finding, str]()
        if search.known:
            found += self.known.find(content)
            names = dict(self.known.names.find(content))
        return self._with_words(plain, merge([*found, *names], len(content)), names)

    def _detect(self, content: str, search: "_Search") -> list[Finding]:
        detectors = self.options.detectors if search is _EVERYTHING else search.detectors
        return [finding for detector in detectors for finding in detector(content)]

    def _with_words(self, plain: PlainText, findings: Iterable[Finding], names: dict[Finding, str]) -> str:
        pieces, at = list[str](), 0
        for finding in findings:
            start, end = plain.span(finding.start, finding.end)
            value = plain.text[finding.start : finding.end]
            pieces += [plain.original[at:start]]
            pieces += [self._word(finding.kind, value, plain.original[start:end], names.get(finding))]
            at = end
        return "".join([*pieces, plain.original[at:]]) if pieces else plain.original

    def _word(self, kind: str, value: str, original: str, canonical: str | None) -> str:
        options = self.options
        if kind in options.kept_kinds or (options.kept_texts and kept_form(value) in options.kept_texts):
            return original
        self.replaced.append(kind)
        if options.pseudonyms.key_id is None:
            return f"[{kind}]"
        if canonical is None:
            canonical = self.known.canonical_phone(value) if kind == kinds.PHONE else canonical_form(kind, value)
        if (kind, canonical) not in self._words:
            self._words[kind, canonical] = options.pseudonyms.make(kind, canonical)
        return self._words[kind, canonical]


@define
class _Search:
    """Categories of values that may be in a text."""

    detectors: list[Detector] = field(factory=list[Detector])
    known: bool = False
    """Whether it may hold a name, a number or an address of the record."""


_EVERYTHING = _Search(known=True)


def _gate_of(detector: Detector) -> tuple[Callable[[str], object], Detector]:
    """Return the gate of a detector, and what is behind it. One of a user has none: it reads each text."""
    if isinstance(detector, GatedDetector):
        return detector.may_find, detector.find
    return _always, detector


def _always(_: str) -> bool:
    """Return that any text may hold something."""
    return True


def without_accents(text: str) -> bytes:
    """Return the letters of a text that are Latin, in lower case, quickly."""
    if text.isascii():
        return text.lower().encode()
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").lower()
