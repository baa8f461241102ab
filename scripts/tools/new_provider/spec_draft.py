"""A spec by the conventions of openapi/README.md, drafted from another one, or from nothing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from conversas.json_pointer import is_object, split_pointer
from tools.regenerate.openapi_forms import REDUCED, SchemaWriter
from tools.regenerate.reduced.api import Api, Operation, Parameter, SecurityScheme, path_names
from tools.regenerate.reduced.kinds import Enum, Kind, List, Map, Object, Reference, Scalar, Union, every_part
from tools.regenerate.reduced.names import UniqueNames, value_words
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.reduced.source import Source

FORMATS = ("date-time", "int32")
STATUSES = {
    "401": "Not documented; in HTTP, this status means that the request is not authenticated. No body is documented.",
    "403": "Not documented; in HTTP, this status means that the request is forbidden. No body is documented.",
    "404": "Not documented; in HTTP, this status means that nothing was found. No body is documented.",
    "default": "Any other status. No body is documented.",
}
BLANK: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Blank", "version": "1.0.0"},
    "paths": {
        "/conversations/{id}": {
            "get": {
                "operationId": "getConversation",
                "security": [{"bearer": []}],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "The conversation",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Conversation"}}},
                    }
                },
            }
        }
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Conversation": {
                "type": "object",
                "properties": {
                    "conversationId": {"type": ["string", "null"]},
                    "title": {"type": ["string", "null"]},
                    "status": {"type": "string", "enum": ["open", "closed"]},
                    "createdAt": {"type": ["string", "null"], "format": "date-time"},
                    "updatedAt": {"type": ["string", "null"], "format": "date-time"},
                    "messages": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Message"}},
                },
            },
            "Message": {
                "type": "object",
                "properties": {
                    "id": {"type": ["string", "null"]},
                    "sender": {"type": "string", "enum": ["customer", "agent"]},
                    "text": {"type": ["string", "null"]},
                    "createdAt": {"type": ["string", "null"], "format": "date-time"},
                },
            },
        },
    },
}


def draft_document(name: str, api: Api, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec of a provider with the one operation of a reduced spec, without its examples.

    Raises:
        SpecError: The operation has no id in its path, or no object as its answer.
    """
    [operation] = api.operations
    answer = operation.answer
    if answer is None or not isinstance(api.follow(answer), Object):
        raise SpecError(f"{name}.yaml", [Problem(operation.pointer, "its answer must be an object in JSON")])
    *others, id_ = path_names(operation.path) or [""]
    if not id_:
        raise SpecError(f"{name}.yaml", [Problem(operation.pointer, "its path must have the id of a conversation")])
    writer = _writer(api, answer)
    base, path = _split(operation.path, others)
    schema = writer.write(evolve(_lifted(answer, api), annotations={}))
    parameter = next(each for each in operation.parameters if (each.location, each.name) == ("path", id_))
    title = name.replace("_", " ").title()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title} conversations",
            "version": "1.0.0",
            "summary": f"Read one customer conversation from {title} by its id.",
            "description": f"An independent description of an endpoint of {title}. It is not published by {title}. "
            "Read a value that an enum does not list, and a property that a schema does not list, as data, not as an "
            "error.",
        },
        "servers": [_server(source, base)],
        "tags": [{"name": "conversations", "description": "Customer conversations, with their messages."}],
        "paths": {
            path: {
                "get": {
                    "operationId": "getConversation",
                    "tags": ["conversations"],
                    "summary": operation.summary or "Get a conversation",
                    "description": operation.description or "Returns one conversation with its messages.",
                    "security": [{_scheme(api, operation).name: list[str]()}],
                    "parameters": [_parameter(parameter)],
                    "responses": {
                        "200": {
                            "description": "The conversation",
                            "content": {"application/json": {"schema": schema}},
                        },
                        **_failures(operation, source),
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {_scheme(api, operation).name: _security(_scheme(api, operation))},
            "schemas": dict(_described(writer)),
        },
    }


def _failures(operation: Operation, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the responses without a body: as the other spec describes them, or as HTTP does."""
    document = Source(dict(source))
    responses = document.root.get(*split_pointer(operation.pointer)).members("responses")
    found = {str(status): document.resolved(place).get("description").value for status, place in responses}
    texts = {status: f"{str(text).rstrip('.')}. The body is left out." for status, text in found.items() if text}
    return {status: {"description": texts.get(status, text)} for status, text in STATUSES.items()}


def _writer(api: Api, answer: Kind) -> SchemaWriter:
    """Return the writer of the classes that an answer reaches: each is a component, and no property is required."""
    found: dict[str, Kind] = {}
    names = UniqueNames()  # of the members of all enums
    waiting = [_lifted(answer, api)]
    while waiting:
        for part in every_part(waiting.pop()):
            if isinstance(part, Reference) and part.component not in found:
                found[part.component] = _component(api.classes[part.component], api, names)
                waiting.append(found[part.component])
    return SchemaWriter(Api(found, ()), REDUCED)


def _component(kind: Object | Enum, api: Api, names: UniqueNames) -> Kind:
    words = {"description": kind.description} if kind.description else {}
    if isinstance(kind, Object):
        properties = [evolve(each, kind=_lifted(each.kind, api), required=False) for each in kind.properties]
        return evolve(kind, properties=tuple(properties), nullable=False, annotations=words, alias=None)
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.class_name).upper()
    members = {names.take(f"{prefix}_{value_words(value)}"): value for value in kind.members.values()}
    return evolve(kind, members=members, nullable=False, annotations=words, alias=None)


def _lifted(kind: Kind, api: Api) -> Kind:
    """Return a kind in which each class is a reference, and the description is the only annotation."""
    words = {"description": kind.description} if kind.description else {}
    match kind:
        case Object() | Enum():
            return Reference(component=kind.class_name, nullable=kind.nullable, annotations=words)
        case Reference():
            return evolve(kind, component=api.class_of(kind), annotations=words)
        case List():
            return evolve(kind, items=_lifted(kind.items, api), annotations=words, alias=None)
        case Map():
            return evolve(kind, values=_lifted(kind.values, api), annotations=words, alias=None)
        case Union():
            options = tuple(_lifted(option, api) for option in kind.options)
            return evolve(kind, options=options, annotations=words, alias=None)
        case Scalar():
            form = kind.format if kind.format in FORMATS else None
            return evolve(kind, format=form, annotations=words, alias=None)
        case _:
            return evolve(kind, annotations=words, alias=None)


def _described(writer: SchemaWriter) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each schema, with a description for it and for each of its properties."""
    for name, kind in writer.api.components.items():
        schema = writer.root(kind)
        for inner, shape in schema.get("properties", {}).items():
            if "$ref" not in shape:
                shape.setdefault("description", f"{_words(inner)}.")
        yield name, {"description": f"{_words(name)}.", **schema}


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+", " ", name).strip()
    return spaced[:1].upper() + spaced[1:].lower()


def _split(path: str, others: list[str]) -> tuple[str, str]:
    """Return the part of a path that belongs to the base URL, and the rest of the path.

    The first part has, for example, the name of an account.
    """
    if not others:
        return "", path
    end = path.rindex("{" + others[-1] + "}") + len(others[-1]) + 2
    return path[:end], path[end:]


def _server(source: Mapping[str, Any], base: str) -> dict[str, Any]:
    servers = source.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and is_object(servers[0]) else {}
    url = str(first.get("url", "")).rstrip("/")
    if base or not url.startswith("http") or "{" in url:
        variable = {"default": f"https://provider.invalid{re.sub('[{}]', '', base)}", "description": "The base URL"}
        words = f"The address ends with {base}" if base else "No address is documented"
        return {"url": "{baseUrl}", "description": words, "variables": {"baseUrl": variable}}
    return {"url": url, "description": "The documented server"}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    kind = parameter.kind
    schema: dict[str, Any] = {"type": "string", "example": "conversation-id-1"}
    if isinstance(kind, Scalar) and kind.types[:1] in (("integer",), ("number",)):
        schema = {"type": "integer", "format": "int32" if kind.format == "int32" else "int64", "example": 123}
    described = {"description": parameter.description or "Id of the conversation", **schema}
    return {"name": parameter.name, "in": "path", "required": True, "schema": described}


def _scheme(api: Api, operation: Operation) -> SecurityScheme:
    """Return the scheme of an operation that the clients here can use: bearer, or a key in a header."""
    usable = [each for each in api.schemes if each.kind in ("bearer", "header")]
    mine = [each for each in usable if each.class_name in operation.schemes]
    return (mine or usable or [SecurityScheme("bearer", "AuthenticatedClient", "bearer")])[0]


def _security(scheme: SecurityScheme) -> dict[str, Any]:
    if scheme.kind == "bearer":
        return {"type": "http", "scheme": "bearer", "description": "Bearer authentication"}
    return {"type": "apiKey", "in": "header", "name": scheme.parameter, "description": "Key in a header"}
