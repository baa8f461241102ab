"""Addresses are compared as addresses: prefixes, punctuation, case and Brazil's ninth digit make no difference."""

import pytest

from conversas.providers.addresses import canonical_address
from support.examples import changed

SAME = [
    "5511912345678",
    "551112345678",
    "+55 (11) 91234-5678",
    "+55 11 1234.5678",
    "0055 11 91234 5678",
    "(11) 91234-5678",
    "011 91234-5678",
    "whatsapp:+5511912345678",
    "WhatsApp: +55 11 91234-5678",
    "tel:+55-11-91234-5678;ext=2",
    "sms:+5511912345678?body=oi",
    "sip:+5511912345678@pbx.example",
    "sips:5511912345678@10.0.0.7;transport=tls",
    "5511912345678@s.whatsapp.net",
    "551112345678@c.us",
    "5511912345678:12@s.whatsapp.net",
    "\uff0b" + "".join(chr(0xFF10 + int(digit)) for digit in "5511912345678"),  # full width
    "+55\N{NO-BREAK SPACE}11\N{NO-BREAK SPACE}91234\N{NON-BREAKING HYPHEN}5678",
]


@pytest.mark.parametrize("text", SAME)
def test_a_telephone_number_is_the_same_in_each_spelling(text: str) -> None:
    assert canonical_address(text) == canonical_address(SAME[0])


@pytest.mark.parametrize("text", ["ANA@Exemplo.Example", "mailto:ana@exemplo.example", "Ana <ana@exemplo.example>"])
def test_an_email_address_is_the_same_in_each_spelling(text: str) -> None:
    assert canonical_address(text) == "ana@exemplo.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511912345678", "5511912345679"),
        ("5511912345678", "5521912345678"),
        ("5511912345678", "5411912345678"),
        ("user:42000000", "agent:42000000"),
        ("12345678@exemplo.example", "12345678@outro.example"),
        ("sip:100@a.example", "sip:100@b.example"),
        ("1001", "1002"),
        ("visitor-1", "visitor-2"),
    ],
)
def test_other_addresses_stay_apart(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)


@pytest.mark.parametrize("spelled", SAME)
def test_the_customer_is_known_by_any_spelling_of_the_address(spelled: str) -> None:
    messages = [{"from": spelled, "content": "Oi"}, {"from": "atendente", "content": "Bom dia"}]
    conversation = changed("zild/voice-call", **{"from": SAME[0]}, messages=messages)
    assert [message.role for message in conversation.messages] == ["customer", "agent"]
    assert "role-inferred" in conversation.notes
