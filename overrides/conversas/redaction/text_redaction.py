"""Redaction of texts: findings are replaced with placeholders and counted."""

from collections.abc import Collection, Iterable, Sequence

from attrs import field, frozen

from conversas.redaction import findings as kinds
from conversas.redaction.findings import Detector, Finding, GatedDetector, merge
from conversas.redaction.known_values import KnownValues
from conversas.redaction.names import words_of
from conversas.redaction.plain_text import PlainText, fold, plain_form, plain_text
from conversas.redaction.pseudonyms import Pseudonyms, canonical_form, is_pseudonym
from conversas.redaction.text_index import TextIndex

_FEWEST_KEPT_DIGITS = 5


@frozen
class RedactionOptions:
    """Options of a redactor."""

    detectors: Sequence[Detector] = field(repr=False)
    pseudonyms: Pseudonyms
    agents: bool
    kept_kinds: Collection[str]
    kept_texts: Collection[str] = field(repr=False)
    """Texts that are not replaced, in the form that `kept_form` returns."""


def kept_form(text: str) -> str:
    """Return the form in which texts to keep are compared. For a number, it is the digits."""
    digits = "".join(filter(str.isdigit, text))
    return digits if len(digits) >= _FEWEST_KEPT_DIGITS else " ".join(fold(text).split())


class TextRedaction:
    """Redaction of the texts of one record. It records the kind of each replaced value."""

    def __init__(self, options: RedactionOptions, known: KnownValues) -> None:
        self.options = options
        self.known = known
        self.replaced: list[str] = []
        """The kind of each value that was replaced."""
        self.suspects: dict[str, _Search] = {}
        """The prepared texts that may contain personal data."""
        self._prepared: set[str] = set()
        self._done: dict[str, tuple[str, list[str]]] = {}
        """Each text with its redacted form and the kinds that were replaced."""
        self._words: dict[tuple[str, str], str] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Mark the texts that may contain personal data. One search of all texts is faster than many."""
        unique = list(dict.fromkeys(texts))
        self._prepared.update(unique)
        index = TextIndex(unique)
        for detector in self.options.detectors:
            places, find = _gate_of(detector, index)
            for place in places:
                self._search_in(unique[place]).detectors.append(find)
        for place in self.known.places(index):
            self._search_in(unique[place]).known = True
        for place in self.known.names.places(index):
            self._search_in(unique[place]).names = True

    def _search_in(self, text: str) -> "_Search":
        return self.suspects.get(text) or self.suspects.setdefault(text, _Search())

    def _search(self, text: str) -> "_Search | None":
        """Return the categories of values that may be in a text; None if there are no such values."""
        if text not in self._prepared:
            self.prepare([text])
        return self.suspects.get(text)

    def text(self, text: str) -> str:
        """Return a text without the personal data in it."""
        search = self._search(text)
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
        """Return the placeholder for a whole field, or the field itself if it is already a placeholder."""
        if is_pseudonym(value):
            return value
        is_joined = kind == kinds.NAME and self.options.pseudonyms.key_id
        return self._word(kind, value, value, " ".join(words_of(value)) if is_joined else None)

    def address(self, value: str) -> str:
        """Return the placeholder for an address or an id of a customer. It states the kind of the value."""
        if self.known.number_of(value):
            return self.whole(kinds.PHONE, value)
        return self.whole(kinds.EMAIL if "@" in value.strip("@") else kinds.CONTACT, value)

    def is_found(self, text: str) -> bool:
        """Return whether a detector finds something in a text."""
        search = self._search(text)
        return search is not None and any(finding for detector in search.detectors for finding in detector(text))

    def holds_known(self, text: str) -> bool:
        """Return whether a text contains a name, a number or an address of the record."""
        search = self._search(text)
        if search is None:
            return False
        found, names = self._known_in(plain_form(text), search)
        return bool(found or names)

    def _replace(self, text: str, search: "_Search") -> str:
        plain = plain_text(text)
        found, names = self._known_in(plain.text, search)
        found = [*(finding for detector in search.detectors for finding in detector(plain.text)), *found, *names]
        return self._with_words(plain, merge(found, len(plain.text)), names)

    def _known_in(self, content: str, search: "_Search") -> tuple[list[Finding], dict[Finding, str]]:
        """Return the findings of the record's values in a text, and the findings of its names with the whole names."""
        found = list(self.known.find(content)) if search.known else []
        return found, dict(self.known.names.find(content)) if search.names else {}

    def _with_words(self, plain: PlainText, findings: Iterable[Finding], names: dict[Finding, str]) -> str:
        pieces: list[str] = []
        at = 0
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


class _Search:
    """Categories of values that may be in a text."""

    def __init__(self) -> None:
        self.detectors: list[Detector] = []
        self.known = False
        """True if the text may contain a number or an address of the record."""
        self.names = False
        """True if the text may contain a name of the record."""


def _gate_of(detector: Detector, index: TextIndex) -> tuple[Iterable[int], Detector]:
    """Return the positions of the texts that a detector must read, and the detector itself.

    A detector without a gate, such as one that a user passed, reads each text.
    """
    if isinstance(detector, GatedDetector):
        return detector.places(index), detector.find
    return range(len(index.texts)), detector
