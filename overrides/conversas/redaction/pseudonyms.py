"""Placeholders for values: the kind alone or, with a key, a placeholder that is the same for equal values."""

import base64
import hashlib
import hmac
import re

from conversas.errors import ConfigurationError
from conversas.redaction import findings as kinds
from conversas.redaction.phones import canonical_phone
from conversas.redaction.plain_text import fold, plain_form

SHORTEST_KEY_BYTES = 32
_BYTES = 5  # 40 bits: 8 characters in base 32
_KEY_ID = b"conversas: id of a key"
_PSEUDONYM = re.compile(r"\[[A-Z][A-Z0-9_]*(?: [A-Z2-7]{8})?\]")
_NUMBERS = {kinds.CPF, kinds.CNPJ, kinds.CARD, kinds.CEP, kinds.RG}
_NOT_OF_NUMBERS = re.compile(r"[^0-9A-Z]")
_NOT_DIGITS = re.compile(r"[^0-9]")


def is_pseudonym(text: str) -> bool:
    """Return whether a text is already a placeholder."""
    return bool(_PSEUDONYM.fullmatch(text))


class Pseudonyms:
    """Maker of placeholders. Its repr does not show the key."""

    def __init__(self, key: bytes | None) -> None:
        problem = None if key is None else _problem_of(key)
        self._hmac = None if key is None or problem else hmac.new(key, digestmod=hashlib.sha256)
        del key  # a traceback may show the locals of this frame
        if problem:
            raise ConfigurationError(f"`key` must {problem}; create a key with secrets.token_bytes(32)")
        self.key_id = self._digest(_KEY_ID).hex()[:16] if self._hmac else None
        """A short fingerprint that distinguishes keys and does not help to guess a key; None without a key."""

    def __repr__(self) -> str:
        return f"<Pseudonyms {'with' if self._hmac else 'without'} a key>"

    def make(self, kind: str, canonical: str) -> str:
        """Return the placeholder for a value in canonical form."""
        if self._hmac is None:
            return f"[{kind}]"
        digest = self._digest(f"{kind}:{canonical}".encode("utf-8", "surrogatepass"))
        return f"[{kind} {base64.b32encode(digest[:_BYTES]).decode()}]"

    def _digest(self, message: bytes) -> bytes:
        assert self._hmac
        mac = self._hmac.copy()
        mac.update(message)
        return mac.digest()


def _problem_of(key: object) -> str | None:
    if not isinstance(key, bytes):
        return f"be bytes, got {type(key).__name__}"
    if len(key) < SHORTEST_KEY_BYTES:
        return f"have {SHORTEST_KEY_BYTES} bytes or more, got {len(key)}: a shorter key can be guessed"
    return None


def canonical_form(kind: str, value: str) -> str:
    """Return the canonical form of a value, which is the same for all its spellings."""
    plain = plain_form(value)
    if kind in _NUMBERS:
        number = _NOT_OF_NUMBERS.sub("", plain.upper())
        return number.zfill(11) if kind == kinds.CPF else number
    if kind == kinds.PHONE:
        return canonical_phone(_NOT_DIGITS.sub("", plain))
    if kind == kinds.EMAIL:
        return _canonical_email(fold(plain))
    return " ".join(fold(plain).split())


def _canonical_email(email: str) -> str:
    spoken = re.sub(r"\s*[(\[{<]?\s*\b(?:arroba|at)\b\s*[)\]}>]?\s*", "@", email, count=0 if "@" in email else 1)
    return re.sub(r"\s+", "", re.sub(r"\s*[(\[{<]?\s*\b(?:ponto|dot)\b\s*[)\]}>]?\s*", ".", spoken))
