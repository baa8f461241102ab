"""Each form of a spec takes the same bodies as the spec does, and is what its version of OpenAPI knows."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator, OAS31Validator, oas30_format_checker, oas31_format_checker

from conversas.providers import get_provider
from support.examples import EXAMPLES
from support.generated import PROVIDERS
from support.processes import ROOT
from tools.regenerate.openapi_forms import Form, write_document
from tools.regenerate.reduced.problems import SpecError
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.spec import Spec, load_spec
from tools.release_specs.openapi_versions import openapi_versions

PROBES = [None, True, 0, 3, 99, 1.5, 2**31, "x", "agent", "whatsapp", "RESOLVED", "GOOD", "2023-02-31T00:00:00Z"]
PROBES += ["2023-01-01T00:00:00Z", [], [{}], [None], {}, {"id": None}, {"id": {}}]
FLOAT = ("Conversation", "wrong-types-and-unknown-properties", "userId")
"""31.0: an integer in 3.1, and none in 3.0."""

Places = set[tuple[str, str, str]]


def null_beside_all_of(validator: Any, schemas: Any, instance: Any, schema: Any) -> Any:
    if instance is not None or not schema.get("nullable"):
        yield from OAS30Validator.VALIDATORS["allOf"](validator, schemas, instance, schema)


AS_GENERATORS_READ = extend(OAS30Validator, {"allOf": null_beside_all_of})
VALIDATORS = {
    "3.1/{}.json": OAS31Validator,
    "3.1/{}.dereferenced.json": OAS31Validator,
    "3.0/{}.json": AS_GENERATORS_READ,
    "3.0/{}.dereferenced.json": OAS30Validator,
}


@cache
def documents(provider: str) -> dict[str, Any]:
    return {path: json.loads(form) for path, form in openapi_versions(load_spec(ROOT / "openapi" / f"{provider}.yaml"))}


def bodies(provider: str) -> dict[str, Any]:
    """Return the examples of a provider that a reader of JSON takes, byte order mark or not."""
    files = [file for file in (EXAMPLES / provider).glob("*.json") if not file.name.endswith(".neutral.json")]
    return {file.stem: json.loads(file.read_bytes().decode("utf-8-sig", "replace")) for file in files}


def misfits(document: Any, schema: str, values: dict[str, Any], kind: Any = None) -> Places:
    """Return which property of which value a schema refuses."""
    kind = kind or (OAS31Validator if document["openapi"].startswith("3.1") else OAS30Validator)
    checker = oas31_format_checker if kind is OAS31Validator else oas30_format_checker
    whole = {**document["components"]["schemas"][schema], "components": document["components"]}
    validator = kind(whole, format_checker=checker)
    found = [(name, error) for name, value in values.items() for error in validator.iter_errors(value)]
    return {(schema, name, str(next(iter(error.absolute_path), ""))) for name, error in found}


def verdicts(document: Any, provider: str, kind: Any = None) -> Places:
    """Return what a document refuses of the examples, and of each probe in the place of each property."""
    found = misfits(document, get_provider(provider).model.__name__, bodies(provider), kind)
    for schema, declared in document["components"]["schemas"].items():
        if "properties" in declared:
            probes = {repr(probe): dict.fromkeys(declared["properties"], probe) for probe in PROBES}
            found |= misfits(document, schema, probes, kind)
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_form_refuses_the_same_values_at_the_same_places(provider: str) -> None:
    spec = load_spec(ROOT / "openapi" / f"{provider}.yaml").document
    wanted = verdicts(spec, provider)
    properties = [name for schema in spec["components"]["schemas"].values() for name in schema.get("properties", ())]
    assert len(wanted) > (300 if provider in ("zild", "superagentes") else 10 * len(properties))
    for path, validator in VALIDATORS.items():
        found = verdicts(documents(provider)[path.format(provider)], provider, validator)
        assert found ^ wanted == ({FLOAT} if (provider, path[:3]) == ("zild", "3.0") else set()), path


def test_in_3_0_a_strict_validator_refuses_null_for_a_reference_and_for_nothing_else() -> None:
    document = documents("superagentes")["3.0/superagentes.json"]
    strict, lenient = (verdicts(document, "superagentes", kind) for kind in (OAS30Validator, AS_GENERATORS_READ))
    references = {
        (schema, name)
        for schema, declared in document["components"]["schemas"].items()
        for name, shape in declared.get("properties", {}).items()
        if "allOf" in shape
    }
    assert len(references) > 5
    assert {(schema, name) for schema, probe, name in strict - lenient if probe == "None"} == references


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_form_is_what_its_path_says(provider: str) -> None:
    for path, document in documents(provider).items():
        text = json.dumps(document)
        assert document["openapi"].startswith(path[:3])
        assert ('"$ref"' in text) is ("dereferenced" not in path)
        assert ('"nullable"' in text) is path.startswith("3.0")
        assert (re.search(r'"type": \[|"type": "null"', text) is None) is path.startswith("3.0")


def written(properties: dict[str, Any], form: Form, **schemas: Any) -> dict[str, Any]:
    """Write a spec whose component A has these properties."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1.0.0", "summary": "B"},
        "paths": {},
        "components": {"schemas": {"A": {"type": "object", "properties": properties}, **schemas}},
    }
    before = json.dumps(document)
    reduction = reduce_document(document)
    assert reduction.problems == ()
    result = write_document(Spec("a", b"", document, reduction.api), form)
    assert json.dumps(document) == before
    return result


def properties_of(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["A"]["properties"]


B = {"$ref": "#/components/schemas/B"}
NULL = {"type": "null"}
X = {"x-enum-varnames": ["X"], "x-enumNames": ["X"]}


@pytest.mark.parametrize(
    ("schema", "in_3"),
    [
        ({"type": ["string", "null"], "format": "x"}, {"type": "string", "format": "x", "nullable": True}),
        ({"type": ["integer"]}, {"type": "integer"}),
        ({"type": ["integer", "string"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (
            {"type": ["integer", "string", "null"]},
            {"anyOf": [{"type": "integer", "nullable": True}, {"type": "string", "nullable": True}]},
        ),
        ({"oneOf": [B, NULL], "description": "C"}, {"allOf": [B], "description": "C", "nullable": True}),
        (B, B),
        ({**B, "description": "C"}, {"allOf": [B], "description": "C"}),
        (
            {"type": "array", "items": {"oneOf": [NULL, B]}},
            {"type": "array", "items": {"allOf": [B], "nullable": True}},
        ),
        ({"const": "x"}, {"type": "string", "enum": ["x"], **X}),
        ({"oneOf": [{"enum": ["x"]}, NULL]}, {"type": "string", "enum": ["x", None], **X, "nullable": True}),
        ({"type": "object", "additionalProperties": B}, {"type": "object", "additionalProperties": B}),
        (
            {"type": "object", "example": {"type": ["a"]}},
            {"type": "object", "additionalProperties": True, "example": {"type": ["a"]}},
        ),
        ({"type": "number", "exclusiveMinimum": 1}, {"type": "number", "exclusiveMinimum": True, "minimum": 1}),
        ({"type": "string", "$comment": "C"}, {"type": "string"}),
        ({}, {}),
    ],
)
def test_a_schema_is_said_so_in_3_0(schema: Any, in_3: Any) -> None:
    document = written({"example": schema, "type": schema}, Form(version="3.0"), B={"type": "object", "properties": {}})
    assert properties_of(document) == {"example": in_3, "type": in_3}
    assert document["info"] == {"title": "A", "version": "1.0.0"}


def test_without_references_a_schema_stands_where_it_is_used_and_what_stood_beside_it_stays() -> None:
    word = {"type": "string", "enum": ["x"], "description": "C", **X}
    properties = {"a": {**B, "description": "D"}, "b": {"oneOf": [B, NULL]}}
    flat = written(properties, Form(has_references=False), B=word)
    null = {"type": ["string", "null"], "enum": ["x", None], "description": "C", **X}
    assert properties_of(flat) == {"a": {**word, "description": "D"}, "b": null}


def test_a_reference_stays_where_it_leads_back_to_itself() -> None:
    parent = {"type": "object", "properties": {"parent": B}}
    assert properties_of(written({"b": B}, Form(has_references=False), B=parent)) == {"b": parent}


def test_a_form_that_its_version_does_not_know_is_refused(tmp_path: Path) -> None:
    spec = tmp_path / "zild.yaml"
    text = (ROOT / "openapi" / "zild.yaml").read_text("utf-8")
    spec.write_text(text.replace("    bearer:\n", "    other: {type: mutualTLS}\n    bearer:\n", 1), "utf-8")
    with pytest.raises(SpecError, match=r"^3\.0/zild\.json: /components/securitySchemes/other: "):
        list(openapi_versions(load_spec(spec)))
