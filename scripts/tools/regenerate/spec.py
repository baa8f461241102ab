"""Spec files: read, and checked against OpenAPI 3.1 and the rules of this project."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen
from jsonschema import Draft202012Validator
from openapi_python_client.strings import snake_case
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
RESERVED = {"additional_keys", "additional_properties", "from_checked", "from_dict", "to_dict"}
ENUM_NAMES = ("x-enum-varnames", "x-enumNames")
BEARER = {"type": "http", "scheme": "bearer"}
HEADER_NAME = re.compile("[A-Za-z0-9_-]+")


class SpecError(Exception):
    """A spec or the configuration is invalid. The message names the file and the location in it."""

    def __init__(self, file: str, location: str, problem: str) -> None:
        super().__init__(f"{file}: {location}: {problem}")


@frozen
class Spec:
    """Valid spec. `name` is that of its file and of the client; `document` is the parsed YAML."""

    name: str
    content: bytes = field(repr=False)
    document: dict[str, Any] = field(repr=False)

    @property
    def version(self) -> str:
        return str(self.document["info"]["version"])

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def api_key_header(self) -> str | None:
        """The header that the token is sent in, without a word before it; None if it is a bearer token."""
        schemes = _security_schemes(self.document).values()
        return next((str(scheme["name"]) for scheme in schemes if scheme["type"] == "apiKey"), None)

    @property
    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each operation, with its JSON pointer."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield format_pointer("paths", path, method), item[method]


def load_yaml(file: Path) -> Any:
    """Read a YAML file.

    Raises:
        SpecError: Not YAML; names the line.
    """
    parser: Any = YAML(typ="safe", pure=True)
    try:
        return parser.load(file.read_bytes())
    except MarkedYAMLError as error:
        details: Any = error
        mark = details.problem_mark or details.context_mark
        location = f"line {mark.line + 1}" if mark else "somewhere"
        raise SpecError(file.name, location, details.problem or "not YAML") from None
    except (UnicodeDecodeError, YAMLError):
        raise SpecError(file.name, "somewhere", "not YAML text in UTF-8") from None


def load_spec(file: Path) -> Spec:
    """Read a spec and check it.

    Raises:
        SpecError: Not YAML, not OpenAPI 3.1, or against the rules of this project.
    """
    document = load_yaml(file)
    if not is_object(document) or not str(document.get("openapi", "")).startswith("3.1."):
        raise SpecError(file.name, "/openapi", "not an OpenAPI 3.1 document")
    for location, problem in _problems(document):
        raise SpecError(file.name, location, problem)
    return Spec(file.stem, file.read_bytes(), document)


def _problems(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each problem with its JSON pointer. References come first: the validator stops at a broken one."""
    yield from _unusable_keys(document)
    yield from _broken_references(document)
    yield from _broken_schemas(document)
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield format_pointer(*error.absolute_path) or "/", error.message[:200]
    yield from _unusable_operations(document)
    yield from _unusable_security(document)
    yield from _unusable_names(document)
    yield from _bad_enum_names(document)


def _nodes(node: Any, *path: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object in a document with its JSON pointer, except those in examples."""
    children: Iterable[tuple[object, Any]] = ()
    if is_object(node):
        yield format_pointer(*path), node
        children = node.items()
    elif is_array(node):
        children = enumerate(node)
    for key, child in children:
        if key not in ("example", "examples") or path[-1:] == ("properties",):
            yield from _nodes(child, *path, key)


def resolve(document: Mapping[str, Any], reference: str) -> Any:
    """Return the target of a reference within the document; raise KeyError if there is none."""
    if not reference.startswith("#/"):
        raise KeyError(reference)
    return resolve_pointer(document, split_pointer(reference[1:]))


def _unusable_keys(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for location, node in _nodes(document):
        for key in cast("dict[object, Any]", node):
            if not isinstance(key, str):
                yield location + format_pointer(key), f"quote the key {key}: only strings are keys in JSON"
    for key in ("info", "paths"):
        if not is_object(document.get(key)):
            yield f"/{key}", "missing"


def _broken_references(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for location, node in _nodes(document):
        if isinstance(reference := node.get("$ref"), str):
            try:
                resolve(document, reference)
            except (LookupError, TypeError, ValueError):
                yield location + "/$ref", f"{reference} leads nowhere in this file"


def _broken_schemas(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield invalid schemas. The validator of the document names locations in the schema, not in the document."""
    validator: Any = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for location, schema in _nodes(document):
        if re.fullmatch("/components/schemas/[^/]+|/paths/.*/schema", location):
            for error in validator.iter_errors(schema):
                yield location + format_pointer(*error.absolute_path), error.message[:200]


def _unusable_names(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for location, node in _nodes(_schemas(document), "components", "schemas"):
        taken = set(RESERVED)
        for member in node["properties"] if is_object(node.get("properties")) else ():
            if member.startswith("_") or snake_case(member) in taken:
                yield (
                    location + format_pointer("properties", member),
                    "no attribute can have this name: it is private, or taken",
                )
            taken.add(snake_case(member))


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    return schemas


def _unusable_operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for location, operation in Spec("", b"", document).operations:
        if not operation.get("operationId"):
            yield location, "an operation needs an operationId: its function is named by it"
        if "responses" not in operation:
            yield location, "an operation needs responses: its model is found by them"
        if "requestBody" in operation:
            yield location + "/requestBody", "the templates have no request bodies: see CONTRIBUTING.md"


def _security_schemes(document: dict[str, Any]) -> dict[str, Any]:
    schemes: dict[str, Any] = document.get("components", {}).get("securitySchemes", {})
    return schemes


def _unusable_security(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a client cannot follow: it has one token, and sends it in one way."""
    for number, (name, scheme) in enumerate(_security_schemes(document).items()):
        location, kind = format_pointer("components", "securitySchemes", name), scheme.get("type")
        if number:
            yield location, "a client has one security scheme, and this is another one"
        if kind == "apiKey" and scheme["in"] == "header":
            if not HEADER_NAME.fullmatch(scheme["name"]):
                yield location + "/name", "must be the name of a header, of letters, digits, '-' and '_'"
        elif {key: str(scheme.get(key)).lower() for key in BEARER} != BEARER:
            yield location, "the clients know bearer tokens and an apiKey in a header only"


def _bad_enum_names(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield wrong names of enum values. Some languages silently lose members if names are missing or double."""
    taken: set[tuple[str, str]] = set()
    for location, node in _nodes(_schemas(document), "components", "schemas"):
        for key in ENUM_NAMES if is_array(node.get("enum")) else ():
            names = node.get(key, [])
            if not is_array(names) or len(names) != len(node["enum"]) or names != node[ENUM_NAMES[0]]:
                yield (
                    f"{location}/{key}",
                    f"not a list of a name for each of {len(node['enum'])} values, twice the same",
                )
                return
            for name in names:
                if not str(name).isidentifier():
                    yield f"{location}/{key}", f"{name} is no name of a member in any language"
                if (key, name) in taken:
                    yield f"{location}/{key}", f"the name {name} stands twice in this spec"
                taken.add((key, name))
