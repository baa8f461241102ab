"""Laws of every generated model: nothing is lost, nothing raises, and what the annotations say is true."""

import copy
import json
import pickle
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy
from jsonschema import Draft4Validator

from support.annotations import holds_what_it_says
from support.generated import MODELS, PROVIDERS, title, types_of
from conversas_api.zild.models import Conversation, Tag
from support.strategies import TEXTS, bodies, json_values, load_definitions, load_schema, values

CANARY = "canary"
DATE_TIME = load_schema("zild")["definitions"]["Tag"]["properties"]["createdAt"]["pattern"]

each_model = pytest.mark.parametrize(("provider", "model"), MODELS, ids=title)
each_provider = pytest.mark.parametrize("provider", PROVIDERS)
some = settings(max_examples=settings().max_examples // 5)  # for each of the models


def valid(provider: str, model: Any) -> SearchStrategy[dict[str, Any]]:
    """Draw objects that are valid by the definition of a model."""
    definitions = load_definitions(provider)
    return values(definitions[model.__name__], definitions)


def whole_objects(provider: str, model: Any) -> SearchStrategy[dict[str, Any]]:
    """Draw objects that have every property of a model."""
    definitions = load_definitions(provider)
    members = definitions[model.__name__]["properties"]
    return st.fixed_dictionaries({name: values(member, definitions) for name, member in members.items()})


def unlisted(model: Any) -> SearchStrategy[dict[str, Any]]:
    """Draw properties that a model does not list."""
    return st.dictionaries(TEXTS.filter(lambda name: name not in model._names), json_values(), max_size=3)


def anything(provider: str, model: Any) -> SearchStrategy[dict[str, Any]]:
    """Draw JSON objects with any values, mostly under names that the provider uses somewhere."""
    definitions = load_definitions(provider).values()
    known = sorted({name for definition in definitions for name in definition["properties"]})
    inner = json_values(st.sampled_from(known) | TEXTS)
    return st.dictionaries(st.sampled_from(sorted(model._names)) | TEXTS, inner, max_size=8)


@each_provider
@given(data=st.data())
def test_drawn_bodies_are_valid_by_the_schema(provider: str, data: DataObject) -> None:
    Draft4Validator(load_schema(provider)).validate(data.draw(bodies(provider)))


@each_provider
def test_every_model_has_a_definition_in_the_schema(provider: str) -> None:
    models = {model.__name__: list(model._names) for owner, model in MODELS if owner == provider}
    definitions = load_definitions(provider)
    assert models == {name: list(definition["properties"]) for name, definition in definitions.items()}


@each_model
@some
@given(data=st.data())
def test_a_valid_object_is_read_without_loss(provider: str, model: Any, data: DataObject) -> None:
    body = data.draw(valid(provider, model))
    read = model.from_dict(body)
    assert read.additional_properties == {}
    assert read.to_dict().keys() == body.keys()
    assert model.from_dict(read.to_dict()) == read
    assert holds_what_it_says(read)


@each_model
@some
@given(data=st.data())
def test_both_ways_to_read_agree(provider: str, model: Any, data: DataObject) -> None:
    body, unknown = data.draw(valid(provider, model)), data.draw(unlisted(model))
    checked = model.from_checked(body)
    assert checked == model.from_dict(body)
    assert holds_what_it_says(checked)
    marked = model.from_checked({**body, types_of(provider).EXTRA: unknown})
    assert marked.additional_properties == unknown
    assert marked == model.from_dict({**body, **unknown})


@each_model
@settings(max_examples=3)
@given(data=st.data())
def test_any_one_property_may_be_absent(provider: str, model: Any, data: DataObject) -> None:
    whole, extra = data.draw(whole_objects(provider, model)), {types_of(provider).EXTRA: {CANARY: 1}}
    for absent in (*whole, CANARY):
        body = {name: value for name, value in whole.items() if name != absent}
        assert model.from_checked(body) == model.from_dict(body)
        assert model.from_checked(body | extra) == model.from_dict(body | {CANARY: 1})


@each_model
@some
@given(data=st.data())
def test_unknown_properties_survive_a_round_trip(provider: str, model: Any, data: DataObject) -> None:
    body, unknown = data.draw(valid(provider, model)), data.draw(unlisted(model))
    read = model.from_dict({**body, **unknown})
    assert read.additional_properties == unknown
    assert {**read.to_dict(), **unknown} == read.to_dict()
    assert model.from_dict(read.to_dict()) == read


@each_model
@some
@given(data=st.data())
def test_copies_and_pickles_are_equal(provider: str, model: Any, data: DataObject) -> None:
    read = model.from_dict(data.draw(anything(provider, model)))
    copies = [pickle.loads(pickle.dumps(read, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for twin in (*copies, copy.copy(read), copy.deepcopy(read)):
        assert twin == read
        assert twin.to_dict() == read.to_dict()


@each_model
@some
@given(data=st.data())
def test_any_object_is_read_by_from_dict(provider: str, model: Any, data: DataObject) -> None:
    body = data.draw(anything(provider, model))
    read = model.from_dict(body)
    assert holds_what_it_says(read)
    written, unset = read.to_dict(), types_of(provider).UNSET
    assert written.keys() == body.keys()
    assert repr(written) == repr(json.loads(json.dumps(written)))
    for name, value in body.items():
        if name not in model._names or getattr(read, model._names[name]) is unset:
            assert written[name] is value
    assert model.from_dict(written) == read


@given(st.from_regex(DATE_TIME, fullmatch=True))
def test_every_time_that_the_schema_accepts_is_read(text: str) -> None:
    assert type(Tag.from_dict({"createdAt": text}).created_at) is datetime
    assert type(Tag.from_checked({"createdAt": text}).created_at) is datetime


def test_a_list_keeps_the_items_that_fit() -> None:
    read = Conversation.from_dict({"messages": [{"id": 1}, CANARY, None, {"id": CANARY}]})
    assert [message.to_dict() for message in read.messages or []] == [{"id": 1}, {"id": CANARY}]


@each_model
@pytest.mark.parametrize("value", [None, CANARY, 1, [], [["id", CANARY]]], ids=repr)
def test_what_is_no_object_raises_without_showing_it(provider: str, model: Any, value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        model.from_dict(value)
    assert str(caught.value) == f"{model.__name__}.from_dict takes a JSON object, not {type(value).__name__}"


@each_model
def test_a_repr_shows_no_content(provider: str, model: Any) -> None:
    read = model.from_dict(dict.fromkeys([*model._names, CANARY], CANARY))
    assert CANARY in read.to_dict().values()
    for shown in (repr(read), str(read), f"{read}", repr([read])):
        assert model.__name__ in shown
        assert CANARY not in shown


@each_provider
def test_unset_is_one_false_object(provider: str) -> None:
    types = types_of(provider)
    unset = types.UNSET
    pickles = [pickle.dumps(unset, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for twin in (copy.copy(unset), copy.deepcopy(unset), *map(pickle.loads, pickles)):
        assert twin is unset
    assert list(types.Unset) == [unset]
    assert not unset
    assert repr(unset) == "UNSET"
