"""Detector of numbers: CPF, CNPJ, cards, telephone numbers, CEP and RG, each in the forms that people type."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from attrs import frozen

from conversas.records.fast_init import fast_constructor
from conversas.redaction import findings as kinds
from conversas.redaction.checks import is_card, is_cnpj, is_cpf
from conversas.redaction.cues import Cue, cue_of
from conversas.redaction.findings import Finding
from conversas.redaction.phones import is_company_or_years, is_phone, is_toll_free

_SEPARATOR = r"(?:(?<=\d{3})\.[^\S\n](?=\d{3}[.-])|\.|[^\S\n]{1,2}[+(]{0,2}|[^\S\n]?[-/_·•()][^\S\n]?[-/()+]?[^\S\n]?)"
_RUN = re.compile(rf"[+(]{{0,2}}\d+(?:{_SEPARATOR}\d+)*(?:[.\- ]?[xX](?![\w@]))?")
_GROUP = re.compile(r"\d+")
FEWEST_DIGITS, _FEWEST_WITHOUT_CUE, _MOST_DIGITS = 5, 8, 19
_MOST_GROUPS, _MOST_SPELLED = 6, 2
"""Maximum number of groups in a number, and maximum length of each group if there are more."""
_OF_INVOICES = frozenset({44, 47, 48})
"""Lengths of the codes of tax invoices, bank slips and utility bills. They contain no number of a person."""
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_GROUPS_OF_IP = 4
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}")
_CEP = re.compile(r"\d{2}\.?\d{3}-\d{3}")
_RG = re.compile(r"\d{1,2}\.\d{3}\.\d{3}-[\dxX]")
_CPF_BORDERS, _CNPJ_BORDERS = {3, 6, 9}, {2, 5, 8, 12}
_CARD_BORDERS = ({4, 8, 12, 16}, {4, 10})


@frozen(weakref_slot=False)  # nothing refers weakly to a window
class _Window:
    """Adjacent groups of digits that may be one number."""

    start: int
    end: int
    digits: str
    sizes: Sequence[int]
    raw: str
    """The text of the window, with a sign such as `+` before the digits."""

    @property
    def borders(self) -> set[int]:
        return set(accumulate(self.sizes[:-1]))

    @property
    def is_spelled(self) -> bool:
        """Whether the number is typed digit by digit, or in pairs."""
        return len(self.sizes) > 4 and max(self.sizes) <= _MOST_SPELLED


_make_window: Callable[..., _Window] = fast_constructor(_Window)


def find_numbers(text: str) -> list[Finding]:
    """Return the numbers of people in a text, recognized by check digits, by form, or by a word next to them."""
    found: list[Finding] = []
    before = 0
    for match in _RUN.finditer(text):
        found += _of_run(text, match, before)
        before = match.end()
    return found


def _of_run(text: str, run: re.Match[str], before: int) -> Iterator[Finding]:
    """Yield the numbers in a run of groups of digits without words between them. Cues begin at `before` or later."""
    groups = [*_GROUP.finditer(text, run.start(), run.end())]
    total = sum([len(each.group()) for each in groups])
    if total < FEWEST_DIGITS or total in _OF_INVOICES or (len(groups) == _GROUPS_OF_IP and _IP.fullmatch(run.group())):
        return
    cue, at = cue_of(text, before, groups[0].start(), run.end()), 0
    glued = _is_glued(text, run)
    while at < len(groups):
        windows = list(_windows(text, run, groups, at))
        window, kind = _best(windows, cue, glued=glued)
        if window is None:
            at += 1
            continue
        if kind:
            yield Finding(window.start, window.end, kind)
        at += len(window.sizes)
        cue = cue.spent()


def _is_glued(text: str, run: re.Match[str]) -> bool:
    """Return whether a letter is directly next to the digits, as in a tracking code."""
    before, after = text[max(run.start() - 1, 0) : run.start()], text[run.end() : run.end() + 1]
    if text[max(run.start() - 2, 0) : run.start()].lower() == "xx":  # (0xx11), a form that carriers introduced
        before = ""
    return before.isalpha() or after.isalpha()


def _windows(text: str, run: re.Match[str], groups: Sequence[re.Match[str]], at: int) -> Iterator[_Window]:
    """Yield the windows that begin with the group at index `at`, from the shortest to the longest."""
    sizes: list[int] = []
    digits, longest, first = "", 0, groups[at].start()
    start = run.start() if at == 0 else _sign_before(text, first)
    is_open = "(" in text[start:first]
    for group in groups[at : at + _MOST_DIGITS]:
        more = group.group()
        digits += more if more.isascii() else _as_ascii(more)
        sizes.append(len(more))
        longest = max(longest, len(more))
        if len(digits) > _MOST_DIGITS or (len(sizes) > _MOST_GROUPS and longest > _MOST_SPELLED):
            return
        if len(digits) < FEWEST_DIGITS:
            continue
        end = run.end() if group is groups[-1] else group.end()
        begin = first if is_open and ")" not in text[start:end] else start
        yield _make_window(begin, end, digits, tuple(sizes), text[begin:end])


def _as_ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits)


def _sign_before(text: str, start: int) -> int:
    return start - 1 if text[start - 1 : start] in ("+", "(") else start


def _best(windows: Sequence[_Window], cue: Cue, *, glued: bool) -> tuple[_Window | None, str | None]:
    """Return the window that is a number, and its kind. The kind is None if the number identifies no person."""
    if windows and windows[0].digits[0] == "0" and cue.kind in (None, "", kinds.PHONE):
        toll_free = next((window for window in windows if is_toll_free(window.digits)), None)
        if toll_free and not is_cpf(toll_free.digits):
            return toll_free, None
    cued = _cued(windows, cue)
    if cued and cue.kind != kinds.PIX:
        return cued, cue.kind
    if glued:
        return cued, cue.kind if cued else None
    for window in reversed(windows):
        if kind := _kind(window, cue):
            return window, kind
    return cued, cue.kind if cued else None


def _cued(windows: Sequence[_Window], cue: Cue) -> _Window | None:
    """Return the window with a possible length of the cue's kind. The most likely length is tried first."""
    for length in cue.lengths:
        for window in windows:
            if len(window.digits) == length and not _is_of_nobody(window):
                return window
    return None


def _is_of_nobody(window: _Window) -> bool:
    """Return whether digits are a date, two years, or the number of a company, even if a cue says otherwise."""
    return bool(_DATE.fullmatch(window.raw)) or is_company_or_years(window.digits)


def _kind(window: _Window, cue: Cue) -> str | None:
    """Return the kind of a number that no cue names."""
    digits, borders, raw = window.digits, window.borders, window.raw
    if len(digits) < _FEWEST_WITHOUT_CUE:
        return None
    if _CEP.fullmatch(raw) or _RG.fullmatch(raw):
        return kinds.CEP if _CEP.fullmatch(raw) else kinds.RG
    may_be_of_nobody = cue.is_of_nobody and not borders
    if _is_phone(window) and not may_be_of_nobody and (borders or not is_cpf(digits)):
        return kinds.PHONE
    return _checked_kind(window, may_be_of_nobody=may_be_of_nobody)


def _checked_kind(window: _Window, *, may_be_of_nobody: bool) -> str | None:
    """Return the kind of a number with check digits, if its groups are usual for that kind."""
    digits, borders = window.digits, window.borders
    if is_cpf(digits) and (borders <= _CPF_BORDERS or window.is_spelled):
        return kinds.CPF
    if may_be_of_nobody:
        return None
    if is_cnpj(digits) and (borders <= _CNPJ_BORDERS or window.is_spelled):
        return kinds.CNPJ
    if is_card(digits) and (window.is_spelled or any(borders <= each for each in _CARD_BORDERS)):
        return kinds.CARD
    return None


def _is_phone(window: _Window) -> bool:
    first = "(" if "(" in window.raw[:2] else ""
    first = "+" if "+" in window.raw[:2] else first
    separators = "".join(sign for sign in ".-" if sign in window.raw)
    return is_phone(window.digits, window.sizes, first=first, separators=separators)
