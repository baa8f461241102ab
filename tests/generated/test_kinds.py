"""Laws of every kind of value beyond those of openapi/: maps, alternatives, dates, ids, nullable items, odd names."""

import copy
import datetime
import json
import pickle
import random
from collections.abc import Callable
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conversas_api.runtime.model import INVALID, convert, to_json
from support import shelter
from support.strategies import json_values
from tools.try_spec.bodies import BodyMaker
from tools.try_spec.trial import Trial

ID = "c0ffee00-0000-4000-8000-000000000001"
seeds = st.integers(0, 2**32)


def bodies(operation: str = "getRecord") -> SearchStrategy[Any]:
    """Draw bodies that the schema of an operation allows, by a seed."""
    return seeds.map(lambda seed: BodyMaker(shelter.schema(operation), random.Random(seed)).valid())


def read(operation: str) -> Callable[[Any], Any]:
    if operation == "getRecord":
        return shelter.models().Record.from_checked
    return shelter.endpoint("list_records").read_checked


@pytest.mark.parametrize("operation", ["getRecord", "listRecords"])
def test_valid_and_changed_bodies_are_read_without_crash_loss_or_false_drift(operation: str) -> None:
    assert list(Trial(shelter.schema(operation), read(operation)).faults(300)) == []


@given(body=bodies())
def test_both_ways_to_read_agree_and_write_what_was_read(body: Any) -> None:
    record = shelter.models().Record
    assert shelter.validator().validate(checked := copy.deepcopy(body)).drift == ()
    one, other = record.from_checked(checked), record.from_dict(body)
    assert one == other
    assert one.to_dict() == other.to_dict() == body
    assert json.loads(json.dumps(one.to_dict())) == body


@given(body=bodies())
def test_copies_and_pickles_are_equal(body: Any) -> None:
    record = shelter.models().Record.from_dict(body)
    for twin in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record)):
        assert twin == record
        assert twin.to_dict() == record.to_dict()


@given(values=st.data())
def test_any_values_are_read_by_from_dict_and_by_the_check(values: st.DataObject) -> None:
    record = shelter.models().Record
    body = values.draw(st.dictionaries(st.sampled_from([*record._names, "unlisted"]), json_values(), max_size=8))
    written = record.from_dict(body).to_dict()
    assert record.from_dict(written) == record.from_dict(body)
    repaired = copy.deepcopy(body)
    shelter.validator().validate(repaired)
    checked = record.from_checked(repaired)
    assert record.from_dict(checked.to_dict()) == checked


@given(body=bodies("listRecords"))
def test_an_array_at_the_root_is_a_list_of_models(body: Any) -> None:
    records = read("listRecords")(copy.deepcopy(body))
    assert [type(each).__name__ for each in records] == ["Record"] * len(body)
    assert to_json(records) == body
    kind = shelter.endpoint("list_records").BODY_TYPES[range(200, 300)]
    assert convert(kind, body) == records
    assert convert(kind, {}) is INVALID


ANNOTATIONS = {
    "day": "datetime.date | Unset",
    "night": "datetime.date | None | Unset",
    "days": "list[datetime.date | None] | Unset",
    "reference": "UUID | Unset",
    "references": "dict[str, UUID] | Unset",
    "times": "dict[str, datetime.datetime | None] | Unset",
    "words": "dict[str, str] | None | Unset",
    "kinds": "dict[str, State | None] | Unset",
    "grid": "list[list[int]] | Unset",
    "free": "dict[str, Any] | Unset",
    "anything": "Any | Unset",
    "state": "State | None | Unset",
    "level": "RecordLevel | Unset",
    "fixed": "RecordFixed | Unset",
    "text_or_number": "str | int | Unset",
    "inner": "RecordInner | None | Unset",
    "next_": "Record | Unset",
    "weight": "float | Unset",
    "field_": None,
}


def test_the_annotations_say_what_the_spec_says() -> None:
    written = shelter.models().Record.__annotations__
    for name, annotation in ANNOTATIONS.items():
        assert written.get(name) == annotation
    assert get_type_hints(shelter.models().Record)


def test_each_property_has_a_name_of_its_own() -> None:
    names = shelter.models().Record._names
    assert (names["id"], names["_id"]) == ("id", "id_2")
    assert (names["created_at"], names["createdAt"]) == ("created_at", "created_at_2")
    assert (names["class"], names["to_dict"], names["odd-name"]) == ("class_", "to_dict_", "strange")
    assert len(set(names.values())) == len(names)


def test_the_values_have_the_types_of_their_annotations() -> None:
    body = {
        "day": "2023-01-05",
        "days": ["2023-01-05", None],
        "references": {"7": ID},
        "times": {"": "2023-01-05T10:00:00Z", "none": None},
        "level": 1.0,
        "pet": {"species": "hound", "friends": [{"species": "Cat", "born": "2020-02-29"}, {"species": "cow", "a": 1}]},
        "cage": {"shape": "square", "side": 3},
        "labelled": {"a": 1, "tom": {"species": "Cat", "lives": 9}},
        "open": {"a": "2023-01-05T10:00:00Z", "b": [1]},
        "lost": None,
    }
    models = shelter.models()
    assert shelter.validator().validate(checked := copy.deepcopy(body)).drift == (
        *drift("/pet/friends/1/species", "unknown-value", "string enum", "string"),
    )
    for record in (models.Record.from_checked(checked), models.Record.from_dict(body)):
        assert record.day == datetime.date(2023, 1, 5)
        assert record.days == [datetime.date(2023, 1, 5), None]
        assert record.references == {"7": UUID(ID)}
        assert record.times == {"": datetime.datetime(2023, 1, 5, 10, tzinfo=datetime.UTC), "none": None}
        assert record.level is models.RecordLevel(1)
        assert type(record.pet) is models.Dog
        assert record.pet.friends[0] == models.Cat(species="Cat", born=datetime.date(2020, 2, 29))
        assert record.pet.friends[1] == {"species": "cow", "a": 1}
        assert type(record.cage) is models.CageType1
        assert record.labelled.additional_properties == {"tom": models.Cat(species="Cat", lives=9)}
        assert record.open_.additional_properties == {"b": [1]}
        assert record.lost is None


def drift(path: str, kind: str, expected: str, found: Any) -> list[Any]:
    from conversas import Drift, DriftKind

    return [Drift(path, DriftKind(kind), expected, found)]


DRIFTS = {
    "a date with a time that is midnight": ({"day": "2023-01-05T00:00:00"}, ("/day", "bad-format", "date"), {"day": "2023-01-05"}),
    "a date in another form": ({"day": "05/01/2023"}, ("/day", "bad-format", "date"), {"day": "2023-01-05"}),
    "a date with a time that would be lost": ({"day": "2023-01-05T10:00:00"}, ("/day", "bad-format", "date"), {}),
    "digits alone": ({"day": "20230105"}, ("/day", "bad-format", "date"), {}),
    "no date": ({"day": "2023-02-30"}, ("/day", "bad-format", "date"), {}),
    "a date in a list": ({"days": ["x", "05/01/2023"]}, ("/days/0", "bad-format", "date"), {"days": ["2023-01-05"]}),
    "an id in braces": ({"reference": "{" + ID.upper() + "}"}, ("/reference", "bad-format", "uuid"), {"reference": ID}),
    "an id without hyphens": ({"reference": ID.replace("-", "")}, ("/reference", "bad-format", "uuid"), {"reference": ID}),
    "no id": ({"reference": "7"}, ("/reference", "bad-format", "uuid"), {}),
    "a value of a map": ({"words": {"a": 1, "b": "x"}}, ("/words/a", "wrong-type", "string"), {"words": {"b": "x"}}),
    "a value of a map under digits": ({"words": {"07": 1}}, ("/words/07", "wrong-type", "string"), {"words": {}}),
    "a value of a map under no name": ({"words": {"": 1}}, ("/words/", "wrong-type", "string"), {"words": {}}),
    "a map that is none": ({"words": []}, ("/words", "wrong-type", "object or null"), {}),
    "null in a map": ({"references": {"a": None}}, ("/references/a", "unexpected-null", "string"), {"references": {}}),
    "a time in a map": ({"times": {"a": "20230105T10"}}, ("/times/a", "bad-format", "date-time"), {"times": {"a": "2023-01-05T10:00:00"}}),
    "a free object that is none": ({"free": 1}, ("/free", "wrong-type", "object"), {}),
    "one and a half": ({"level": 1.5}, ("/level", "wrong-type", "integer"), {}),
    "a number that is not listed": ({"level": 7}, ("/level", "unknown-value", "number enum"), {"level": 7}),
    "a wrong value in a branch": (
        {"pet": {"species": "Dog", "name": 1, "lives": 2}},
        ("/pet/name", "wrong-type", "string"),
        {"pet": {"species": "Dog", "lives": 2}},
    ),
    "a branch that is no object": ({"pet": 1}, ("/pet", "wrong-type", "object"), {}),
    "an alternative of neither type": ({"text_or_pets": 1}, ("/text_or_pets", "wrong-type", "array or string"), {}),
    "a value in a typed rest": ({"labelled": {"x": 1}}, ("/labelled/x", "wrong-type", "object"), {"labelled": {}}),
    "an item of an item": ({"grid": [[1, "x"]]}, ("/grid/0/1", "wrong-type", "integer"), {"grid": [[1]]}),
    "a property under a number": ({"1": 5, "07": 7}, ("/1", "wrong-type", "string"), {"07": 7}),
    "a property under digits": ({"1": "a", "07": "x"}, ("/07", "wrong-type", "integer"), {"1": "a"}),
    "a property under no name": ({"": "05/01/2023"}, ("/", "bad-format", "date"), {"": "2023-01-05"}),
    "a branch told apart under a number": (
        {"box": {"2": "small", "": 1}},
        ("/box/", "wrong-type", "string"),
        {"box": {"2": "small"}},
    ),
    "no listed value under a number": ({"box": {"2": "x"}}, ("/box/2", "unknown-value", "string enum"), {"box": {"2": "x"}}),
    "null for an inline object is none": ({"inner": 1}, ("/inner", "wrong-type", "object or null"), {}),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_what_drifts_is_named_and_repaired(name: str) -> None:
    body, (path, kind, expected), repaired = DRIFTS[name]
    result = shelter.validator().validate(value := copy.deepcopy(body))
    assert (path, kind, expected) in [(drift.path, drift.kind, drift.expected) for drift in result.drift]
    assert shelter.models().Record.from_checked(value).to_dict() == repaired


@pytest.mark.parametrize(
    ("name", "value", "class_name"),
    [
        ("bird", None, "NoneType"),
        ("bird", {"bird": "Owl", "eggs": 2}, "Owl"),  # which is nullable, and does not declare its discriminator
        ("bird", {"bird": "Duck", "swims": True}, "Duck"),
        ("bird", {"bird": "AnyBird", "song": "a"}, "dict"),
        ("ringed", {"bird": "Owl", "ring": "7", "eggs": 2}, "RecordRingedType0"),
        ("visit", {"time": 1, "guest": "a"}, "ByDay"),
        ("visit", {"time": 2, "guest": "a"}, "ByNight"),
        ("visit", {"time": 2.0, "guest": "a"}, "ByNight"),
    ],
)
def test_a_discriminator_names_the_model(name: str, value: Any, class_name: str) -> None:
    body = {name: value}
    assert shelter.validator().validate(checked := copy.deepcopy(body)).drift == ()
    record = shelter.models().Record.from_checked(checked)
    assert type(getattr(record, name)).__name__ == class_name
    assert record.to_dict() == body
    assert shelter.models().Record.from_dict(record.to_dict()) == record


@pytest.mark.parametrize("time", [3, True])
def test_an_unlisted_number_of_a_discriminator_is_drift(time: Any) -> None:
    result = shelter.validator().validate(value := {"visit": {"time": time}})
    found = 3 if time == 3 else "boolean"
    assert list(result.drift) == drift("/visit/time", "unknown-value", "integer enum", found)
    assert shelter.models().Record.from_checked(value).visit == {"time": time}


@pytest.mark.parametrize("pet", [{"lives": 9}, {"species": "cow"}, {"species": None}, {"species": 1, "x": []}, {}], ids=repr)
def test_an_object_of_an_unknown_kind_is_kept_as_it_came(pet: Any) -> None:
    result = shelter.validator().validate(value := {"pet": copy.deepcopy(pet)})
    assert [each.kind for each in result.drift] == (["unknown-value"] if "species" in pet else [])
    assert [each.path for each in result.drift] == (["/pet/species"] if "species" in pet else [])
    assert shelter.models().Record.from_checked(value).pet == pet
    assert shelter.models().Record.from_dict({"pet": pet}).pet == pet


def test_a_status_has_the_body_that_names_it_most_closely() -> None:
    types = shelter.endpoint("get_record").BODY_TYPES
    assert list(types)[:2] == [200, 404]
    assert types[404] is None
    assert types[range(400, 500)] is shelter.models().Problem
