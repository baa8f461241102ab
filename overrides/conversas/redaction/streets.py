"""Detector of street addresses: a word for a street, its name and a number."""

import re

from conversas.redaction.findings import ADDRESS, Finding
from conversas.redaction.text_index import TextIndex
from conversas.redaction.word_set import words

_SURE = (
    r"rua|r\.|r(?=\s+d[aeo]s?\s)|av\.?|avenida|aven|travessa|trav\.?|tv\.?|alameda|al\.|pra[cç]a|p[cç]a\.?|rodovia|rod\.?|br|estrada|estr?\.|largo|viela|ladeira|beco"
    r"|servid[aã]o|viaduto|praia"
)
_OTHER = (
    r"vila|quadra|conjunto|loteamento|jardim|jd\.?|parque|favela|lagoa|lago|morro|n[uú]cleo|passarela|recanto|residencial|s[ií]tio"
    r"|esta[cç][aã]o|campo|condom[ií]nio|col[oô]nia|ch[aá]cara|fazenda|feira|distrito|esplanada|trecho|trevo|via|vale"
    r"|vereda|setor|[aá]rea|aeroporto|p[aá]tio|balne[aá]rio|granja"
)
_WORD_FOR_STREET = re.compile(rf"(?<![\w@.])(?:(?P<sure>{_SURE})|(?P<other>{_OTHER}))(?=[\s.])", re.IGNORECASE)
_PARTICLE = r"(?:d[aeo]s?|e|d')"
_SMALL = r"[a-zà-ÿ0-9][\wà-ÿ'.°-]*(?!\w)"
_CAPITAL = r"[A-ZÀ-Ý0-9][\w'.°-]*(?!\w)"
_NOT_IN_NAMES = (
    r"(?!(?:est[aáou]\w*|é|eh|foi|era|fica\w*|ficou|tem|tinha|vai|vou|que|n[aã]o|sim|para|pra|com|sem|em|n[ao]s?|às?|ao"
    r"|aos|desde|at[eé]|por|onde|quando|porque|mas|ou|se|j[aá]|aqui|ali|l[aá]|meu|minha|seu|sua|caiu|chegou|parou|faz"
    r"|há|ha|uns|umas|mais|menos|todo|toda|cheg\w+|demor\w+|quer\w*|preciso|pode\w*|hoje|ontem|amanh[aã]|inteir[ao]"
    r"|depois|antes)\b)"
)
_CAPITAL_NAME = rf"(?:\s+{_PARTICLE})*\s+{_CAPITAL}(?:\s+(?:{_PARTICLE}\s+)*{_CAPITAL}){{0,6}}?"
_SMALL_NAME = rf"(?:\s+{_NOT_IN_NAMES}{_SMALL}){{1,6}}?"
_UNITS_OF_TIME = r"(?:h|hs|horas?|reais|dias?|min|minutos?|vezes|anos|meses)\b"
_NUMBER = (
    r"(?:\s*[,;-]?\s*(?:(?:n|n[uú]mero|num|nro|n[°ºo.]{1,2})\.?\s*)?\d{1,5}\s?[a-zA-Z]?"
    rf"(?![\w/%]|[,.:]\d|\s*{_UNITS_OF_TIME})|\s*,?\s*s/?n(?:[°º])?(?!\w)"
    r"|\s*,\s*(?:casa|lote|quadra|bloco|apto?)\s*\d{1,5}(?!\w))"
)
_UNIT = (
    r"(?:\s*[,;-]?\s*(?:apto?|ap|apartamento|bloco|bl|casa|cs|sala|sl|fundos|torre|lote|lt|quadra|qd|andar|conjunto"
    r"|conj|cj|edif[ií]cio|ed|condom[ií]nio)\b\.?(?:\s*(?:\d{1,5}[a-zA-Z]?|[a-zA-Z]\d{0,4})(?!\w))?)"
)
_TAIL_WORDS = rf"(?:\d{{1,2}}°\s+)?[A-ZÀ-Ý][\w'-]*(?:\s+(?:{_PARTICLE}\s+)*[A-ZÀ-Ý0-9][\w'°-]*){{0,5}}"
_TAIL = rf"(?:(?:\s*[,;-]\s*|\s+){_TAIL_WORDS}){{0,4}}"
_SMALL_TAIL = (
    rf"(?:\s*[,-]?\s*(?:centro|(?:no\s+)?bairro(?:\s+{_NOT_IN_NAMES}{_SMALL}){{1,3}}"
    rf"|(?:jardim|jd\.?|vila|parque|pq\.?)\s+(?:{_PARTICLE}\s+)?{_SMALL})(?!\w))?"
)
_AFTER_CAPITAL = re.compile(rf"\.?{_CAPITAL_NAME}{_NUMBER}(?i:{_UNIT}){{0,4}}(?i:{_SMALL_TAIL}){_TAIL}")
_AFTER_SMALL = re.compile(rf"\.?{_SMALL_NAME}{_NUMBER}{_UNIT}{{0,4}}{_SMALL_TAIL}", re.IGNORECASE)
_BLOCK = re.compile(
    r"(?<!\w)(?:S[QH][NS]W?|CL[NS]W?|SH[A-Z]{1,2}|SMPW|Q[NSIER][A-Z]?|quadra|qd|q\.)\.?\s*\d{1,4}\w?"
    r"(?:[\s,-]+(?:norte|sul|conjunto|conj|cj|bloco|bl|lote|lt|casa|apto?|ap|apartamento)\b\.?(?:\s*\w{1,4}(?!\w))?){1,5}",
    re.IGNORECASE,
)
_END_OF_SENTENCE = " ,;.-"
_STREET_WORDS = words(
    """
    rua r av avenida aven travessa trav tv alameda al praca pca rodovia rod br estrada est estr largo
    viela ladeira beco praia servidao viaduto vila quadra conjunto loteamento jardim jd parque favela
    lagoa lago morro nucleo passarela recanto residencial sitio estacao campo condominio colonia chacara
    fazenda feira distrito esplanada trecho trevo via vale vereda setor area aeroporto patio ramal
    balneario granja qd q casa lote bloco apto ap
    """
)


def may_have_address(index: TextIndex) -> set[int]:
    """Return the positions of the texts with a word of an address, and a number or `s/n`."""
    numbered = index.with_digits(1) | index.with_sign("s/n", "sn")
    return numbered and index.with_word(_STREET_WORDS, numbered)


def find_addresses(text: str) -> list[Finding]:
    """Return the street addresses in a text, capitalized or not: a street, a number, and the flat and the district."""
    found, at = list[Finding](), 0
    while word := _WORD_FOR_STREET.search(text, at):
        at = word.end()
        if match := _after(text, word):
            at = word.start() + len(text[word.start() : match.end()].rstrip(_END_OF_SENTENCE))
            found.append(Finding(word.start(), at, ADDRESS))
    return [*found, *(Finding(*match.span(), ADDRESS) for match in _BLOCK.finditer(text))]


def _after(text: str, word: re.Match[str]) -> re.Match[str] | None:
    """Return the name and the number after a word for a street. After an unsure word, the name must be capitalized."""
    if match := _AFTER_CAPITAL.match(text, word.end()):
        return match
    return _AFTER_SMALL.match(text, word.end()) if word["sure"] else None
