"""Cues: words next to a number that say which kind of number it is."""

import re
from functools import lru_cache

from attrs import frozen

from conversas.redaction import findings as kinds

_LOOK_BACK, _LOOK_AHEAD = 48, 32
_NUMBER_IS = r"(?:\s|,|-|\(|=|:|\)|é|eh|e|esse|este|o|a|do|meu|minha|nosso|n[uú]mero|dele|dela|seu)*"
_KINDS = {
    kinds.CPF: r"c\.?p\.?f|cic",
    kinds.CNPJ: r"c\.?n\.?p\.?j|cgc",
    kinds.RG: r"rg|registro geral|(?:carteira de |n[uú]mero da )?identidade",
    kinds.CEP: r"cep",
    kinds.CARD: r"cart[aã]o|cart[oõ]es|card",
    kinds.PHONE: r"tel|tels|telefones?|fones?|cel|celular(?:es)?|wh?ats?(?:app?)?|zap(?:zap)?|wpp|contato|m[oó]vel"
    r"|(?:me )?(?:liga|ligar|ligue|ligou|chama|chamar|chame)|meu n[uú]mero|n[uú]mero novo|recado",
    kinds.PIX: r"pix|chave",
    "": r"protocolo|pedido|c[oó]digo|boleto|s[eé]rie|rastreio|rastreamento|contrato|ip|modelo|linha digit[aá]vel|ordem"
    r"|chamado|ticket|matr[ií]cula|sku|barras|vers[aã]o|processo|ap[oó]lice|imei",
}
_WORDS = "|".join(_KINDS.values())
_BEFORE = re.compile(rf"(?<![^\W\d_])(?P<word>{_WORDS})(?=[^a-zà-ÿ]|\d|$)")
_AFTER = re.compile(rf"{_NUMBER_IS}(?<![^\W\d_])(?P<word>{_WORDS})(?!\w)")
_LENGTHS = {
    kinds.CPF: (11, 10, 12, 9, 8),
    kinds.CNPJ: (14, 13, 15, 12),
    kinds.RG: (9, 8, 10, 7, 11, 6, 5),
    kinds.CEP: (8, 7),
    kinds.CARD: (16, 15, 14, 17, 18, 19, 13),
    kinds.PHONE: (13, 12, 11, 10, 9, 8),
    kinds.PIX: (14, 13, 11, 12, 10),
}
"""Possible lengths of each kind of number, in digits, the most likely first. People mistype numbers."""


@frozen
class Cue:
    """Meaning of a word next to a number."""

    kind: str | None = None
    """Kind of the number. It is empty if the number does not identify a person, for example a ticket number
    (`protocolo`), and None if there is no such word.
    """

    @property
    def lengths(self) -> tuple[int, ...]:
        """Possible lengths of the number, in digits."""
        return _LENGTHS.get(self.kind or "", ())

    @property
    def is_of_nobody(self) -> bool:
        return self.kind == ""

    def spent(self) -> "Cue":
        """Return the cue of the numbers that follow. Only a word such as `protocolo` may apply to several numbers."""
        return self if self.is_of_nobody else NO_CUE


NO_CUE = Cue()


def cue_of(text: str, after: int, start: int, end: int) -> Cue:
    """Return the cue of a number: the last cue word before it, or else a cue word that follows it directly."""
    before = text[max(after, start - _LOOK_BACK) : start].lower()
    found = None
    for found in _BEFORE.finditer(before):  # noqa: B007  # only the last match is used
        pass
    if found is None or _ends_sentence(before[found.end() :].lstrip(".")):
        found = _AFTER.match(text[end : end + _LOOK_AHEAD].lower())
    return _cue_of_word(found["word"]) if found else NO_CUE


@lru_cache(maxsize=256)
def _cue_of_word(word: str) -> Cue:
    return Cue(next(kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, word)))


def _ends_sentence(text: str) -> bool:
    return any(mark in text for mark in (". ", "! ", "; "))
