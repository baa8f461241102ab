"""Detector of e-mail addresses, both with the sign @ and spelled out in words."""

import re
from collections.abc import Iterator

from conversas.redaction.findings import EMAIL, Finding

_PROVIDERS = (
    r"(?:gmail|g\s?mail|hotmail|outlook|yahoo|ymail|icloud|live|msn|uol|bol|terra|globo|globomail|ig|me|proton(?:mail)?"
    r"|zipmail|oi|r7)"
)
_ZONES = (
    r"(?:com|net|org|edu|gov|adv|eng|med|ind|br|io|co|me|pt|app|dev|info|online|site|tech|store|us|ar|uy|py|es|it"
    r"|fr|de)"
)
_LOCAL = r"[\w.+'%&#=~-]{1,64}"
_LABEL = r"[\w-]{1,63}"
AT_IN_BRACKETS = re.compile(r"[(\[{<]\s*at?\s*[)\]}>]")
_AT = re.compile(r"@{1,3}|arroba|[(\[{<]\s*at?\s*[)\]}>]", re.IGNORECASE)
_LOCAL_BEFORE = re.compile(rf"{_LOCAL}$")
_SPOKEN_SIGN = r"(?:ponto|underline|underscore|anderline|tra[cç]o|h[ií]fen|tracinho)"
_SPOKEN_BEFORE = re.compile(
    rf"(?:[\w+-]{{1,64}}\s+{_SPOKEN_SIGN}\s+){{0,4}}[\w.+'-]{{1,64}}[^\S\n]*[(\[{{<]?[^\S\n]*$", re.IGNORECASE
)
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{1,6}}|{_PROVIDERS}(?![\w.-])", re.IGNORECASE)
_LOOSE_DOMAIN = re.compile(
    rf"\s{{0,2}}(?:{_LABEL}(?:\.{_LABEL}){{0,5}}\s{{0,2}}[.,]\s{{0,2}}{_ZONES}(?:\s?\.\s?[a-z]{{2}})?(?![\w])"
    rf"|{_PROVIDERS}(?:(?:\s|[.,])+com(?:(?:\s|\.)+br)?)?(?!\w))",
    re.IGNORECASE,
)
_DOT = r"(?:\s{0,2}[(\[{<]?\s?(?:ponto|dot|pt)\s?[)\]}>]?\s{0,2}|\s{0,2}\.\s{0,2})"
_SPOKEN_DOMAIN = re.compile(
    rf"[^\S\n]*[)\]}}>]?[^\S\n]*(?:{_LABEL}(?:{_DOT}{_LABEL}){{0,3}}?{_DOT}{_ZONES}(?:{_DOT}[a-z]{{2}}(?!\w))?(?!\w)|{_PROVIDERS}(?!\w))",
    re.IGNORECASE,
)
_LONGEST_LOCAL = 256


def find_emails(text: str) -> list[Finding]:
    """Return the e-mail addresses in a text: `maria@x.com`, `maria @ gmail.com`, `maria arroba gmail ponto com`."""
    return [*_emails(text)]


def _emails(text: str) -> Iterator[Finding]:
    for sign in _AT.finditer(text):
        before = text[max(0, sign.start() - _LONGEST_LOCAL) : sign.start()]
        span = _written(text, before, sign) if sign.group()[0] == "@" else _spoken(text, before, sign)
        if span:
            yield Finding(*span, EMAIL)


def _written(text: str, before: str, sign: re.Match[str]) -> tuple[int, int] | None:
    """Return the span of an address with the sign @.

    After a space, `@loja.com` names an account, unless the domain belongs to a well-known e-mail provider.
    """
    local = _LOCAL_BEFORE.search(before)
    domain = _DOMAIN.match(text, sign.end())
    if local and domain:
        return sign.start() - len(local.group()), _extended(text, domain.end(), sign)
    loose = _LOOSE_DOMAIN.match(text, sign.end())
    spaced = local or _LOCAL_BEFORE.search(before.rstrip(" \t"))
    if loose is None or spaced is None:
        return None
    if local is None and not text[sign.end() : sign.end() + 1].isspace() and not _is_of_provider(text, sign):
        return None
    gap = 0 if local else len(before) - len(before.rstrip(" \t"))
    return sign.start() - gap - len(spaced.group()), loose.end()


def _extended(text: str, end: int, sign: re.Match[str]) -> int:
    """Return the end of a domain that may continue after a space: `maria@gmail .com`."""
    loose = _LOOSE_DOMAIN.match(text, sign.end())
    return loose.end() if loose and loose.end() > end and "." not in text[sign.end() : end] else end


def _is_of_provider(text: str, sign: re.Match[str]) -> bool:
    return bool(re.compile(_PROVIDERS + r"\b", re.IGNORECASE).match(text, sign.end()))


def _spoken(text: str, before: str, sign: re.Match[str]) -> tuple[int, int] | None:
    local, domain = _SPOKEN_BEFORE.search(before), _SPOKEN_DOMAIN.match(text, sign.end())
    return (sign.start() - len(local.group()), domain.end()) if local and domain else None
