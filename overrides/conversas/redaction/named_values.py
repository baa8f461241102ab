"""Kinds of variables and collected data, inferred from their names, even inside values that are JSON."""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from conversas.json_pointer import is_array, is_object
from conversas.records.conversation import NamedValue
from conversas.redaction import findings as kinds
from conversas.redaction.plain_text import fold
from conversas.redaction.pseudonyms import is_pseudonym
from conversas.redaction.word_set import words

_KINDS = {
    kinds.CPF: "cpf cic",
    kinds.CNPJ: "cnpj cgc",
    kinds.RG: "rg identidade",
    kinds.CARD: "cartao card",
    kinds.PHONE: "telefone tel fone celular phone mobile whatsapp wpp zap msisdn",
    kinds.EMAIL: "email mail",
    kinds.CEP: "cep zip zipcode postcode postalcode",
    kinds.PIX: "pix",
    kinds.BIRTH_DATE: "nascimento birth birthday birthdate dob aniversario",
    kinds.ADDRESS: "endereco address logradouro rua street bairro complemento",
    kinds.NAME: "nome name sobrenome surname lastname firstname fullname nomecompleto apelido nickname titular mae pai"
    " conjuge esposa marido responsavel beneficiario",
}
_BY_WORD = {word: kind for kind, listed in _KINDS.items() for word in listed.split()}
_OF_THINGS = words(
    """
    produto product plano plan empresa company fila queue loja store arquivo file bot agente agent atendente
    operador campanha campaign modelo model curso course canal channel evento event servico service item tag
    grupo group departamento department setor equipe team host domain dominio ip mac type tipo status
    """
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=1024)
def kind_of(name: str) -> str | None:
    """Return the kind of value that a name suggests, such as CPF for `cpfDoTitular`; None if it suggests no kind."""
    if is_pseudonym(name):
        return None
    parts = [word.lower() for word in _WORD.findall("".join(map(_fold_letter, name)))]
    if not _OF_THINGS.isdisjoint(parts):
        return None
    joined = "".join(parts)
    if "email" in joined:
        return kinds.EMAIL
    found = [_BY_WORD[word] for word in (*parts, joined) if word in _BY_WORD]
    return next((kind for kind in found if kind != kinds.NAME), found[0] if found else None)


def _fold_letter(letter: str) -> str:
    folded = fold(letter)
    return folded.upper() if letter.isupper() else folded


def values_by_kind(*named: NamedValue) -> Iterator[tuple[str, str]]:
    """Yield the kind and the content of each value whose name suggests a kind."""
    for each in named:
        if each.value:
            yield from _leaves(each.name or "", parse(each.value))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    kind = kind_of(name)
    if is_object(value):
        for key, item in value.items():
            yield from _leaves(_name_within(name, key), item)
    elif is_array(value):
        for item in value:
            yield from _leaves(name, item)
    elif kind and isinstance(value, str | int) and not isinstance(value, bool):
        yield kind, str(value)


def _name_within(name: str, key: str) -> str:
    """Return the name of a value in a named object: a value in `endereco` belongs to an address."""
    return f"{name} {key}" if kind_of(name) else key


def parse(value: str) -> Any:
    """Return the parsed content of a value that is a JSON object or array. Return any other value unchanged."""
    if value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def redact_json(name: str, value: Any, redact: Callable[[str, str], str], redact_key: Callable[[str], str]) -> Any:
    """Return a redacted JSON value.

    Args:
        name: Name of the value.
        value: The JSON value.
        redact: Function that returns the replacement for a string or a number, from its name and its text.
        redact_key: Function that returns the replacement for a key.
    """
    if is_object(value):
        return {
            redact_key(key): redact_json(_name_within(name, key), item, redact, redact_key)
            for key, item in value.items()
        }
    if is_array(value):
        return [redact_json(name, item, redact, redact_key) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if not isinstance(value, str) and kind_of(name) == kinds.NAME:
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    replaced = redact(name, text)
    return value if replaced == text else replaced
