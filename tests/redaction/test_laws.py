"""Laws of redaction, on texts that are drawn."""

import random
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversas import Conversation, Message
from conversas.redaction import DETECTORS, Redactor
from conversas.redaction.checks import has_luhn_digit, is_card, is_cnpj, is_cpf
from conversas.redaction.findings import CONTACT, GatedDetector, merge
from conversas.redaction.known_values import KnownValues
from conversas.redaction.plain_text import is_plain, plain_text
from conversas.redaction.text_index import TextIndex
from support.redaction_texts import TEXTS

PIECES = st.sampled_from(TEXTS) | st.text(max_size=12)
DRAWN = st.lists(PIECES, max_size=4).map(" ".join) | st.text("0123456789 .-/()+@ar\u200b\u00a0XxºA", max_size=40)
NAMES = st.sampled_from(
    ["Weiß", "João Ø", "Łukasz", "ana", "O'Neill", "Анна", "11 98765-4321", "rg_ana.pdf"]
) | st.text(max_size=8)
REDACTOR = Redactor()


@given(DRAWN)
def test_findings_are_in_order_and_within_the_text(text: str) -> None:
    plain = plain_text(text)
    found = merge([each for detector in DETECTORS for each in detector(plain.text)], len(plain.text))
    spans = [plain.span(each.start, each.end) for each in found]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(st.lists(DRAWN, min_size=1, max_size=5))
@example(["ok", "\N{GRINNING FACE}Rua das Flores, 12"])
def test_a_detector_finds_nothing_where_its_sign_is_missing(texts: list[str]) -> None:
    index = TextIndex(texts)
    for detector in DETECTORS:
        assert isinstance(detector, GatedDetector)
        others = set(range(len(texts))).difference(detector.places(index))
        assert [finding for place in others for finding in detector(plain_text(texts[place]).text)] == []


@given(st.lists(NAMES, max_size=3), st.lists(NAMES | DRAWN, min_size=1, max_size=5))
@example(["11 98765-4321"], ["ligue +5511987654321"])
@example(["Weiß"], ["HERR WEISS", "WEI\u1e9e \N{GRINNING FACE}", "ok \N{GRINNING FACE}"])
@example(["João Ø"], ["JOAO \N{GRINNING FACE}", "jo\u00e3o", "jo\u0061\u0303o"])
def test_a_known_value_is_nowhere_where_its_sign_is_missing(names: list[str], texts: list[str]) -> None:
    known, index = KnownValues(), TextIndex(texts)
    known.add_names(*names)
    for name in names:
        known.add_address(name, CONTACT)
    for values in (known, known.names):
        others = set(range(len(texts))).difference(values.places(index))
        assert [finding for place in others for finding in values.find(plain_text(texts[place]).text)] == []


@given(st.lists(DRAWN, max_size=5))
@example(["meu cpf é", "123.456.789-00"])
@example(["nasci em", "10/02/1990", "11 98765", "-4321"])
def test_a_conversation_is_redacted_as_each_of_its_texts(texts: list[str]) -> None:
    conversation = Conversation(provider="zild", messages=tuple(Message(text=text) for text in texts))
    redacted = REDACTOR(conversation).conversation
    assert [each.text for each in redacted.messages] == [REDACTOR.text(text) for text in texts]


def test_what_is_redacted_is_redacted_once() -> None:
    redacted = [REDACTOR.text(text) for text in TEXTS]
    assert [REDACTOR.text(text) for text in redacted] == redacted


@given(st.text())
def test_a_plain_text_has_a_place_in_the_original_for_each_character(text: str) -> None:
    plain = plain_text(text)
    assert is_plain(plain.text) or plain_text(plain.text).text == plain_text(plain_text(plain.text).text).text
    spans = [plain.span(at, at + 1) for at in range(len(plain.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


@given(st.text("0123456789", min_size=9, max_size=9))
def test_each_nine_digits_have_one_pair_of_check_digits(digits: str) -> None:
    count = sum(is_cpf(f"{digits}{check:02}") for check in range(100))
    assert count == (0 if digits == digits[0] * 9 else 1)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12))
def test_each_twelve_letters_and_digits_have_one_pair_of_check_digits(characters: str) -> None:
    count = sum(is_cnpj(f"{characters}{check:02}") for check in range(100))
    assert count <= 1
    assert count or characters == "0" * 12


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("4111111111111111", True),
        ("378282246310005", True),
        ("30569309025904", True),
        ("6362970000457013", True),
        ("4111111111111112", False),
        ("1111111111111117", False),
        ("", False),
    ],
)
def test_a_card_has_a_length_an_issuer_and_a_check_digit(number: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_card(number) is is_one


def test_luhn_is_that_of_the_standard() -> None:
    assert has_luhn_digit("79927398713")
    assert not has_luhn_digit("79927398710")


def test_random_digits_are_seldom_taken_for_personal_data() -> None:
    drawn = random.Random(1)
    orders = [f"Pedido {drawn.randrange(10**6, 10**8)} do dia {drawn.randrange(1, 29)}/10" for _ in range(500)]
    assert [text for text in orders if REDACTOR.text(text) != text] == []
