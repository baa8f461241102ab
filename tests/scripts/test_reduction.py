"""What a schema says in any spelling is one kind, and what has no kind is told with its JSON pointer."""

from typing import Any

import pytest

from tools.regenerate.python_types import PythonTypes
from tools.regenerate.reduced.names import class_name
from tools.regenerate.reduced.reduction import Reduction, reduce_document
from tools.regenerate.reduced.structure import version_of

Schema = dict[str, Any]

REF = {"$ref": "#/components/schemas/Cat"}
WORD = {"$ref": "#/components/schemas/Word"}
COMPONENTS: Schema = {
    "Cat": {"type": "object", "properties": {"lives": {"type": "integer"}}},
    "Word": {"type": ["string", "null"], "enum": ["a", None]},
    "Text": {"type": "string", "format": "uuid"},
    "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    "Alias": {"$ref": "#/components/schemas/Cat"},
}


def reduced(schema: Any, *, version: str = "3.1.0", **components: Any) -> Reduction:
    """Reduce a document whose component A has one property, `x`."""
    a = {"type": "object", "properties": {"x": schema}}
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": a, **COMPONENTS, **components}},
    }
    return reduce_document(document)


def annotation(schema: Any, **components: Any) -> str:
    found = reduced(schema, **components)
    assert found.problems == ()
    (member,) = found.api.components["A"].properties  # type: ignore[attr-defined]  # it is an object
    return PythonTypes(found.api).annotation(member.kind)


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string", "nullable": True}, "str | None"),
        ({"type": ["null", "string"]}, "str | None"),
        ({"type": "null"}, "None"),
        ({"enum": ["a", None], "type": ["string", "null"]}, "AX | None"),
        ({"enum": ["a", None]}, "AX | None"),
        ({"const": "a"}, "AX"),
        ({"const": 1}, "AX"),
        ({"const": True}, "bool"),
        ({"enum": [1.5, 2]}, "float"),
        ({"enum": [1, "a"]}, "int | str"),
        ({"type": "string", "enum": []}, "str"),
        ({"minLength": 1}, "str"),
        ({"items": {}}, "list[Any]"),
        ({"properties": {}}, "AX"),
        ({"format": "date"}, "datetime.date"),
        ({"type": ["number", "integer"]}, "float"),
        ({"type": "array"}, "list[Any]"),
        (
            {"type": "array", "items": {"type": ["string", "null"], "format": "date-time"}},
            "list[datetime.datetime | None]",
        ),
        ({"type": ["array", "string"], "items": {"type": "string"}}, "list[str] | str"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "object", "additionalProperties": False}, "AX"),
        ({"type": "object", "additionalProperties": True}, "dict[str, Any]"),
        ({"additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "additionalProperties": REF}, "dict[str, Cat]"),
        (True, "Any"),
        (REF, "Cat"),
        ({**REF, "nullable": True}, "Cat | None"),
        ({**REF, "description": "words"}, "Cat"),
        ({"allOf": [REF]}, "Cat"),
        ({"allOf": [REF, {"description": "words"}]}, "Cat"),
        ({"allOf": [REF, {"nullable": True}]}, "Cat | None"),
        ({"allOf": [REF], "nullable": True, "title": "No name"}, "Cat | None"),
        ({"allOf": [REF, {"properties": {"y": {}}}]}, "AX"),
        ({"type": "object", "allOf": [REF]}, "Cat"),
        ({"allOf": [REF, {"type": "object"}]}, "Cat"),
        ({"allOf": [REF, REF]}, "Cat"),
        ({**REF, "minProperties": 1}, "Cat"),
        ({"type": "string", "allOf": [WORD]}, "Word | None"),
        ({**WORD, "minLength": 1}, "Word | None"),
        ({"type": "object", "allOf": [{"$ref": "#/components/schemas/Alias"}], "nullable": True}, "Cat | None"),
        ({"allOf": [{"type": "string"}, {"enum": ["a"]}]}, "AX"),
        ({"oneOf": [REF]}, "Cat"),
        ({"anyOf": [REF, {"type": "null"}]}, "Cat | None"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}, "str | int | None"),
        ({"oneOf": [{"type": "string", "format": "date"}, {"type": "string"}]}, "str"),
        ({"anyOf": [{"oneOf": [{"type": "string"}]}, {"type": "boolean"}]}, "str | bool"),
        ({"anyOf": [REF, {"type": "string"}]}, "Cat | str"),
        ({"anyOf": [REF, {"type": "object"}]}, "dict[str, Any]"),
        ({"anyOf": [REF, {}]}, "Any"),
        ({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {}}}, "AX"),
        ({"$ref": "#/components/schemas/Word"}, "Word | None"),
        ({"$ref": "#/components/schemas/Text"}, "UUID"),
        ({"$ref": "#/components/schemas/Alias"}, "Cat"),
        ({"$ref": "#/components/schemas/Tree"}, "list[list[Any]]"),
        ({"$ref": "#/components/schemas/Cat/properties/lives"}, "int"),
        ({"type": "string", "pattern": "^a", "maxLength": 3, "readOnly": True, "xml": {}, "$comment": "c"}, "str"),
        ({"type": "integer", "externalDocs": {"url": "https://x"}, "exclusiveMinimum": 1, "multipleOf": 2}, "int"),
    ],
)
def test_what_means_the_same_is_the_same(schema: Any, written: str) -> None:
    assert annotation(schema) == written


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"not": {}}, "/not"),
        ({"type": "string", "if": {}, "then": {}}, "/if"),
        ({"type": "object", "patternProperties": {}}, "/patternProperties"),
        ({"type": "array", "prefixItems": []}, "/prefixItems"),
        ({"type": "object", "properties": {"y": {"items": {"not": {}}}}}, "/properties/y/items/not"),
        ({"allOf": [REF, {"not": {}}]}, "/allOf/1/not"),
        ({"oneOf": [{"type": "string"}, {"not": {}}]}, "/oneOf/1/not"),
        ({"$ref": "other.yaml#/A"}, "/$ref"),
        ({"$ref": "#/components/schemas/Nothing"}, "/$ref"),
        ({"type": "text"}, "/type"),
        ({"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["A"]}, "/x-enum-varnames"),
        ({"type": "string", "enum": ["a"], "x-python-name": "two words"}, "/x-python-name"),
        ({"type": "string", "enum": ["a"], "x-python-name": "ClassVariant"}, "/x-python-name"),
        ({"type": "object", "properties": {}, "discriminator": "kind"}, "/discriminator"),
        ({"type": "object", "properties": {}, "discriminator": {}}, "/discriminator"),
        ({"discriminator": {"propertyName": "kind", "mapping": ["a"]}}, "/discriminator/mapping"),
        ({"discriminator": {"propertyName": "kind", "mapping": {"a": 1}}}, "/discriminator/mapping/a"),
        ({"discriminator": {"propertyName": "kind", "mapping": {"a": "Nothing"}}}, "/discriminator/mapping/a"),
        (
            {"discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Nothing"}}},
            "/discriminator/mapping/a",
        ),
        ({"type": "string", "nullable": "yes"}, "/nullable"),
        ({"type": "string", "xml": 5}, "/xml"),
        ({"type": "string", "externalDocs": "x"}, "/externalDocs"),
        ({"type": "string", "x-python-name": "str"}, "/x-python-name"),
        ({"type": "string", "x-python-name": "Any"}, "/x-python-name"),
        ({"type": "string", "x-python-name": "datetime"}, "/x-python-name"),
        ({"items": {"properties": {}, "x-python-name": "alpha"}}, "/items/x-python-name"),
        (False, ""),
        (1, ""),
        ({"propertees": {}}, "/propertees"),
    ],
)
def test_what_has_no_type_is_told_with_its_pointer(schema: Any, pointer: str) -> None:
    problems = reduced(schema).problems
    assert f"/components/schemas/A/properties/x{pointer}" in [problem.pointer for problem in problems]
    assert all(problem.text for problem in problems)


@pytest.mark.parametrize("reference", ["", "#", "#foo"])
def test_a_reference_that_is_no_pointer_is_not_said_to_leave_the_file(reference: str) -> None:
    [problem] = reduced({"$ref": reference}).problems
    assert "is not a reference to a schema" in problem.text


def test_a_mapping_may_name_a_component() -> None:
    kinds = {name: {"type": "object", "properties": {"kind": {}, name: {}}} for name in "PQ"}
    options = [{"$ref": f"#/components/schemas/{name}"} for name in kinds]
    mapping = {"p": "P", "q": "#/components/schemas/Q"}
    schema = {"oneOf": options, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    assert "{'P': 'P', 'Q': 'Q', 'p': 'P', 'q': 'Q'}" in annotation(schema, **kinds)


def test_the_limits_of_a_component_stay_when_it_is_merged_into_a_copy() -> None:
    base = {"type": "object", "properties": {"a": {}}, "minProperties": 1, "description": "words"}
    found = reduced({"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"b": {}}}]}, Base=base)
    assert found.api.classes["AX"].annotations == {"minProperties": 1}


def test_openapi_3_0_ignores_the_siblings_of_a_reference() -> None:
    schema = {**REF, "properties": {"y": {}}, "nullable": True}
    found = reduced(schema, version="3.0.3", Word={}, Tree={})
    assert found.problems == ()
    (member,) = found.api.components["A"].properties  # type: ignore[attr-defined]  # it is an object
    assert PythonTypes(found.api).annotation(member.kind) == "Cat | None"


def test_a_schema_that_is_itself_is_told() -> None:
    loop = {"$ref": "#/components/schemas/Loop"}
    assert [each.pointer for each in reduced(loop, Loop=loop).problems] == ["/components/schemas/Loop"]


def test_all_problems_are_found_in_one_run() -> None:
    schemas = {name: {"type": "string", "not": {}} for name in "PQR"}
    assert {each.pointer for each in reduced({"if": {}}, **schemas).problems} == {
        "/components/schemas/A/properties/x/if",
        *(f"/components/schemas/{name}/not" for name in "PQR"),
    }


@pytest.mark.parametrize(
    "names", [["message", "Message"], ["Message", "message"], ["a-b", "a_b", "AB", "aB"], ["1", "one"]]
)
def test_no_class_takes_the_name_of_another(names: list[str]) -> None:
    found = reduced({}, **{name: {"type": "object", "properties": {name: {}}} for name in names})
    assert found.problems == ()
    components = {name: kind for name, kind in found.api.components.items() if name in names}
    classes = [kind.class_name.lower() for kind in components.values()]  # type: ignore[attr-defined]  # objects
    assert len(set(classes)) == len(names)
    assert len(found.api.classes) == len(names) + 3


@pytest.mark.parametrize(
    ("values", "members"),
    [
        (["a", "A"], ["A", "A_2"]),
        (["", " ", "é", "1x", ">="], ["EMPTY", "VALUE_20", "É", "VALUE_1X", "VALUE_3E_3D"]),
        (["humanRequested", "two words", "self-service"], ["HUMAN_REQUESTED", "TWO_WORDS", "SELF_SERVICE"]),
        ([0, -1], ["VALUE_0", "VALUE_NEGATIVE_1"]),
        (["a", "a"], ["A"]),
    ],
)
def test_members_are_named_by_value(values: list[Any], members: list[str]) -> None:
    found = reduced({"enum": values})
    assert list(found.api.classes["AX"].members) == members  # type: ignore[union-attr]  # it is an enum


@pytest.mark.parametrize(
    ("schema", "members"),
    [
        ({"enum": ["a", "a", "b"], "x-enum-varnames": ["A", "A2", "B"]}, {"A": "a", "B": "b"}),
        ({"enum": [1, None, 1.0, 2], "x-enum-varnames": ["A", "N", "A", "B"], "type": "number"}, {"A": 1, "B": 2}),
        (
            {"allOf": [{"enum": ["a", "b", "c"], "x-enum-varnames": ["A", "B", "C"]}, {"enum": ["c", "b"]}]},
            {"B": "b", "C": "c"},
        ),
    ],
)
def test_the_name_of_a_member_stays_with_its_value(schema: Schema, members: Schema) -> None:
    found = reduced(schema)
    assert found.problems == ()
    assert found.api.classes["AX"].members == members  # type: ignore[union-attr]  # it is an enum


def test_the_chosen_name_of_a_property_is_that_of_its_attribute() -> None:
    found = reduced({"type": "object", "x-python-name": "alpha", "properties": {"x": {}}})
    assert found.problems == ()
    assert [each.attribute for each in found.api.classes["A"].properties] == ["alpha"]  # type: ignore[union-attr]  # it is an object
    assert "AX" in found.api.classes


def test_a_chosen_class_name_that_is_taken_or_unusable_is_told() -> None:
    names = {"P": "my_model", "Q": "My_Model", "R": "MyModel", "S": "MyModel"}
    schemas = {key: {"type": "object", "properties": {}, "x-python-name": name} for key, name in names.items()}
    assert {each.pointer for each in reduced({}, **schemas).problems} == {
        f"/components/schemas/{key}/x-python-name" for key in "PQS"
    }
    chosen = reduced({}, MyModel={"type": "object", "properties": {}}, R=schemas["R"]).api.components
    assert [chosen[name].class_name for name in ("MyModel", "R")] == ["MyModel2", "MyModel"]  # type: ignore[attr-defined]  # objects


def test_a_name_that_is_chosen_wins_over_one_by_rule() -> None:
    a = {"type": "object", "x-python-name": "Better", "properties": {"x": {}, "_x": {"x-python-name": "x"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": a}},
    }
    api = reduce_document(document).api
    assert list(api.classes) == ["Better"]
    assert {each.name: each.attribute for each in api.classes["Better"].properties} == {"x": "x_2", "_x": "x"}  # type: ignore[union-attr]  # it is an object


def test_objects_are_told_apart_by_a_value_that_each_of_them_lists() -> None:
    options = [{"type": "object", "properties": {"kind": {"const": kind}, kind: {}}} for kind in ("cat", "dog")]
    assert annotation({"oneOf": options}) == (
        "Annotated[AXType0 | AXType1 | dict[str, Any], Discriminator('kind', {'cat': 'AXType0', 'dog': 'AXType1'})]"
    )


def test_objects_are_told_apart_by_an_integer_that_each_of_them_lists() -> None:
    options = [{"type": "object", "properties": {"kind": {"const": kind}}} for kind in (1, 2)]
    assert annotation({"oneOf": options}) == (
        "Annotated[AXType0 | AXType1 | dict[str, Any], Discriminator('kind', {1: 'AXType0', 2: 'AXType1'})]"
    )


def test_an_object_next_to_a_discriminator_is_part_of_each_alternative() -> None:
    options = {"oneOf": [REF, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind"}}
    x = {"type": "object", "properties": {"id": {"type": "integer"}}, **options}
    assert annotation(x, Dog=COMPONENTS["Cat"]) == (
        "Annotated[AXType0 | AXType1 | dict[str, Any], Discriminator('kind', {'Cat': 'AXType0', 'Dog': 'AXType1'})]"
    )


@pytest.mark.parametrize("document", [None, [], "x", {}, {"openapi": "2.0"}, {"openapi": 3}, {"swagger": "2.0"}])
def test_a_document_of_no_known_version_has_none(document: Any) -> None:
    assert version_of(document) is None


OPERATION = {"responses": {"200": {"description": "d"}}}
QUERY: Schema = {"in": "query", "name": "c", "schema": {}}
DEEP: Schema = {"in": "query", "name": "c", "style": "deepObject"}
DEEP_OBJECT = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object"}}}}


@pytest.mark.parametrize(
    ("operation", "pointer"),
    [
        ({"operationId": "../../x"}, "/operationId"),
        ({"operationId": "/etc/x"}, "/operationId"),
        ({"operationId": "a\\b"}, "/operationId"),
        ({"parameters": [{"in": "cookie", "name": "c", "schema": {}}]}, "/parameters/0"),
        ({"parameters": [{"in": "query", "name": "c", "style": "odd", "schema": {}}]}, "/parameters/0/style"),
        ({"parameters": [DEEP | {"schema": {"type": "string"}}]}, "/parameters/0/style"),
        ({"parameters": [DEEP | {"schema": {"type": "array", "items": {"type": "string"}}}]}, "/parameters/0/style"),
        ({"parameters": [DEEP | {"schema": DEEP_OBJECT}]}, "/parameters/0/schema"),
        ({"parameters": [DEEP | {"schema": {"oneOf": [{"type": "string"}, DEEP_OBJECT]}}]}, "/parameters/0/schema"),
        ({"parameters": [QUERY, {**QUERY, "required": True}]}, "/parameters/1"),
        ({"parameters": [{**QUERY, "in": "header"}, {**QUERY, "in": "header", "name": "C"}]}, "/parameters/1"),
        ({"parameters": [{**QUERY, "allowReserved": True}]}, "/parameters/0/allowReserved"),
        ({"servers": [{"url": "https://other.example"}]}, "/servers"),
        (
            {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}},
            "/requestBody/content/application~1x-www-form-urlencoded",
        ),
        (
            {"responses": {"200": {"description": "d", "content": {"image/png": {}}}}},
            "/responses/200/content/image~1png",
        ),
        (
            {"responses": {"200": {"description": "d", "content": {"application/json-seq": {}}}}},
            "/responses/200/content/application~1json-seq",
        ),
        ({"responses": {"999": {"description": "d"}}}, "/responses/999"),
        ({"security": [{"nothing": []}]}, "/security/0"),
    ],
)
def test_what_no_client_can_do_is_told_with_its_pointer(operation: Schema, pointer: str) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {**OPERATION, **operation}}},
    }
    assert f"/paths/~1a/get{pointer}" in [problem.pointer for problem in reduce_document(document).problems]


SERVERS = [{"url": "https://a.example"}]


@pytest.mark.parametrize(
    ("of_path", "of_operation", "pointers"),
    [
        ({}, {}, []),
        ({"servers": SERVERS}, {}, []),
        ({"servers": []}, {"servers": SERVERS}, []),
        ({"servers": [{"url": "/b"}]}, {"servers": SERVERS}, []),
        ({"servers": [{"url": "/b"}]}, {}, ["/paths/~1a/servers"]),
    ],
)
def test_other_servers_than_those_of_the_document_are_told(
    of_path: Schema, of_operation: Schema, pointers: list[str]
) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": SERVERS,
        "paths": {"/a": {**of_path, "get": {**OPERATION, **of_operation}, "put": OPERATION | {"servers": SERVERS}}},
    }
    assert [problem.pointer for problem in reduce_document(document).problems] == pointers


@pytest.mark.parametrize(
    "parameters",
    [
        [QUERY, {**QUERY, "in": "header"}, {**QUERY, "name": "C"}],
        [{**QUERY, "allowReserved": False}],
        [DEEP | {"schema": {}}],
        [DEEP | {"schema": {"type": "object"}}],
        [DEEP | {"schema": {"oneOf": [{"type": "integer"}, REF]}}],
        [DEEP | {"schema": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}}],
    ],
)
def test_a_parameter_that_can_be_sent_is_not_told(parameters: list[Schema]) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"parameters": [QUERY], "get": {**OPERATION, "parameters": parameters}}},
        "components": {"schemas": COMPONENTS},
    }
    assert reduce_document(document).problems == ()


def test_two_references_that_lead_nowhere_are_not_one_parameter() -> None:
    lost = [{"$ref": f"#/components/parameters/{name}"} for name in "AB"]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {**OPERATION, "parameters": lost}}},
    }
    pointers = [problem.pointer for problem in reduce_document(document).problems]
    assert pointers == [f"/paths/~1a/get/parameters/{index}/$ref" for index in (0, 1)]


JSON_STRING = {"application/json": {"schema": {"type": "string"}}}
JSON_ERROR = {"description": "e", "content": JSON_STRING}


@pytest.mark.parametrize(
    ("responses", "has_answer"),
    [
        ({"default": JSON_ERROR}, True),
        ({"404": {"description": "d"}, "default": JSON_ERROR}, True),
        ({"204": {"description": "d"}, "default": JSON_ERROR}, False),
        ({"2XX": {"description": "d"}, "default": JSON_ERROR}, False),
        ({"200": {"description": "d", "content": {"text/plain": {}}}, "default": JSON_ERROR}, False),
        ({"200": {"description": "d"}, "201": JSON_ERROR}, True),
        (
            {
                "200": {
                    "description": "d",
                    "content": {"application/json; charset=utf-8": JSON_STRING["application/json"]},
                }
            },
            True,
        ),
    ],
)
def test_a_default_response_is_the_answer_only_if_no_status_of_success_is_listed(
    responses: Schema, *, has_answer: bool
) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
    }
    found = reduce_document(document)
    assert found.problems == ()
    assert (found.api.operations[0].answer is not None) is has_answer


def test_operations_have_names_of_their_own() -> None:
    ids = ["getThing", "get_thing", "GetThing", "get/thing/v2", None]
    paths = {
        f"/{number}": {"get": {**OPERATION, **({"operationId": name} if name else {})}}
        for number, name in enumerate(ids)
    }
    found = reduce_document({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
    assert found.problems == ()
    functions = [operation.function for operation in found.api.operations]
    files = [operation.file for operation in found.api.operations]
    assert functions == ["get_thing", "get_thing_2", "get_thing_3", "get_thing_v2", "get_4"]
    assert len({name.lower() for name in files}) == len(files)


def operations(*given: Schema) -> Reduction:
    paths = {f"/{number}": {"get": {**OPERATION, **each}} for number, each in enumerate(given)}
    return reduce_document({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})


def test_the_chosen_name_of_an_operation_wins_or_is_told() -> None:
    found = operations({"operationId": "f"}, {"operationId": "g", "x-python-name": "f"})
    assert found.problems == ()
    assert [each.function for each in found.api.operations] == ["f_2", "f"]
    for names in (["f", "f"], ["f", "Fetch_It"]):
        [problem] = operations(*({"x-python-name": name} for name in names)).problems
        assert problem.pointer == "/paths/~11/get/x-python-name"


def test_names_that_are_too_long_for_a_file_are_cut_and_stay_unique() -> None:
    long = "long" * 75
    found = operations(*({"operationId": f"{long}{end}", "tags": [f"{long}{end}"]} for end in "ab"))
    assert found.problems == ()
    names = [(each.function, each.file, each.tag) for each in found.api.operations]
    assert max(len(name) for each in names for name in each) < 60
    assert all(one != other for one, other in zip(*names, strict=True))
    nested: Schema = {"type": "object", "properties": {"x": {}}}
    for _ in range(8):
        nested = {"type": "object", "properties": {"n" * 40: nested, "m" * 40: nested}}
    classes = list(reduced(nested).api.classes)
    assert max(map(len, classes)) <= 210
    assert len({name.lower() for name in classes}) == len(classes)
    assert all(class_name(name) == name for name in classes)


@pytest.mark.parametrize(("name", "is_told"), [("X.Api.Key", False), ("X-Api_Key", False), ("X Key", True), ("", True)])
def test_a_key_is_sent_in_any_header_that_has_a_name(name: str, *, is_told: bool) -> None:
    scheme = {"type": "apiKey", "in": "header", "name": name}
    found = reduce_document(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {**OPERATION, "security": [{"key": []}]}}},
            "components": {"securitySchemes": {"key": scheme}},
        }
    )
    assert [each.pointer for each in found.problems] == ["/components/securitySchemes/key/name"] * is_told
