"""Each field of the records is redacted, or is on a list of what is harmless, also one that is added later."""

from typing import Any, get_origin, get_type_hints

import pytest
from attrs import evolve, fields, has

from conversas import Conversation, ConversationRef, Drift, Message
from conversas.redaction import Redactor
from support.record_fields import HARMLESS, content, options, text_fields

CANARY = "529.982.247-25"
FIELDS = [*text_fields(Conversation, set())]


def with_canary(record: Any, kind: Any, name: str) -> Any:
    """Return a record with a CPF in one field of it or of a record in it."""
    changes: dict[str, Any] = {}
    hints = get_type_hints(type(record))
    for member in fields(type(record)):
        hint, many = hints[member.name], get_origin(hints[member.name]) is tuple
        (option,) = options(hint) if len(options(hint)) == 1 else (None,)
        if type(record) is kind and member.name == name:
            value: Any = {str: CANARY, bytes: CANARY.encode(), Drift: Drift(CANARY, "x", CANARY, CANARY)}.get(
                option, {"a": CANARY}
            )
            changes[name] = (value,) if many else value
        elif option is not None and has(option) and option not in (ConversationRef, Drift):
            inner = with_canary(option(), kind, name)
            if inner != option() or option is kind:
                changes[member.name] = (inner,) if many else inner
    return evolve(record, **changes)


def test_the_walk_reaches_the_fields() -> None:
    names = {f"{kind.__name__}.{name}" for kind, name in FIELDS}
    assert {"Message.text", "Contact.name", "NamedValue.value", "Conversation.raw"} <= names
    assert {"Evaluation.status_message", "Queue.name", "Tag.name", "Call.disconnection_reason"} <= names
    assert len(names) > 40


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda each: getattr(each, "__name__", each))
def test_a_field_that_may_hold_words_is_redacted(kind: Any, name: str) -> None:
    if f"{kind.__name__}.{name}" in HARMLESS:
        return
    planted = with_canary(Conversation(provider="zild"), kind, name)
    assert CANARY in content(planted)
    assert CANARY not in content(Redactor()(planted).conversation)


def test_an_id_of_another_conversation_than_the_ref_is_redacted() -> None:
    ref = ConversationRef("zild", "7")
    ids = [Redactor()(Conversation(provider="zild", id=id_, ref=ref)).conversation.id for id_ in ("7", CANARY)]
    assert ids == ["7", "[ID]"]


def test_what_has_nothing_personal_stays_the_same_object() -> None:
    message = Message(text="Olá!", id="17", sentiment="POSITIVE")
    conversation = Conversation(provider="zild", messages=(message,))
    assert Redactor()(conversation).conversation.messages[0] is message
