"""Suggestion for a misspelt ref, for example `zild:123` for `zlid:123`, `zild 123` or `123`."""

import re
from difflib import get_close_matches

from conversas.cli.ref_check import InvalidRefError, valid_ref
from conversas.errors import ConfigurationError
from conversas.providers import get_provider, provider_names
from conversas.records.ref import ConversationRef

_WITHOUT_COLON = re.compile(r"([A-Za-z_]+)[\s=/#.;-]*(\w*\d[\w-]*)")
_INTEGER = re.compile(r"-?\d+")
_RANGE = ".."
_LONGEST = 200  # characters


def parse_ref(text: str) -> ConversationRef:
    """Read a ref that a person typed.

    Raises:
        ConfigurationError: The text is not a ref, or its provider is unknown and another ref is similar.
    """
    if text.partition(":")[0] not in provider_names() and (suggestion := suggest_ref(text)):
        raise ConfigurationError(f"{text}: a ref must begin with {prefixes()}{did_you_mean(suggestion)}")
    return ConversationRef.parse(text)


def prefixes() -> str:
    """Return the beginning of a ref for each provider, for messages."""
    return " or ".join(f"{name}:" for name in provider_names())


def suggest_provider(text: str) -> str | None:
    """Return the provider whose name the beginning of a text resembles; None if it resembles no name."""
    name = _parts(text)[0].strip().lower()
    return next(iter(get_close_matches(name, provider_names(), n=1)), None)


def suggest_ref(text: str) -> str | None:
    """Return the ref that a text may stand for; None if it resembles no ref."""
    name, id_ = suggest_provider(text), _parts(text)[1].strip()
    if name is None and _INTEGER.fullmatch(text):
        with_integers = [each for each in provider_names() if get_provider(each).integer_ids]
        name, id_ = with_integers[0] if len(with_integers) == 1 else None, text
    return f"{name}:{id_}" if name and _is_valid(name, id_) and f"{name}:{id_}" != text else None


def did_you_mean(suggestion: str | None) -> str:
    """Return the end of a message that suggests a text; empty without a suggestion."""
    return f"; did you mean {suggestion}?" if suggestion else ""


def _parts(text: str) -> tuple[str, str]:
    """Return the parts of a text that may be the name of the provider and the id."""
    if len(text) > _LONGEST:
        return "", ""
    if ":" in text:
        name, _, id_ = text.partition(":")
        return name, id_
    found = _WITHOUT_COLON.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def _is_valid(name: str, id_: str) -> bool:
    try:
        for bound in id_.split(_RANGE) if get_provider(name).integer_ids else [id_]:
            valid_ref(name, bound)
    except InvalidRefError:
        return False
    return True
