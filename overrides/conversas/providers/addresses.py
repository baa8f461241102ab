"""Addresses of people on their channels, compared as addresses and not as strings."""

import re
import unicodedata

SHORTEST_PHONE = 8  # digits
BRAZIL = "55"
NATIONAL = 10  # digits of a Brazilian number: two for the area, eight for the line

_SCHEME = re.compile(r"(?:whatsapp|wa|tel|phone|sms|smsto|mms|rcs|sips?|mailto|callto)\s*:\s*(?://)?\s*")
_ANGLE_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>\s*")
_PARAMETERS = re.compile(r"[;?].*", re.DOTALL)
_WHATSAPP = re.compile(r"([0-9]+)(?:[:_.][0-9]+)*@(?:s\.whatsapp\.net|c\.us)")  # the number of a device may follow
_SIP_USER = re.compile(r"([^@]+)@[^@]+")
_PHONE = re.compile(r"\+?[0-9 ()./\-\u2010-\u2015]+")
_NO_DIGITS = dict.fromkeys(map(ord, "+ ()./-\u2010\u2011\u2012\u2013\u2014\u2015"))


def canonical_address(text: str) -> str:
    """Return the same string for each spelling of one address: a telephone number, an e-mail address or another id."""
    address = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().casefold()
    if "<" in address and (bracketed := _ANGLE_BRACKETS.fullmatch(address)):
        address = bracketed[1].strip()
    scheme = _SCHEME.match(address) if ":" in address else None
    if scheme:
        address = _PARAMETERS.sub("", address[scheme.end() :]).strip()
    if "@" not in address:
        return _phone(address) or address
    if jid := _WHATSAPP.fullmatch(address):
        return _phone(jid[1]) or address
    user = _SIP_USER.fullmatch(address) if scheme and scheme[0].startswith("sip") else None
    return (_phone(user[1]) if user else None) or address


def _phone(address: str) -> str | None:
    """Return the digits of a telephone number, without the country code and the additional 9 of Brazilian ones."""
    digits = address.removeprefix("+")
    if not (digits.isdecimal() and digits.isascii()):  # most addresses are only digits
        if not _PHONE.fullmatch(address):
            return None
        digits = digits.replace("(0)", "").translate(_NO_DIGITS)
    digits = digits.lstrip("0")
    if len(digits) < SHORTEST_PHONE:
        return None
    national = digits.removeprefix(BRAZIL) if len(digits) >= len(BRAZIL) + NATIONAL else digits
    if len(national) == NATIONAL + 1 and national[2] == "9":
        return national[:2] + national[3:]
    return national if len(national) == NATIONAL else digits
