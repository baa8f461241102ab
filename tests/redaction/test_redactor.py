"""Redaction of whole conversations: what stays, what goes, and words that can be joined."""

import pickle
import re

import pytest

from conversas import (
    Attachment,
    ConfigurationError,
    Contact,
    Conversation,
    ConversationRef,
    Message,
    NamedValue,
    Note,
    Participant,
    Role,
)
from conversas.redaction import DETECTORS, Finding, Redacted, Redactor

KEY = b"a key of 32 bytes, for the tests"
OTHER_KEY = b"other key of 32 bytes, for tests"
CONVERSATION = Conversation(
    provider="zild",
    id="7",
    ref=ConversationRef("zild", "7"),
    contacts=(Contact(id="5511987654321@c.us", name="Ana Souza", address="+5511987654321"),),
    participants=(Participant(id="5511987654321@c.us", kind="visitor"),),
    messages=(
        Message(id="1", role=Role.CUSTOMER, author="+55 11 98765-4321", text="Sou a Ana, meu número é 98765-4321"),
        Message(id="2", role=Role.AGENT, author="Marcelo", text="Ana, confirma o CPF 529.982.247-25?"),
        Message(
            role=Role.CUSTOMER,
            text="52998224725",
            attachments=(Attachment(url="https://x/?token=1", name="rg_ana.pdf", mime_type="application/pdf"),),
        ),
        Message(id="true_5511987654321@c.us_3EB0", text="mandei rg_ana.pdf"),
    ),
    variables=(NamedValue(name="cpf", value="1"), NamedValue(name="52998224725", value="x")),
    read_source=lambda conversation: conversation.raw,
    raw=b"{}",
)


def redact(**options: object) -> Redacted:
    return Redactor(**options)(CONVERSATION)  # type: ignore[arg-type]  # as each test has them


def test_a_copy_has_no_personal_data_and_a_note() -> None:
    redacted = redact().conversation
    assert [(each.author, each.text) for each in redacted.messages] == [
        ("[PHONE]", "Sou a [NAME], meu número é [PHONE]"),
        ("Marcelo", "[NAME], confirma o CPF [CPF]?"),
        (None, "[CPF]"),
        (None, "mandei [FILE]"),
    ]
    assert redacted.contacts == (Contact(id="[PHONE]", name="[NAME]", address="[PHONE]"),)
    assert redacted.messages[2].attachments == (Attachment(name="[FILE]", mime_type="application/pdf"),)
    assert [each.id for each in redacted.messages] == ["1", "2", None, "[ID]"]
    assert [(each.name, each.value) for each in redacted.variables] == [("cpf", "[CPF]"), ("[CPF]", "x")]
    assert (redacted.source, redacted.raw, redacted.drift) == (None, b"", ())
    assert redacted.notes == (Note.REDACTED,)
    assert (redacted.id, redacted.ref) == ("7", CONVERSATION.ref)


def test_the_counts_have_kinds_and_no_values() -> None:
    assert redact().counts == {"PHONE": 5, "NAME": 3, "CPF": 4, "FILE": 2, "ID": 1}


def test_a_redacted_conversation_is_read_back_from_its_json() -> None:
    redacted = redact(key=KEY).conversation
    assert Conversation.from_dict(redacted.to_dict()) == redacted


def test_a_redacted_conversation_stays_as_it_is() -> None:
    redacted = redact(key=KEY).conversation
    for again in (Redactor(), Redactor(key=OTHER_KEY)):
        assert again(redacted) == Redacted(redacted, {})


def test_with_a_key_equal_values_have_equal_words() -> None:
    redacted = redact(key=KEY).conversation
    customer, agent, document, _ = redacted.messages
    (phone,) = re.findall(r"\[PHONE [A-Z2-7]{8}\]", customer.text or "")
    assert {customer.author, redacted.contacts[0].id, redacted.contacts[0].address, redacted.participants[0].id} == {
        phone
    }
    assert (document.text or "") in (agent.text or "")
    assert (redacted.contacts[0].name or "") in (agent.text or "")


@pytest.mark.parametrize(
    "spellings",
    [
        ["529.982.247-25", "52998224725", "529 982 247 25"],
        ["+55 (11) 98765-4321", "11987654321", "011 98765-4321", "(11) 8765-4321"],
        ["Maria@Gmail.com", "maria arroba gmail ponto com", "maria @ gmail.com"],
        ["01310-100", "cep 01310100"],
        ["12.ABC.345/01DE-35", "12abc34501de35"],
        ["4111 1111 1111 1111", "4111111111111111"],
    ],
)
def test_spellings_of_one_value_have_one_word(spellings: list[str]) -> None:
    redactor = Redactor(key=KEY)
    words = {re.sub(r"^cep ", "", redactor.text(spelling)) for spelling in spellings}
    assert len(words) == 1
    assert re.fullmatch(r"\[[A-Z]+ [A-Z2-7]{8}\]", words.pop())


def test_words_of_another_key_cannot_be_joined() -> None:
    words = {Redactor(key=key).text("529.982.247-25") for key in (KEY, OTHER_KEY)}
    assert len(words) == 2
    assert Redactor(key=KEY).key_id != Redactor(key=OTHER_KEY).key_id
    assert Redactor().key_id is None


def test_the_key_is_in_no_repr_and_in_no_id_of_it() -> None:
    redactor = Redactor(key=KEY)
    assert repr(redactor) == "<Redactor with a key>"
    assert "key of 32" not in repr(vars(redactor))
    assert KEY.hex()[:8] not in (redactor.key_id or "")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (b"short", "`key` must have 32 bytes or more, got 5: "),
        (b"", "`key` must have 32 bytes or more, got 0: "),
        ("a text of more than thirty-two characters", "`key` must be bytes, got str; "),
    ],
)
def test_a_key_that_can_be_guessed_is_refused(key: bytes, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(problem)) as error:
        Redactor(key=key)
    assert "thirty-two" not in repr(error.traceback[-1].locals)
    pickle.loads(pickle.dumps(error.value))


def test_kinds_and_texts_that_are_kept_stay() -> None:
    redactor = Redactor(keep=["CEP", "(11) 3456-7890", "sac@loja.com.br"])
    text = "CEP 01310-100, ligue 11 3456-7890 ou SAC@loja.com.br, não 11 98765-4321"
    assert redactor.text(text) == "CEP 01310-100, ligue 11 3456-7890 ou SAC@loja.com.br, não [PHONE]"
    with pytest.raises(ConfigurationError, match="`keep` must be a collection of strings, got one string"):
        Redactor(keep="CEP")


def test_a_detector_of_a_user_reads_each_text() -> None:
    def plates(text: str) -> list[Finding]:
        return [Finding(*match.span(), "PLATE") for match in re.finditer(r"^[A-Z]{3}\d[A-Z]\d\d$", text)]

    messages = (Message(text="ABC1D23"), Message(text="placa ABC1D23"), Message(text="CPF 529.982.247-25"))
    conversation = Conversation(provider="zild", messages=messages)
    redacted = Redactor(detectors=[*DETECTORS, plates])(conversation)
    assert [each.text for each in redacted.conversation.messages] == ["[PLATE]", "placa ABC1D23", "CPF [CPF]"]
    assert redacted.counts == {"PLATE": 1, "CPF": 1}


def test_findings_beyond_a_text_and_across_each_other_are_one_word() -> None:
    def odd(text: str) -> list[Finding]:
        return [Finding(-5, 3, "A"), Finding(2, 6, "B"), Finding(8, 99, "C"), Finding(4, 4, "D"), Finding(50, 60, "E")]

    assert Redactor(detectors=[odd]).text("0123456789") == "[A]67[C]"


def test_an_author_that_is_a_word_for_a_role_stays() -> None:
    messages = tuple(
        Message(role=role, author=author)
        for role, author in (
            (Role.CUSTOMER, "user"),
            (Role.AGENT, "Bia"),
            (Role.CUSTOMER, "Caio"),
            (Role.UNKNOWN, "Eva"),
        )
    )
    redacted = Redactor()(Conversation(provider="zild", messages=messages)).conversation
    assert [each.author for each in redacted.messages] == ["user", "Bia", "[NAME]", "[NAME]"]
