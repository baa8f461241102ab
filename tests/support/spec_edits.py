"""Each edit of the table in openapi/README.md, made to shop.yaml as a JSON Patch."""

from pathlib import Path
from typing import Any

from jsonpatch import JsonPatch

from tools.regenerate.spec import load_yaml

SHOP = load_yaml(Path(__file__).parents[1] / "data" / "shop.yaml")

GET = "/paths/~1orders~1{id}/get"
HEAD = "/paths/~1orders~1{id}/head"
ORDER_GET = "/paths/~1orders~1{order}/get"
SCHEMAS = "/components/schemas"
ORDER = f"{SCHEMAS}/Order/properties"
STATE = f"{SCHEMAS}/State"
BODY = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
Patch = list[dict[str, Any]]


def shop(*patch: dict[str, Any]) -> dict[str, Any]:
    """Return the spec with these operations done."""
    document: dict[str, Any] = JsonPatch(patch).apply(SHOP)
    return document


def put(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def move(old: str, new: str) -> dict[str, Any]:
    return {"op": "move", "from": old, "path": new}


def enum(values: list[int], names: list[str]) -> Patch:
    return [
        put(f"{STATE}/enum", values),
        put(f"{STATE}/x-enum-varnames", names),
        put(f"{STATE}/x-enumNames", names),
    ]


def parameter(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string", "description": "New."}, **more}


EDITS: dict[str, list[Patch]] = {
    "a property is new": [[put(f"{ORDER}/weight", {"type": "number", "description": "Its weight."})]],
    "a property is removed": [[remove(f"{ORDER}/discount")]],
    "a property is now required": [[put(f"{SCHEMAS}/Order/required", ["id", "total"])]],
    "a property is no longer required": [[remove(f"{SCHEMAS}/Order/required")]],
    "a value may now be null": [
        [put(f"{ORDER}/total/type", ["number", "null"])],
        [put(f"{ORDER}/state", {"oneOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]})],
        [put(f"{ORDER}/lines/items", {"oneOf": [{"$ref": "#/components/schemas/Line"}, {"type": "null"}]})],
    ],
    "a value may no longer be null": [
        [put(f"{ORDER}/note/type", "string")],
        [put(f"{ORDER}/customer", {"$ref": "#/components/schemas/Customer", "description": "Who placed it."})],
        [put(f"{ORDER}/lines/type", "array")],
    ],
    "a type is widened": [
        [put(f"{ORDER}/discount/type", "number")],
        [put(f"{SCHEMAS}/Line/properties/article/type", ["string", "integer"])],
    ],
    "a type is narrowed": [[put(f"{ORDER}/total/type", "integer")]],
    "a type is replaced": [
        [put(f"{ORDER}/discount/type", "string")],
        [put(f"{ORDER}/lines/items", {"type": "string", "description": "Its name."})],
    ],
    "a format is added, removed or replaced": [
        [put(f"{ORDER}/id/format", "int64")],
        [put(f"{ORDER}/discount/format", "int32")],
        [remove(f"{ORDER}/placedAt/format")],
    ],
    "an enum has a new value": [enum([0, 1, 2, 3], ["STATE_0", "STATE_1", "STATE_2", "STATE_3"])],
    "an enum has lost a value": [enum([0, 2], ["STATE_0", "STATE_2"])],
    "a value of an enum has another name": [
        enum([0, 1, 2], ["STATE_0", "STATE_ONE", "STATE_2"]),
        enum([0, 1, 2], ["STATE_0", "STATE_2", "STATE_1"]),
    ],
    "a plain type is now an enum, or the reverse": [
        [remove(f"{STATE}/{key}") for key in ("enum", "x-enum-varnames", "x-enumNames")],
        [put(f"{ORDER}/state", {"type": "integer", "description": "State of an order."})],
    ],
    "a schema is new": [[put(f"{SCHEMAS}/Gift", {"type": "object", "description": "A gift.", "properties": {}})]],
    "a schema is removed": [[remove(f"{SCHEMAS}/Refund")]],
    "a schema has another name": [
        [
            move(f"{SCHEMAS}/Line", f"{SCHEMAS}/OrderLine"),
            put(f"{ORDER}/lines/items", {"$ref": "#/components/schemas/OrderLine"}),
        ]
    ],
    "an operation is new": [[{"op": "copy", "from": GET, "path": HEAD}, put(f"{HEAD}/operationId", "checkOrder")]],
    "an operation is removed": [[remove(GET)]],
    "an operation has another operationId": [[put(f"{GET}/operationId", "readOrder")]],
    "an operation has other tags": [[put(f"{GET}/tags", ["sales"])]],
    "a status is new, without a body": [[put(f"{GET}/responses/403", {"description": "Forbidden."})]],
    "a status is removed": [[remove(f"{GET}/responses/404")]],
    "a status has a new kind of body": [
        [put(f"{GET}/responses/404/content", BODY)],
        [put(f"{GET}/responses/403", {"description": "Forbidden.", "content": BODY})],
    ],
    "a status no longer has a kind of body": [[remove(f"{GET}/responses/409/content")]],
    "an optional parameter is new": [[put(f"{GET}/parameters/-", parameter("since"))]],
    "a required parameter is new": [[put(f"{GET}/parameters/-", parameter("since", required=True))]],
    "a parameter is removed": [[remove(f"{GET}/parameters/1")]],
    "a parameter is now required": [[put(f"{GET}/parameters/1/required", value=True)]],
    "a parameter is no longer required": [[remove(f"{GET}/parameters/2/required")]],
    "a parameter in the path has another name": [
        [
            move("/paths/~1orders~1{id}", "/paths/~1orders~1{order}"),
            put(f"{ORDER_GET}/parameters/0/name", "order"),
        ]
    ],
    "a parameter has another type or format": [
        [put(f"{GET}/parameters/0/schema/type", "string"), remove(f"{GET}/parameters/0/schema/format")],
        [put(f"{GET}/parameters/0/schema/format", "int64")],
        [put(f"{GET}/parameters/1/schema/enum", ["de", "pt"])],
    ],
    "the authentication changes": [
        [put("/components/securitySchemes/bearer/scheme", "basic")],
        [put(f"{GET}/security", [])],
    ],
    "the servers change": [[put("/servers/0/url", "https://store.invalid")]],
    "something becomes deprecated, or is no longer deprecated": [
        [put(f"{GET}/deprecated", value=True)],
        [put(f"{ORDER}/total/deprecated", value=True)],
        [put(f"{GET}/parameters/1/deprecated", value=True)],
    ],
    "descriptions, summaries, titles or examples differ": [
        [put(f"{ORDER}/placedAt/description", "When the order was placed.")],
        [put(f"{ORDER}/placedAt/example", "2026-02-02T00:00:00Z")],
        [put(f"{GET}/summary", "Get one order")],
        [put(f"{GET}/responses/404/description", "Nothing.")],
        [put(f"{GET}/parameters/0/schema/description", "Its id.")],
        [put("/info/title", "The shop")],
        [put("/servers/0/description", "The server.")],
        [put("/tags/0/description", "Orders.")],
    ],
    "anything else differs": [
        [put(f"{ORDER}/note/maxLength", 100)],
        [put(f"{ORDER}/note/x-name", "remark")],
        [put(f"{GET}/requestBody", {"content": BODY})],
        [put(f"{GET}/parameters/1/style", "form")],
        [put("/tags/-", {"name": "sales"})],
        [put("/components/headers", {"X-Id": {"schema": {"type": "string"}}})],
    ],
}
