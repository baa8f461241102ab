"""Canaries in every field of a conversation: none comes out, in any form of the record."""

from typing import Any

from attrs import evolve, fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from conversas import Contact, Conversation, ConversationRef, Drift, DriftKind, Role
from conversas.records.serialization import SerializedRecord
from conversas.redaction import Redactor
from support.record_fields import HARMLESS, content, options

PIX_KEY = "123e4567-e89b-12d3-a456-426614174000"
CANARIES = (
    "529.982.247-25", "52998224725", "(11) 98765-4321", "+5511987654321", "maria.tatu@gmail.com", "11.222.333/0001-81",
    "12.ABC.345/01DE-35", "4111 1111 1111 1111", "01310-100", "Zuleica", PIX_KEY,
)  # fmt: skip
NAME = "Zuleica"
IDS = st.sampled_from([canary for canary in CANARIES if canary != PIX_KEY])
"""Ids are no PIX keys: many are UUIDs, and stay."""
TEXTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "oi ", "Meu dado é "]),
    st.sampled_from(CANARIES),
    st.sampled_from(["", ".", " ok", "\n"]),
)


def records(kind: Any) -> st.SearchStrategy[Any]:
    """Draw a record with canaries in all of its texts."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for member in fields(kind):
        (option, *_) = options(member.type)
        if f"{kind.__name__}.{member.name}" in HARMLESS or option in (bytes, object, Drift):
            continue
        if option is str:
            drawn[member.name] = IDS if member.name.endswith("id") else TEXTS
        elif has(option) and option is not ConversationRef:
            inner = records(option)
            is_many = str(member.type).startswith("tuple")
            drawn[member.name] = st.lists(inner, min_size=1, max_size=2).map(tuple) if is_many else inner
        elif option is Role:
            drawn[member.name] = st.sampled_from(Role)
    return st.builds(kind, **drawn)


def planted(conversation: Conversation) -> Conversation:
    contacts = (*conversation.contacts, Contact(name=f"{NAME} Tatu"))
    drift = (Drift(f"/{NAME}", DriftKind.UNKNOWN_FIELD, "nothing", NAME),)
    return evolve(
        conversation,
        contacts=contacts,
        read_source=lambda conversation: conversation.raw,
        raw=NAME.encode(),
        drift=drift,
        ref=ConversationRef("zild", "7"),
        id=CANARIES[0],
    )


CONVERSATIONS = st.deferred(lambda: records(Conversation)).map(planted)


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


@settings(max_examples=min(30, settings().max_examples))
@given(CONVERSATIONS)
def test_no_canary_is_in_any_form_of_a_redacted_conversation(conversation: Conversation) -> None:
    assert len(found_in(content(conversation))) > 1
    for redactor in (Redactor(), Redactor(key=b"k" * 32, agents=True)):
        redacted = redactor(conversation)
        forms = (content(redacted.conversation), repr(redacted), str(redacted.conversation.to_dict()))
        assert [found_in(form) for form in forms] == [[], [], []]
        assert found_in(SerializedRecord(redacted.conversation).line().decode()) == []
