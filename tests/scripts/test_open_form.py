"""The open form of a spec: it takes what its spec takes, and every example whose values are of the right types."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from conversas.providers import get_provider
from support.examples import OUTCOMES, body_of
from support.generated import PROVIDERS
from support.processes import ROOT
from support.strategies import bodies
from tools.regenerate.openapi_forms import NOTE
from tools.regenerate.spec import load_yaml

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def open_form(provider: str) -> dict[str, Any]:
    return json.loads((ROOT / "openapi" / "open" / f"{provider}.json").read_text("utf-8"))


@cache
def validator(provider: str) -> Any:
    components = open_form(provider)["components"]
    return OAS31Validator(
        {"$ref": f"#/components/schemas/{get_provider(provider).model.__name__}", "components": components}
    )


@each_provider
def test_it_is_valid_openapi_and_differs_from_its_spec_in_schemas_and_a_note_alone(provider: str) -> None:
    document, spec = open_form(provider), load_yaml(ROOT / "openapi" / f"{provider}.yaml")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert document["info"].pop("description") == f"{spec['info'].pop('description')}\n{NOTE}\n"
    mine, its = (each["components"].pop("schemas") for each in (document, spec))
    for path in spec["paths"]:
        for each in (document, spec):  # an array has its schema in place
            each["paths"][path]["get"]["responses"]["200"]["content"]["application/json"].pop("schema")
    assert document == spec
    assert mine.keys() == its.keys()
    assert {name: schema.get("properties", {}).keys() for name, schema in mine.items()} == {
        name: schema.get("properties", {}).keys() for name, schema in its.items()
    }


@given(data=data())
@each_provider
def test_it_takes_what_its_spec_takes(provider: str, data: DataObject) -> None:
    assert list(validator(provider).iter_errors(data.draw(bodies(provider)))) == []


@pytest.mark.parametrize("name", OUTCOMES)
def test_it_takes_an_example_unless_a_value_is_of_another_type(name: str) -> None:
    body = json.loads(body_of(name).decode("utf-8-sig", "replace"))
    of_another_type = [drift for drift in OUTCOMES[name]["drift"] if "wrong-type" in drift]
    assert validator(name.split("/")[0]).is_valid(body) == (not of_another_type)


def test_words_of_an_enum_are_told_where_they_are_not_demanded() -> None:
    assert open_form("superagentes")["components"]["schemas"]["MessageRating"] == {
        "type": "string",
        "description": "Rating of a message. Listed values: GOOD, BAD.",
    }
