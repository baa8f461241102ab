"""Brazilian telephone numbers, as people type them."""

from collections.abc import Sequence

from conversas.redaction.word_set import words

AREA_CODES = words(
    """
    11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62
    63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99
    """
)
BRAZIL = "55"
_OF_COMPANIES = ("4000", "4001", "4002", "4003", "4004", "4007", "4020", "4062", "3003", "3004")
"""Prefixes of companies' numbers that are the same in all cities."""
_TOLL_FREE = ("0800", "0300", "0303", "0500", "0900")
_MOBILE_LENGTH, _LANDLINE_LENGTH = 11, 10  # with area code
_LOCAL_MOBILE_LENGTH, _LOCAL_LANDLINE_LENGTH = 9, 8
_LONGEST_LOCAL = 15  # 14 digits for 0, carrier, area code and number, and a spare digit
_MOBILE_BORDERS = ({2, 3, 7}, {2, 5, 8}, {2, 4, 6, 8, 10}, {2, 3, 5, 7, 9}, {2, 6, 9}, {2, 6, 10}, {2, 6})
_LANDLINE_BORDERS = ({2, 6}, {2, 4, 6, 8}, {2, 5, 8}, {2, 6, 8})
_LOCAL_MOBILE_BORDERS = ({1, 5}, {3, 6}, {1, 3, 5, 7}, {2, 4, 6, 8}, {4})


def is_toll_free(digits: str) -> bool:
    """Return whether a number is a public number of a company, such as 0800."""
    return digits.startswith(_TOLL_FREE) and len(digits) in (10, 11, 12)


def is_phone(digits: str, sizes: Sequence[int], *, first: str, separators: str) -> bool:
    """Return whether digits are a telephone number, judged by length, area code and groups.

    Args:
        digits: All digits.
        sizes: Number of digits in each group.
        first: The sign before the digits: `+`, `(` or an empty string.
        separators: All signs between the groups.
    """
    if first == "+":
        return 8 <= len(digits) <= 15
    if is_toll_free(digits):
        return False
    if digits.startswith("00") and len(digits) > 12:  # prefix of an international call
        return len(digits) <= 17 and digits[2] != "0"
    if digits[0] == "0" and 11 <= len(digits) <= _LONGEST_LOCAL:
        return _is_long_distance(digits, sizes)
    if digits.startswith(BRAZIL) and len(digits) in (12, 13):
        return is_national(digits[2:])
    return _has_usual_form(digits, _borders(sizes), first, separators)


def _has_usual_form(digits: str, borders: set[int], first: str, separators: str) -> bool:
    """Return whether digits are a number within Brazil, in the groups that people type."""
    match len(digits):
        case 11:
            return _has_mobile_form(digits, borders)
        case 10:
            has_form = first == "(" or any(borders <= each for each in _LANDLINE_BORDERS)
            return bool(borders) and has_form and is_national(digits)
        case 9:
            return digits[0] == "9" and bool(borders) and _has_local_form(borders, separators)
        case 8:
            return borders == {4} and "-" in separators and not is_company_or_years(digits)
        case _:
            return False


def is_national(digits: str) -> bool:
    """Return whether digits are an area code and a number: a landline, or a mobile with or without its ninth digit."""
    if digits[:2] not in AREA_CODES:
        return False
    if len(digits) == _MOBILE_LENGTH:
        return digits[2] == "9"
    return len(digits) == _LANDLINE_LENGTH and digits[2] in "23456789"


def is_company_or_years(digits: str) -> bool:
    """Return whether digits are a number of a company, such as 4004-1234, or two years, such as 2024-2025."""
    if len(digits) != _LOCAL_LANDLINE_LENGTH:
        return False
    halves = digits[:4], digits[4:]
    return halves[0] in _OF_COMPANIES or all(half[:2] in ("19", "20") for half in halves)


def canonical_phone(digits: str) -> str:
    """Return digits without the optional parts: leading zeros, 55, and the ninth digit of a mobile."""
    number = digits.lstrip("0")
    if len(number) in (12, 13) and number.startswith(BRAZIL):
        number = number[2:]
    if len(number) == _MOBILE_LENGTH and number[2] == "9":
        return number[:2] + number[3:]
    if len(number) == _LOCAL_MOBILE_LENGTH and number[0] == "9":
        return number[1:]
    return number


def _borders(sizes: Sequence[int]) -> set[int]:
    """Return the numbers of digits after which a new group begins."""
    at, borders = 0, set[int]()
    for size in sizes[:-1]:
        at += size
        borders.add(at)
    return borders


def _is_long_distance(digits: str, sizes: Sequence[int]) -> bool:
    """Return whether digits are a zero, an optional carrier code of two digits, and a national number."""
    if is_national(digits[1:]):
        return len(digits) == _MOBILE_LENGTH + 1 or len(sizes) > 1
    return is_national(digits[3:]) and len(sizes) > 1


def _has_mobile_form(digits: str, borders: set[int]) -> bool:
    return is_national(digits) and any(borders <= each for each in (*_MOBILE_BORDERS, {7}))


def _has_local_form(borders: set[int], separators: str) -> bool:
    """Return whether the groups are usual for a mobile number without area code. 987.654.321 is an amount."""
    if borders <= {3, 6}:
        return "." not in separators
    return borders in ({5}, {1}) or any(borders <= each for each in _LOCAL_MOBILE_BORDERS)
