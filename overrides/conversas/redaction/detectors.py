"""Default detectors of a redactor."""

import re
from collections.abc import Iterator

from conversas.redaction import findings as kinds
from conversas.redaction.checks import is_cnpj
from conversas.redaction.emails import AT_IN_BRACKETS, find_emails
from conversas.redaction.findings import Detector, Finding, GatedDetector
from conversas.redaction.numbers import FEWEST_DIGITS, find_numbers
from conversas.redaction.streets import find_addresses, may_have_address
from conversas.redaction.text_index import TextIndex

_ZONES = r"(?:com|net|org|br|pt|me|io|app|co|gl|ly|be|link|page|dev|info|site|online|store|shop|tech|bio|ee|cc|us|gg)"
_URL = re.compile(
    rf"[a-z][a-z0-9+.-]{{1,20}}://[^\s<>\"']+|www\.[^\s<>\"']+|(?<![\w@.-])(?:[\w-]{{1,63}}\.){{1,5}}{_ZONES}(?::\d+)?[/?#][^\s<>\"']*",
    re.IGNORECASE,
)
_END_OF_SENTENCE = ".,;:!?)]}*_"
_UUID = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE
)
_PIX_BEFORE = re.compile(r"\b(?:pix|chave|aleat[oó]ria)\b[^.!?]{0,40}$", re.IGNORECASE)
_BR_CODE = re.compile(r"000201[0-9]{2}.{20,600}?6304[0-9A-F]{4}(?![0-9A-F])", re.IGNORECASE)
_CNPJ = re.compile(
    r"(?<![^\W_])[0-9A-Z]{2}[. ]?[0-9A-Z]{3}[. ]?[0-9A-Z]{3}[/ ]?[0-9A-Z]{4}[- ]?[0-9]{2}(?![^\W_])", re.IGNORECASE
)
_CHECK_DIGITS = re.compile(r"[0-9]{2}(?![0-9a-z])")
_DOTTED_CNPJ = re.compile(r"(?=[0-9./-]*[a-z])[0-9a-z]{2}\.[0-9a-z]{3}\.[0-9a-z]{3}/")
_CNPJ_LENGTH, _HEX_DIGITS = 14, 32
_NOT_OF_CNPJ = re.compile(r"[^0-9A-Za-z]")
_MONTHS = r"(?:jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)[a-zç]*\.?"
_YEAR = r"(?:\d{4}|\d{2})"
_DATE = re.compile(
    rf"(?<!\d)(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?{_YEAR}|\d{{4}}[-/]\d{{2}}[-/]\d{{2}}|\d{{8}}"
    rf"|\d{{2}} \d{{2}} \d{{4}}|\d{{1,2}}[°ºo]?(?:\s+de\s+|\s*[/.-]\s*|\s+){_MONTHS}"
    rf"(?:(?:\s+de\s+|\s*[/.-]\s*|\s+){_YEAR})?|\d{{1,2}}/\d{{1,2}})(?!\d)",
    re.IGNORECASE,
)
_BIRTH_SIGNS = ("nasc", "anivers", "birth", "dn", "d.n", "dob", "natal")
_BIRTH_WORD = r"(?:nasc\w*|anivers[aá]rio|d\.?n\.?|birth\w*|dob|natal[ií]cio)"
_BIRTH_BEFORE = re.compile(rf"(?<!\w){_BIRTH_WORD}\.?(?:[^\d.!?]|\.(?!\s)){{0,40}}$", re.IGNORECASE)
_BIRTH_AFTER = re.compile(rf"[^\d.!?]{{0,25}}\b{_BIRTH_WORD}", re.IGNORECASE)
_LOOK_BACK, _LOOK_AHEAD = 64, 48


def find_urls(text: str) -> list[Finding]:
    """Return the URLs in a text. They may contain a token or the number of a person."""
    found = list[Finding]()
    for match in _URL.finditer(text):
        end = match.start() + len(match.group().rstrip(_END_OF_SENTENCE))
        found.append(Finding(match.start(), end, kinds.URL))
    return found


def find_pix_keys(text: str) -> list[Finding]:
    """Return the random PIX keys and the PIX codes in a text. Other keys are numbers or e-mail addresses."""
    codes = [Finding(*match.span(), kinds.PIX) for match in _BR_CODE.finditer(text)]
    keys = [match for match in _UUID.finditer(text) if match[1] or _follows_pix(text, match.start())]
    return [*codes, *(Finding(*match.span(), kinds.PIX) for match in keys)]


def _follows_pix(text: str, start: int) -> bool:
    return bool(_PIX_BEFORE.search(text[max(0, start - _LOOK_BACK) : start]))


def find_lettered_cnpjs(text: str) -> list[Finding]:
    """Return the CNPJs with letters in a text, which have been issued since July 2026."""
    return [*_lettered_cnpjs(text)] if _has_form_of_cnpj(text.lower()) else []


def _has_form_of_cnpj(text: str) -> bool:
    """Return whether a lower-case text has the word `cnpj`, or letters and digits in one of the two usual forms."""
    if "cnpj" in text or ("/" in text and _DOTTED_CNPJ.search(text)):
        return True
    words = (text[max(match.end() - _CNPJ_LENGTH, 0) : match.end()] for match in _CHECK_DIGITS.finditer(text))
    return any(len(word) == _CNPJ_LENGTH and word.isalnum() and not word.isdigit() for word in words)


def _lettered_cnpjs(text: str) -> Iterator[Finding]:
    for match in _CNPJ.finditer(text):
        characters = _NOT_OF_CNPJ.sub("", match.group()).upper()
        if not characters.isdigit() and is_cnpj(characters):
            yield Finding(*match.span(), kinds.CNPJ)


def find_birth_dates(text: str) -> list[Finding]:
    """Return the dates in a text that are next to a word such as `nasci` or `aniversário`."""
    return [Finding(*match.span(), kinds.BIRTH_DATE) for match in _DATE.finditer(text) if _is_birth_date(text, match)]


def _is_birth_date(text: str, date: re.Match[str]) -> bool:
    before = text[max(0, date.start() - _LOOK_BACK) : date.start()]
    after = _BIRTH_AFTER.match(text, date.end(), date.end() + _LOOK_AHEAD)
    return bool(after or _BIRTH_BEFORE.search(before))


def _may_have_email(index: TextIndex) -> set[int]:
    in_brackets = {place for place in index.with_sign(*"([{<") if AT_IN_BRACKETS.search(index.parts[place])}
    return in_brackets | index.with_sign("@", "arroba")


def _may_have_lettered_cnpj(index: TextIndex) -> set[int]:
    return index.with_sign("cnpj") | index.with_shape("x" * _CNPJ_LENGTH) | index.with_shape("xx.xxx.xxx/")


def _may_have_pix_key(index: TextIndex) -> set[int]:
    bare = index.with_shape("x" * _HEX_DIGITS)
    return (
        index.with_sign("000201")
        | index.with_shape("-xxxx-xxxx-xxxx-")
        | (bare and bare & index.with_sign("pix", "chave", "aleat"))
    )


DETECTORS: tuple[Detector, ...] = (
    GatedDetector(lambda index: index.with_sign("/", "www."), find_urls),
    GatedDetector(_may_have_email, find_emails),
    GatedDetector(lambda index: index.with_digits(FEWEST_DIGITS), find_numbers),
    GatedDetector(_may_have_lettered_cnpj, find_lettered_cnpjs),
    GatedDetector(_may_have_pix_key, find_pix_keys),
    GatedDetector(lambda index: index.with_sign(*_BIRTH_SIGNS), find_birth_dates),
    GatedDetector(may_have_address, find_addresses),
)
"""The detectors of a redactor to which no others are passed."""
