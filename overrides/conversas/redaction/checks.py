"""Check digits of Brazilian numbers and of payment cards."""

import re
from collections.abc import Iterable, Sequence
from operator import mul

_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_CPF_LENGTH = 11
_CARD_PREFIXES = {
    14: re.compile(r"3(?:0[0-5]|095|[689])"),  # Diners Club
    15: re.compile(r"3[47]"),  # American Express
    16: re.compile(r"[3-6]|2[2-7]"),  # Visa, Mastercard, Elo, Hipercard, JCB, Discover
    19: re.compile(r"4|6[0-57]|50|5[6-8]"),  # Visa, Hipercard, UnionPay, Maestro
}


def is_cpf(digits: str) -> bool:
    """Return whether the digits have the length and the two check digits of a CPF."""
    if len(digits) != _CPF_LENGTH or digits == digits[0] * _CPF_LENGTH:
        return False
    numbers = [*map(int, digits)]
    return numbers[9] == _mod_11(numbers, range(10, 1, -1)) and numbers[10] == _mod_11(numbers, range(11, 1, -1))


def is_cnpj(characters: str) -> bool:
    """Return whether the characters are a CNPJ with valid check digits. Since 2026, a CNPJ may contain letters."""
    if not _CNPJ.fullmatch(characters) or characters == characters[0] * len(characters):
        return False
    values = [ord(character) - ord("0") for character in characters]
    return values[12] == _mod_11(values, _CNPJ_WEIGHTS[1:]) and values[13] == _mod_11(values, _CNPJ_WEIGHTS)


def _mod_11(values: Iterable[int], weights: Sequence[int]) -> int:
    """Return the check digit that follows the first `len(weights)` values."""
    rest = sum(map(mul, values, weights)) % 11
    return 0 if rest < 2 else 11 - rest


def is_card(digits: str) -> bool:
    """Return whether the digits have the length, the prefix and the check digit of a payment card."""
    prefix = _CARD_PREFIXES.get(len(digits))
    return bool(prefix and prefix.match(digits)) and has_luhn_digit(digits)


def has_luhn_digit(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit of the other digits."""
    doubled = (sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
