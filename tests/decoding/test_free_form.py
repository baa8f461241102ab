"""Free-form objects are read strictly, if both parsers and the validator read the same of them."""

import json
from typing import Any

import orjson
import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from conversas.decoding.json_body import MAX_FREE_LEVELS
from conversas.decoding.strict import StrictDecoder
from conversas.decoding.validator import SchemaValidator
from conversas.providers.datetimes import normalize_datetime
from conversas_api.runtime import EXTRA, UNSET, Model, Unset
from support.strategies import json_values

FREE = {"type": "object"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "allOf": [{"$ref": "#/definitions/Ticket"}],
    "definitions": {
        "Ticket": {
            "type": "object",
            "properties": {
                "ticket": {"type": "string"},
                "extras": FREE,
                "custom": {"type": ["object", "null"]},
                "history": {"type": "array", "items": FREE},
                "replies": {"type": "array", "items": {"type": "object", "allOf": [{"$ref": "#/definitions/Reply"}]}},
            },
            "additionalProperties": {"not": {}},
        },
        "Reply": {"type": "object", "properties": {"extras": FREE}, "additionalProperties": {"not": {}}},
    },
}


@define(repr=False)
class Ticket(Model):
    ticket: str | Unset = UNSET
    extras: dict[str, Any] | Unset = UNSET
    custom: dict[str, Any] | Unset | None = UNSET
    history: list[dict[str, Any]] | Unset = UNSET
    replies: "list[Reply] | Unset" = UNSET


@define(repr=False)
class Reply(Model):
    extras: dict[str, Any] | Unset = UNSET


def decoder() -> StrictDecoder:
    models = {"Ticket": Ticket, "Reply": Reply}
    validator = SchemaValidator(SCHEMA, extra=EXTRA, normalize=normalize_datetime)
    return StrictDecoder(validator, models.__getitem__, "ticket")


STRICT = decoder()
objects = st.dictionaries(st.text(max_size=3), json_values() | st.integers(-(2**70), 2**70), max_size=3)


def body_of(extras: Any, custom: Any, history: Any) -> bytes:
    whole = {"ticket": "7", "extras": extras, "custom": custom, "history": history, "replies": [{"extras": extras}]}
    return json.dumps(whole).encode()


@given(extras=objects, custom=objects | st.none(), history=st.lists(objects, max_size=2))
def test_what_is_read_strictly_is_what_the_other_parser_reads(extras: Any, custom: Any, history: Any) -> None:
    body = body_of(extras, custom, history)
    if decoded := STRICT.decode(body):
        model, wanted = decoded.to_model(), orjson.loads(body)
        assert STRICT.validator.validate(orjson.loads(body)).drift == ()
        found = {name: getattr(model, name) for name in ("ticket", "extras", "custom", "history")}
        assert repr(found | {"replies": [{"extras": each.extras} for each in model.replies]}) == repr(wanted)


@pytest.mark.parametrize("value", [1, 2**64 - 1, -(2**63), 1.5, "x", None, [{}], {"a": [True]}])
def test_a_plain_value_in_one_is_read_strictly(value: Any) -> None:
    assert STRICT.decode(body_of({"a": value}, None, [{"b": value}]))


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, [[2**64]], {"a": {"b": 2**70}}])
def test_an_integer_that_one_parser_reads_as_a_float_is_left_to_the_other(value: Any) -> None:
    assert not STRICT.decode(body_of({"a": value}, None, []))
    assert not STRICT.decode(body_of({}, {"a": value}, []))
    assert not STRICT.decode(body_of({}, None, [{"a": value}]))


@pytest.mark.parametrize(("levels", "is_read"), [(MAX_FREE_LEVELS - 2, True), (MAX_FREE_LEVELS, False), (300, False)])
def test_what_is_nested_deeply_is_left_to_the_validator(levels: int, *, is_read: bool) -> None:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    assert (STRICT.decode(body_of({"a": value}, None, [])) is not None) == is_read


def test_anything_but_an_object_is_left_to_the_validator() -> None:
    for value in (None, [], "x", 1):
        assert not STRICT.decode(body_of(value, None, []))
    assert not STRICT.decode(body_of({}, None, [None]))
