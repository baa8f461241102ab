"""The specs say what the providers' pages say (tests/facts), and the run-time schemas refuse what the specs do."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache, reduce
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from conversas.providers import get_provider
from tools.regenerate.reduced.names import value_words
from tools.regenerate.spec import load_yaml

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "openapi"
FACTS = ROOT / "tests" / "facts"
PROVIDERS = sorted(file.stem for file in OPENAPI.glob("*.yaml"))


class Property(NamedTuple):
    schema: str
    property: str
    type: str
    format: str
    nullable: str
    target: str


class Operation(NamedTuple):
    path: str
    method: str
    declared: dict[str, Any]

    @property
    def responses(self) -> dict[str, Any]:
        responses: dict[str, Any] = self.declared["responses"]
        return responses


class Contract:
    """A spec and its run-time schema, with the parts that the tests ask for."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.document = load_yaml(OPENAPI / f"{provider}.yaml")
        self.schemas = self.document["components"]["schemas"]
        self.enums = {name: schema for name, schema in self.schemas.items() if "enum" in schema}
        self.body = {"$ref": f"#/components/schemas/{get_provider(provider).model.__name__}"}
        self.operations = {
            operation["operationId"]: Operation(path, method, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }
        self.run_time = self.run_time_schema(get_provider(provider).operation)

    def run_time_schema(self, operation: str) -> Any:
        file = ROOT / "generated" / "conversas_api" / self.provider / f"{operation}.schema.json"
        return json.loads(file.read_text("utf-8"))

    def samples(self) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
        """Yield each example of a body: the operation, its file, its schema, and the example as the spec has it."""
        for name, operation in self.operations.items():
            content = operation.responses["200"]["content"]["application/json"]
            folder = "lists/" if content["schema"].get("type") == "array" else ""
            for title, shown in content["examples"].items():
                yield name, f"{folder}{title}", content["schema"], shown

    def sample(self, name: str = "sample") -> Any:
        return json.loads((OPENAPI / "examples" / self.provider / f"{name}.json").read_text("utf-8"))

    def properties(self) -> Iterator[Property]:
        for schema, declared in self.schemas.items():
            for name, shape in declared.get("properties", {}).items():
                kind, nullable = without_null(shape)
                target = kind.get("items", kind).get("$ref", "").rpartition("/")[2]
                named = kind if "type" in kind else self.schemas[target]
                types = named.get("type", "")
                word = "enum" if "enum" in named else types if isinstance(types, str) else " or ".join(types)
                yield Property(schema, name, word, kind.get("format", ""), nullable, target)

    def places(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each schema that a reader of the documentation sees, with a name for it."""
        for operation in self.operations.values():
            yield from ((parameter["name"], parameter["schema"]) for parameter in operation.declared["parameters"])
        for name, schema in self.schemas.items():
            yield name, schema
            yield from ((f"{name}.{inner}", shape) for inner, shape in schema.get("properties", {}).items())

    def misfits(self, schema: dict[str, Any], value: Any) -> list[str]:
        whole = {**schema, "components": self.document["components"]}
        return [
            error.message for error in OAS31Validator(whole, format_checker=oas31_format_checker).iter_errors(value)
        ]


def without_null(shape: dict[str, Any]) -> tuple[dict[str, Any], str]:
    types = shape.get("type")
    if isinstance(types, list):
        rest = [kind for kind in types if kind != "null"]
        return {**shape, "type": rest if len(rest) > 1 else rest[0]}, "yes" if "null" in types else "no"
    options = shape.get("oneOf", [shape])
    [kind] = [option for option in options if option.get("type") != "null"]
    return kind, "yes" if len(options) > 1 else "no"


def table(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def properties_on_page(provider: str) -> list[Property]:
    return [Property(*(row[column] for column in Property._fields)) for row in table(provider)]


contracts = cache(Contract)
date_time = contracts("zild").run_time["definitions"]["Conversation"]["properties"]["createdAt"]["pattern"]
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.fixture(params=PROVIDERS)
def contract(request):
    return contracts(request.param)


def test_a_spec_is_valid_openapi(contract):
    assert [error.message for error in OpenAPIV31SpecValidator(contract.document).iter_errors()] == []


def test_the_version_is_semantic_and_has_a_line_in_the_changelog(contract):
    version = contract.document["info"]["version"]
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version)
    assert f"## {contract.provider} {version}" in (OPENAPI / "CHANGELOG.md").read_text("utf-8").splitlines()


def test_the_properties_are_those_of_the_page_in_its_order(contract):
    assert list(contract.properties()) == properties_on_page(contract.provider)


def test_the_schemas_are_those_of_the_page_and_none_requires_a_property(contract):
    rows = properties_on_page(contract.provider)
    assert set(contract.schemas) == {row.schema for row in rows} | {row.target for row in rows if row.target}
    assert [name for name, schema in contract.schemas.items() if "required" in schema] == []


def test_the_enums_are_those_of_the_page_in_its_order(contract):
    on_page: dict[str, list[str]] = {}
    for row in table("enums"):
        if row["provider"] == contract.provider:
            on_page.setdefault(row["enum"], []).append(row["value"])
    assert {name: [str(value) for value in schema["enum"]] for name, schema in contract.enums.items()} == on_page
    for name, schema in contract.enums.items():
        assert {type(value) for value in schema["enum"]} == {{"integer": int, "string": str}[schema["type"]]}, name


def test_enum_members_are_named_by_value_alike_for_all_generators_and_only_once(contract):
    for name, schema in contract.enums.items():
        values, names = schema["enum"], schema["x-enum-varnames"]
        prefix = names[0].removesuffix(value_words(values[0]))
        for member, value in zip(names, values, strict=True):
            assert re.fullmatch(rf"{prefix}{value_words(value)}(_\d+)?", member), name
        assert names == schema["x-enumNames"], name
    taken = Counter(member for schema in contract.enums.values() for member in schema["x-enum-varnames"])
    assert [member for member, times in taken.items() if times > 1] == []


def test_the_operations_are_those_of_the_pages(contract):
    rows = [row for row in table("operations") if row["provider"] == contract.provider]
    assert set(contract.operations) == {row["operation"] for row in rows}
    for name in contract.operations:
        on_page = {row["fact"]: row["value"] for row in rows if row["operation"] == name}
        facts = facts_of(contract, contract.operations[name])
        undescribed = {"response.200.description"} - on_page.keys()  # a page may say nothing of the answer itself
        assert {fact: value for fact, value in facts.items() if fact not in undescribed} == on_page


def facts_of(contract: Contract, operation: Operation) -> dict[str, str]:
    [server] = contract.document["servers"]
    [[requirement]] = operation.declared["security"]
    scheme = contract.document["components"]["securitySchemes"][requirement]
    default = server.get("variables", {}).get("baseUrl", {}).get("default", "")
    placeholder = server["url"] == "{baseUrl}" and str(urlsplit(default).hostname).endswith(".invalid")
    facts = {
        "server": "placeholder" if placeholder else server["url"],
        "method": operation.method,
        "path": operation.path,
        "security": f"{scheme['type']} {scheme.get('scheme') or scheme['in']}",
        "header": scheme.get("name", "Authorization"),  # the latter is that of every scheme of type http
        "response.200.description": operation.responses["200"]["description"],
        "title": operation.declared["summary"],
        "statuses": " ".join(status for status, response in operation.responses.items() if "content" in response),
    }
    for each in operation.declared["parameters"]:
        if each["in"] == "path":
            facts |= {"parameter.name": each["name"], "parameter.type": each["schema"]["type"]}
            facts["parameter.format"] = each["schema"].get("format", "")
        else:
            facts[f"{each['in']}.{each['name']}"] = each["schema"]["type"]
    return facts


def test_every_status_is_described(contract):
    for operation in contract.operations.values():
        assert list(operation.responses) == ["200", "401", "403", "404", "default"]
        assert [status for status, each in operation.responses.items() if not each["description"].strip()] == []


def test_the_operation_and_every_schema_and_property_is_described(contract):
    assert all(operation.declared["description"] for operation in contract.operations.values())
    assert [name for name, schema in contract.places() if not (schema.get("description") or "$ref" in schema)] == []


def test_the_examples_of_properties_fit(contract):
    examples = [(name, schema) for name, schema in contract.places() if "example" in schema]
    assert [(name, contract.misfits(schema, schema["example"])) for name, schema in examples] == [
        (name, []) for name, _ in examples
    ]


def test_the_samples_in_the_spec_are_the_files_beside_it(contract):
    samples = list(contract.samples())
    assert {name for name, file, *_ in samples if file.endswith("sample")} == set(contract.operations)
    for _, file, _, shown in samples:
        assert f"examples/{contract.provider}/{file}.json" in shown["summary"]
        in_spec, in_file = (json.dumps(body, indent=1) for body in (shown["value"], contract.sample(file)))
        assert in_spec.splitlines() == in_file.splitlines()


def test_the_samples_fit_the_spec_and_the_run_time_schema(contract):
    for name, file, schema, _ in contract.samples():
        assert contract.misfits(schema, contract.sample(file)) == []
        assert list(Draft4Validator(contract.run_time_schema(name)).iter_errors(contract.sample(file))) == []


@pytest.mark.parametrize("slip", [{"id": 2**31}, {"createdAt": "2023-02-31T00:00:00Z"}])
def test_the_check_of_examples_looks_at_formats(slip):
    assert len(contracts("zild").misfits(contracts("zild").body, slip)) == 1


def test_the_run_time_schema_is_draft_4_without_documentation(contract):
    Draft4Validator.check_schema(contract.run_time)
    assert contract.run_time["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert re.findall('"(?:description|example)":', json.dumps(contract.run_time)) == []


def test_the_run_time_schema_takes_null_where_the_page_does(contract):
    definitions: dict[str, Any] = {}
    for name in contract.operations:
        definitions |= contract.run_time_schema(name)["definitions"]
    for row in properties_on_page(contract.provider):
        schema = {"$ref": f"#/definitions/{row.schema}", "definitions": definitions}
        assert Draft4Validator(schema).is_valid({row.property: None}) == (row.nullable == "yes"), row


@pytest.mark.parametrize(
    ("provider", "path", "value"),
    [
        ("zild", ("id",), 12.0),
        ("zild", ("id",), 2**31),
        ("zild", ("id",), -(2**31) - 1),
        ("zild", ("active",), None),
        ("zild", ("agentType",), 7),
        ("zild", ("createdAt",), "2023-02-31T00:00:00"),
        ("zild", ("createdAt",), "at 2023-11-07T05:31:56Z"),
        ("zild", ("createdAt",), "2023-11-07T05:31:56Z UTC"),
        ("zild", ("messages", 0), None),
        ("zild", ("messages", 0, "unheard"), 1),
        ("zild", ("unheard",), 1),
        ("superagentes", ("status",), "resolved"),
        ("superagentes", ("messages", 1, "createdAt"), "2023-02-31T00:00:00"),
        ("superagentes", ("participantsVisitors", 0, "contact", "unheard"), 1),
        ("superagentes", ("unheard",), 1),
    ],
)
def test_the_run_time_schema_points_at_what_does_not_fit(provider, path, value):
    body = contracts(provider).sample()
    reduce(lambda node, key: node[key], path[:-1], body)[path[-1]] = value
    errors = Draft4Validator(contracts(provider).run_time).iter_errors(body)
    assert [tuple(error.absolute_path) for error in errors] == [path]


@given(st.from_regex(date_time, fullmatch=True))
def test_python_reads_every_time_that_the_run_time_schema_takes(text):
    assert isinstance(datetime.fromisoformat(text), datetime)


@given(st.datetimes(timezones=st.none() | offsets))
@example(datetime.fromisoformat("0001-01-01T00:00:00"))
@example(datetime.fromisoformat("2000-02-29T23:59:59.999999-23:59"))
def test_the_run_time_schema_takes_every_time_that_python_writes(time):
    assert re.fullmatch(date_time, time.isoformat())
