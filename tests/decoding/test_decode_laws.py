"""Laws of decode: it never crashes, never lies about a type, and what differs costs nothing but itself."""

import copy
import json
import pickle
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn, SearchStrategy
from jsonschema import Draft4Validator, ValidationError

from conversas import Conversation, DecodeError, DriftError, DriftKind, Message, Note, NotFoundError, decode
from conversas.decoding.decoder import recognizer_for
from conversas.providers.datetimes import is_never
from conversas.records.serialization import serialized_fields
from support.annotations import is_true
from support.generated import PROVIDERS, types_of
from support.mapping_doc import derived, rows, source_of
from support.mutations import (
    ODD_NAMES,
    Change,
    Changes,
    changes,
    disjoint,
    is_rewritten,
    places,
    pointer,
    respelled,
    schemas,
)
from support.strategies import MOMENTS, TEXTS, bodies, json_values, load_schema, own_name

ANY_TEXT = st.text(st.characters(), max_size=8)  # lone surrogates too
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(18, 4000).map(lambda digits: 10**digits),
    st.floats(),
    ANY_TEXT,
    MOMENTS,
)

KEPT = (DriftKind.UNKNOWN_FIELD, DriftKind.UNKNOWN_VALUE)
UNSET = {provider: types_of(provider).UNSET for provider in PROVIDERS}

fewer = settings(max_examples=settings().max_examples // 10)  # of what goes through all places each time
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@cache
def names(provider: str) -> SearchStrategy[str]:
    """Draw names of properties, mostly such as a provider has somewhere."""
    known = sorted({name for path in schemas(provider) for name in path})
    return st.sampled_from(known) | TEXTS | st.sampled_from(ODD_NAMES)


@cache
def anything(provider: str) -> SearchStrategy[Any]:
    """Draw JSON values, and such as Python alone takes for JSON."""
    keys = names(provider) | ANY_TEXT
    return st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5))


@st.composite
def nested(draw: DrawFn) -> bytes:
    opening, closing = draw(st.sampled_from([(b"[", b"]"), (b'{"messages":', b"}"), (b'{"":[', b"]}")]))
    depth = draw(st.integers(1, 300) | st.integers(900, 3000))
    return b'{"x":' + opening * depth + draw(st.sampled_from([b"1", b'"\\ud800"'])) + closing * depth + b"}"


@st.composite
def mangled(draw: DrawFn, provider: str) -> bytes:
    body = encoded(draw(bodies(provider)))
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=4)) + body[draw(st.integers(start, len(body))) :]


def model_with(source: Any, change: Change, value: Any) -> Any:
    """Return a copy of a generated model, with what a change should make of it."""
    model = target = copy.deepcopy(source)
    *parents, last = change.path
    for part in parents:
        target = target[part] if isinstance(target, list) else getattr(target, target._names[part])
    if isinstance(target, list):
        del target[last]
    elif change.place.kind is DriftKind.UNKNOWN_FIELD:
        target.additional_properties[last] = value
    else:
        setattr(target, target._names[last], value)
    return model


def assert_nothing_else_differs(before: Conversation, after: Conversation, folded: str, *besides: Note) -> None:
    """Hold two records against docs/mapping.md: what it does not derive from a place is the same in both."""
    touched = derived(before.provider, folded)
    for name in serialized_fields(Conversation).keys() - touched - {"messages", "notes"}:
        assert getattr(after, name) == getattr(before, name), name
    assert "notes" in touched or {*after.notes, *besides} == {*before.notes, *besides}
    messages = source_of(before.provider, "messages")
    if folded in (messages, f"{messages}[]"):
        assert Counter(after.messages) <= Counter(before.messages)
        return
    kept = [name for name in serialized_fields(Message) if f"messages[].{name}" not in touched]
    old, new = ([[getattr(message, name) for name in kept] for message in each.messages] for each in (before, after))
    assert new == old or ("messages" in touched and Counter(map(tuple, new)) == Counter(map(tuple, old)))
    assert not folded.startswith(messages) or (Counter(after.messages) - Counter(before.messages)).total() <= 1


def outcome(provider: str, body: bytes) -> Conversation | DecodeError | NotFoundError:
    try:
        return decode(provider, body)
    except (DecodeError, NotFoundError) as error:
        return error


@each_provider
@given(data=st.data())
def test_any_bytes_are_read_or_refused(provider: str, data: DataObject) -> None:
    body = data.draw(st.one_of(st.binary(), anything(provider).map(encoded), nested(), mangled(provider)))
    match outcome(provider, body):
        case NotFoundError():
            assert json.loads(body) is None
        case DecodeError(body=kept):
            assert kept == body
            assert body.strip() != b"null"
        case Conversation() as conversation:
            assert conversation.raw == body
            assert is_true(conversation)


@each_provider
@given(data=st.data())
def test_any_object_loads_and_drifts_where_another_validator_finds_errors(provider: str, data: DataObject) -> None:
    drawn = data.draw(st.dictionaries(names(provider), json_values(names(provider)), max_size=8))
    body = {own_name(provider): None, **drawn}
    assume(recognizer_for(provider).recognizes(body))
    conversation = decode(provider, encoded(body))
    errors = [*Draft4Validator(load_schema(provider)).iter_errors(body)]
    paths = {pointer(error.path) for error in errors if not means_the_same(error)}
    assert {drift.path for drift in conversation.drift} == paths
    assert is_true(conversation)


def means_the_same(error: ValidationError) -> bool:
    return error.validator == "type" and is_rewritten(error.instance, error.schema["type"])


@each_provider
@given(data=st.data())
def test_a_valid_body_has_no_drift(provider: str, data: DataObject) -> None:
    body = b" \n" + encoded(data.draw(bodies(provider))) + b"\n"
    conversation = decode(provider, body, on_drift="raise")
    assert conversation.drift == ()
    assert conversation.raw == body
    assert is_true(conversation)


@each_provider
@pytest.mark.parametrize("kind", DriftKind)
@fewer
@given(data=st.data())
def test_one_difference_is_one_drift_and_costs_nothing_else(provider: str, kind: DriftKind, data: DataObject) -> None:
    ref = data.draw(st.sampled_from([None, f"{provider}:7"]))
    drawn: Changes = data.draw(changes(provider, places(provider, kind)))
    before = decode(provider, encoded(drawn.body), ref=ref)
    for change in drawn.changes:
        body = encoded(drawn.made(change))
        after = decode(provider, body, ref=ref)
        assert [(drift.path, drift.kind) for drift in after.drift] == [(change.pointer, kind)]
        assert after.raw == body
        assert after.source == model_with(before.source, change, change.value if kind in KEPT else UNSET[provider])
        assert_nothing_else_differs(before, after, change.place.folded)
        assert is_true(after)


@each_provider
@fewer
@given(data=st.data(), spelled=respelled())
def test_a_time_in_another_known_form_is_drift_and_is_read(
    provider: str, data: DataObject, spelled: tuple[str, datetime]
) -> None:
    text, moment = spelled
    times = [place for place in places(provider, DriftKind.BAD_FORMAT) if "pattern" in place.schema]
    drawn: Changes = data.draw(changes(provider, times, lambda _: st.just(text)))
    before = decode(provider, encoded(drawn.body))
    for change in drawn.changes:
        after = decode(provider, encoded(drawn.made(change)))
        assert [(drift.path, drift.kind) for drift in after.drift] == [(change.pointer, DriftKind.BAD_FORMAT)]
        assert Note.TIME_REPAIRED in after.notes
        assert after.source == model_with(before.source, change, moment)
        assert_nothing_else_differs(before, after, change.place.folded, Note.TIME_REPAIRED)
        assert_is_read(after, change.place.folded, moment)
        assert is_true(after)


def assert_is_read(conversation: Conversation, folded: str, moment: datetime) -> None:
    """Look for a time in each neutral field that comes from this property alone."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for name in [name for name, sources in rows(conversation.provider) if sources == [folded]]:
        holders = conversation.messages if name.startswith("messages") else [conversation]
        assert (None if is_never(aware) else aware) in [getattr(each, name.rpartition(".")[2]) for each in holders]


@each_provider
@given(data=st.data())
def test_every_one_of_several_differences_is_drift(provider: str, data: DataObject) -> None:
    anywhere = st.sampled_from([place for kind in DriftKind for place in places(provider, kind)])
    several = st.lists(anywhere, min_size=2, max_size=4).filter(disjoint)
    drawn: Changes = data.draw(several.flatmap(lambda chosen: changes(provider, chosen)))
    body = encoded(drawn.made(*drawn.changes))
    conversation = decode(provider, body)
    expected = [(change.pointer, change.place.kind) for change in drawn.changes]
    assert Counter((drift.path, drift.kind) for drift in conversation.drift) == Counter(expected)
    assert is_true(conversation)
    with pytest.raises(DriftError) as raised:
        decode(provider, body, on_drift="raise")
    assert raised.value.drift == conversation.drift
    assert raised.value.body == body
    assert vars(pickle.loads(pickle.dumps(raised.value))) == vars(raised.value)


@each_provider
@pytest.mark.parametrize("chosen", [*([name] for name in ODD_NAMES), ODD_NAMES], ids=repr)
def test_properties_of_any_name_may_be_unknown(provider: str, chosen: list[str]) -> None:
    messages = source_of(provider, "messages")
    body = {messages: [dict.fromkeys(chosen, 1)]} | {name: {"": 1} for name in chosen}
    expected = [*((name,) for name in chosen), *((messages, 0, name) for name in chosen)]
    conversation = decode(provider, encoded(body))
    assert Counter(drift.path for drift in conversation.drift) == Counter(map(pointer, expected))
    assert {drift.kind for drift in conversation.drift} == {DriftKind.UNKNOWN_FIELD}


each_long_integer = pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**30, 10**400])


@each_long_integer
def test_an_integer_of_any_size_is_an_integer(number: int) -> None:
    conversation = decode("zild", encoded({"messages": [{"id": number}], "agentType": number, "id": number}))
    assert Note.TYPE_REPAIRED not in conversation.notes
    found = {drift.path: (drift.kind, drift.found) for drift in conversation.drift}
    assert found == {"/agentType": (DriftKind.UNKNOWN_VALUE, number), "/id": (DriftKind.BAD_FORMAT, "integer")}
    assert conversation.messages[0].id == str(number)


@each_provider
@each_long_integer
def test_an_integer_of_any_size_is_kept_in_an_unknown_property(provider: str, number: int) -> None:
    for value in (number, [{"a": number}], {"a": [number]}):
        source: Any = decode(provider, encoded({own_name(provider): None, "unlisted": value})).source
        assert source.additional_properties == {"unlisted": value}
