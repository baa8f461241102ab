"""Records: frozen, silent, the same however they were made."""

import datetime
import pickle
import weakref

import pytest
from attrs import NOTHING, exceptions, fields

from conversas import Conversation, Drift, DriftKind, Message, Role
from conversas.records import conversation as records
from conversas.records.fast_init import fast_constructor

MESSAGE = {
    "id": "7",
    "role": Role.CUSTOMER,
    "speaker": None,
    "author": "+5511999990000",
    "text": "O pedido não chegou",
    "sent_at": datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
    "read": True,
    "delivered": None,
    "rating": None,
    "sentiment": None,
    "is_survey": None,
    "attachments": (),
    "citations": (),
    "error": None,
}
DRIFT = {"path": "/messages/0", "kind": DriftKind.WRONG_TYPE, "expected": "object", "found": "null"}

KINDS = [
    kind
    for kind in vars(records).values()
    if isinstance(kind, type) and issubclass(kind, records.Record) and kind is not records.Record
]
quickly_made = pytest.mark.parametrize(("kind", "content"), [(Message, MESSAGE), (Drift, DRIFT)])


@quickly_made
def test_a_quick_record_is_the_record(kind, content):
    assert fast_constructor(kind)(**content) == kind(**content)
    assert hash(fast_constructor(kind)(**content)) == hash(kind(**content))
    assert type(pickle.loads(pickle.dumps(fast_constructor(kind)(**content)))) is kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_has_the_default_that_its_class_declares(kind):
    required = {member.alias: "x" for member in fields(kind) if member.default is NOTHING}
    record = kind(**required)
    assert {member.name: getattr(record, member.name) for member in fields(kind)} == {
        member.name: required.get(member.alias, member.default) for member in fields(kind)
    }
    assert weakref.ref(record)() is record
    assert fast_constructor(kind)(**required) == record


@quickly_made
def test_a_quick_record_is_frozen(kind, content):
    record = fast_constructor(kind)(**content)
    for name in content:
        with pytest.raises(exceptions.FrozenInstanceError):
            setattr(record, name, None)


def test_no_repr_shows_what_a_customer_said():
    contact = records.Contact(id="1", name="Ana", email="ana@cliente.example", address="+5511999990000")
    assert repr(Message(**MESSAGE)) == "<Message customer, 2026-03-01T00:00:00+00:00>"
    assert repr(contact) == "<Contact>"
    assert repr(Conversation(provider="zild")) == "<Conversation zild:?, 0 messages, unknown, unknown, no drift>"


def test_every_record_is_keyword_only_so_that_fields_can_be_added():
    kinds = [kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, records.Record)]
    assert {member.kw_only for kind in kinds if kind is not records.Record for member in fields(kind)} == {True}


def test_source_raw_and_drift_take_no_part_in_equality_and_fingerprint():
    bare = Conversation(provider="zild", id="1")
    full = Conversation(provider="zild", id="1", raw=b"{}", drift=(Drift(**DRIFT),))
    assert bare == full
    assert hash(bare) == hash(full)
    assert bare.fingerprint == full.fingerprint != Conversation(provider="zild", id="2").fingerprint
