"""Parser of refs as people write them: with or without a provider, as a range, or as the URL of a page."""

import re

from attrs import define, field, frozen

from conversas.cli.ref_check import InvalidRefError, valid_ref
from conversas.cli.ref_suggestion import did_you_mean, prefixes, suggest_provider
from conversas.cli.ref_url import UrlParser
from conversas.providers import get_provider, provider_names
from conversas.providers.environment import provider_from_env
from conversas.records.ref import ConversationRef

_URL = re.compile(r"(?i)https?://")
_RANGE = re.compile(r"(-?[0-9]+)[ \t]*\.\.[ \t]*(-?[0-9]+)")
_LIKE_RANGE = re.compile(r"([0-9]+)\s*(?:-|\u2013|:|\.{3,}|\u2026)\s*([0-9]+)")
_WITH_SEPARATORS = re.compile(r"[0-9]{1,3}(?:[., '][0-9]{3})+(?:[.,]0{1,2})?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)[.,]0{1,2}")  # 1.000 may mean a thousand


@frozen
class RefRange:
    """Refs of a provider from one integer to another, both included. If the first is higher, the range counts down."""

    provider: str
    first: int
    last: int


@define
class RefParser:
    """Parser of one list of refs."""

    provider: str | None
    """Provider of bare ids."""
    _names: frozenset[str] = field(factory=lambda: frozenset(provider_names()), init=False)
    _usable: set[str] = field(factory=set[str], init=False)
    """Providers of this list that are configured."""
    _urls: UrlParser | None = field(default=None, init=False)

    def names_provider(self, text: str) -> bool:
        """Return whether a text names its provider: as a ref, or as a URL."""
        return text.partition(":")[0] in self._names or bool(_URL.match(text))

    def parse(self, text: str, *, is_cell: bool = False) -> ConversationRef | RefRange:
        """Read a ref, a range of refs, or a URL. A cell of a table may hold an integer as a float, such as 123.0.

        Raises:
            InvalidRefError: The text is not a ref or URL, or its provider is not configured.
            ConfigurationError: The configuration of its provider is invalid.
        """
        if not text.isascii() and _SURROGATE.search(text):
            raise InvalidRefError("the text is not UTF-8")
        if _URL.match(text):
            self._urls = self._urls or UrlParser(self.provider)
            return self._checked(*self._urls.parse(text))
        name, colon, id_ = text.partition(":")
        if name not in self._names:
            similar = suggest_provider(text) if colon or self.provider is None else None
            if self.provider is None or similar:
                remedy = did_you_mean(f"{similar}:") if similar else "; for bare ids, pass --provider"
                raise InvalidRefError(f"a ref must begin with {prefixes()}{remedy}")
            name, id_ = self.provider, text
        id_ = id_.strip()
        if is_cell and get_provider(name).integer_ids and (whole := _WHOLE_FLOAT.fullmatch(id_)):
            id_ = whole[1]
        return self._checked(name, id_)

    def _checked(self, name: str, id_: str) -> ConversationRef | RefRange:
        if name not in self._usable:
            self._check_configured(name)
        bounds = _RANGE.fullmatch(id_) if ".." in id_ else None
        if bounds is None:
            return self._single(name, id_)
        if get_provider(name).integer_ids is None:
            raise InvalidRefError(f"ids of {name} are not integers, so they have no ranges")
        first, last = (int(valid_ref(name, bound).id) for bound in bounds.groups())
        return RefRange(name, first, last)

    def _single(self, name: str, id_: str) -> ConversationRef:
        try:
            return valid_ref(name, id_)
        except InvalidRefError as error:
            hint = ""
            if get_provider(name).integer_ids and _LIKE_RANGE.fullmatch(id_):
                hint = f"; a range has two dots, for example {name}:1..5000"
            elif get_provider(name).integer_ids and _WITH_SEPARATORS.fullmatch(id_):
                hint = "; write it without thousands separators"
            raise InvalidRefError(f"{error}{hint}") from None

    def _check_configured(self, name: str) -> None:
        if provider_from_env(name) is None:
            raise InvalidRefError(f"{name} is not configured; set {get_provider(name).env_help}")
        self._usable.add(name)
