"""Forms of a spec, written from its reduced form.

They are OpenAPI 3.1 and 3.0.3, each with or without references, and the open form.

OpenAPI 3.0 has no nullable references. If references stay, `nullable: true` stands next to `allOf`. Code generators
read it there, though a strict validator ignores it. Without references, the schema itself is nullable.

Many generated clients refuse a whole body because of one value that the spec does not list. In the open form, an enum
accepts any value of its type, a string has no format, an integer has 64 bits, every value in a body may be null, and an
object may have more properties. Types and requests do not change.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

from attrs import frozen

from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer
from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.keywords import ENUM_NAMES, LIMITS, NOT_IN_3_0
from tools.regenerate.reduced.kinds import Anything, Enum, Kind, List, Map, Object, Reference, Scalar, Union
from tools.regenerate.spec import Spec

Schema = dict[str, Any]

NOTE = (
    "This is the open form of the spec, made by a program: a client of it reads bodies that the spec does not foresee."
)
INNER = ("properties", "additionalProperties", "required", "items")
"""Keywords that are written after the annotations of a schema."""

RESOLVED = ("parameters", "pathItems", "requestBodies", "responses")
"""Components whose references are replaced with their content, so that no reference to them stays."""

FOLLOWED = tuple(f"#/components/{name}/" for name in RESOLVED)


@frozen(kw_only=True)
class Form:
    """A form of a spec."""

    version: Literal["3.0", "3.1"] = "3.1"
    is_open: bool = False
    has_references: bool = True
    is_comparable: bool = False
    """Whether a nullable reference leads to a separate component, so that nullability is always part of a type."""


REDUCED = Form()
OPEN = Form(is_open=True)
COMPARABLE = Form(is_comparable=True)
OR_NULL = "-or-null"
"""Suffix of the names of components that only a comparable form has."""


def write_document(spec: Spec, form: Form) -> dict[str, Any]:
    """Return the document of a spec in a form."""
    writer = SchemaWriter(spec.api, form)
    document: dict[str, Any] = _Document(spec, writer).write(spec.document, "")
    document["openapi"] = "3.0.3" if form.version == "3.0" else spec.document["openapi"]
    if form.is_comparable or not str(document["openapi"]).startswith(form.version):
        document["openapi"] = "3.1.0"
    info = document["info"]
    if form.version == "3.0":
        document["info"] = {key: value for key, value in info.items() if key != "summary"}  # OpenAPI 3.0 has no summary
    if form.is_open:
        document["info"] = {**info, "description": f"{info.get('description', '')}\n{NOTE}\n".lstrip()}
    return document


def as_json(document: dict[str, Any]) -> bytes:
    """Return a document as the bytes of a JSON file."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


@frozen
class _Document:
    """A document in which schemas are rewritten, and references to anything else are replaced with their targets."""

    spec: Spec
    writer: "SchemaWriter"

    def write(self, node: Any, pointer: str, inside: tuple[str, ...] = ()) -> Any:
        """Return a part of the document. `inside` has the references that led to the part."""
        if pointer in self.spec.api.at and not pointer.startswith("/components/schemas/"):
            return self._schema(pointer)
        if pointer == "/components":
            return self._components(node)
        if is_array(node):
            return [self.write(item, f"{pointer}/{index}", inside) for index, item in enumerate(node)]
        if not is_object(node):
            return node
        target = node.get("$ref")
        if isinstance(target, str) and target not in inside and target.startswith(FOLLOWED):
            found = resolve_pointer(self.spec.document, split_pointer(unquote(target[1:])))
            return self.write(found, unquote(target[1:]), (*inside, target))
        return {
            key: value if key in ("example", "examples") else self.write(value, pointer + format_pointer(key), inside)
            for key, value in node.items()
        }

    def _schema(self, pointer: str) -> Schema:
        """Return a schema inside an operation. Schemas of requests do not change in the open form."""
        kind = self.spec.api.at[pointer]
        if "/responses/" in pointer or not self.writer.form.is_open:
            return self.writer.root(kind)
        return SchemaWriter(self.spec.api, REDUCED).write(kind)

    def _components(self, node: dict[str, Any]) -> dict[str, Any]:
        kept = {key: self.write(value, f"/components/{key}") for key, value in node.items() if key not in RESOLVED}
        if "schemas" in kept:
            kept["schemas"] = {name: self.writer.root(kind) for name, kind in self.spec.api.components.items()}
            if self.writer.form.is_comparable:
                kept["schemas"] |= {f"{name}{OR_NULL}": with_null(schema) for name, schema in kept["schemas"].items()}
        return kept


@frozen
class SchemaWriter:
    """Writer of schemas in one form."""

    api: Api
    form: Form

    def root(self, kind: Kind) -> Schema:
        """Return the schema of a component or a body. The open form does not make it nullable."""
        return self._write(kind, (), nullable=kind.nullable)

    def write(self, kind: Kind, inside: tuple[str, ...] = ()) -> Schema:
        """Return the schema of a kind.

        `inside` has the names of the components whose references were replaced on the way to this kind.
        """
        return self._write(kind, inside, nullable=kind.nullable or self.form.is_open)

    def _write(self, kind: Kind, inside: tuple[str, ...], *, nullable: bool) -> Schema:
        if kind.alias is not None and self.form.has_references:
            return self._referring(kind, kind.alias, nullable=nullable)
        if isinstance(kind, Reference):
            return self._reference(kind, inside, nullable=nullable)
        return self._annotated(self._own(kind, inside, nullable=nullable), kind)

    def _own(self, kind: Kind, inside: tuple[str, ...], *, nullable: bool) -> Schema:
        match kind:
            case Scalar():
                return self._scalar(kind, nullable=nullable)
            case Enum():
                return self._enum(kind, nullable=nullable)
            case List():
                return self._typed("array", {"items": self.write(kind.items, inside)}, nullable=nullable)
            case Map():
                values = True if isinstance(kind.values, Anything) else self.write(kind.values, inside)
                return self._typed("object", {"additionalProperties": values}, nullable=nullable)
            case Object():
                return self._object(kind, inside, nullable=nullable)
            case Union():
                return self._union(kind, inside, nullable=nullable)
            case _:
                return {}

    def _annotated(self, schema: Schema, kind: Kind) -> Schema:
        dropped = NOT_IN_3_0 if self.form.version == "3.0" else set[str]()
        dropped = dropped | LIMITS if self.form.is_open else dropped
        words = {key: value for key, value in kind.annotations.items() if key not in dropped}
        if self.form.version == "3.0":
            words = _limits_in_3_0(words)
        if isinstance(kind, Enum) and self.form.is_open:
            listed = ", ".join(map(str, kind.members.values()))
            words["description"] = f"{kind.description} Listed values: {listed}.".lstrip()
        head = {key: value for key, value in schema.items() if key not in INNER}
        return {**head, **words, **schema}

    def _typed(self, kind: str, rest: Schema, *, nullable: bool) -> Schema:
        if self.form.version == "3.0":
            return {"type": kind, **rest, **({"nullable": True} if nullable else {})}
        return {"type": [kind, "null"] if nullable else kind, **rest}

    def _scalar(self, kind: Scalar, *, nullable: bool) -> Schema:
        form = {"format": kind.format} if kind.format and not self.form.is_open else {}
        if self.form.is_open and "integer" in kind.types:
            form = {"format": "int64"}
        if not kind.types:
            return {"enum": [None], "nullable": True} if self.form.version == "3.0" else {"type": "null"}
        if len(kind.types) == 1:
            return self._typed(kind.types[0], form, nullable=nullable)
        if self.form.version == "3.0":
            null = {"nullable": True} if nullable else {}
            return {"anyOf": [{"type": name, **null} for name in kind.types]}
        return {"type": [*kind.types, *(["null"] if nullable else [])], **form}

    def _enum(self, kind: Enum, *, nullable: bool) -> Schema:
        if self.form.is_open:
            return self._typed(kind.type, {"format": "int64"} if kind.type == "integer" else {}, nullable=nullable)
        values = [*kind.members.values(), *([None] if nullable else [])]
        names = {key: list(kind.members) for key in ENUM_NAMES}
        return self._typed(kind.type, {"enum": values, **names}, nullable=nullable)

    def _object(self, kind: Object, inside: tuple[str, ...], *, nullable: bool) -> Schema:
        rest: Schema = {"properties": {each.name: self.write(each.kind, inside) for each in kind.properties}}
        if self.form.is_open or isinstance(kind.extra, Anything):
            rest["additionalProperties"] = True
        elif kind.extra is not None:
            rest["additionalProperties"] = self.write(kind.extra, inside)
        if required := [each.name for each in kind.properties if each.required]:
            rest["required"] = required
        return self._typed("object", rest, nullable=nullable)

    def _union(self, kind: Union, inside: tuple[str, ...], *, nullable: bool) -> Schema:
        options = [self.write(option, inside) for option in kind.options]
        if nullable and self.form.version == "3.1":
            options.append({"type": "null"})
        schema: Schema = {"oneOf" if kind.branches else "anyOf": options}
        if kind.branches and self.form.has_references:
            schema["discriminator"] = {"propertyName": kind.discriminator, **self._mapping(kind)}
        return {**schema, "nullable": True} if nullable and self.form.version == "3.0" else schema

    def _mapping(self, kind: Union) -> Schema:
        targets = {value: kind.options[index] for value, index in kind.branches.items()}
        found = {
            str(value): f"#/components/schemas/{option.component}"
            for value, option in targets.items()
            if isinstance(option, Reference)
        }
        return {"mapping": found} if found else {}

    def _reference(self, kind: Reference, inside: tuple[str, ...], *, nullable: bool) -> Schema:
        if self.form.has_references or kind.component in inside:
            return self._referring(kind, kind.component, nullable=nullable)
        target = self.api.components[kind.component]
        schema = {**self.write(target, (*inside, kind.component)), **self._annotated({}, kind)}
        return with_null(schema, self.form.version) if nullable and not target.nullable else schema

    def _referring(self, kind: Kind, component: str, *, nullable: bool) -> Schema:
        """Return a reference, with the annotations that differ from those of its target."""
        target = self.api.components[component]
        reference = {"$ref": f"#/components/schemas{format_pointer(component)}"}
        said: Mapping[str, Any] = target.annotations if kind.alias else {}
        words = {key: value for key, value in self._annotated({}, kind).items() if said.get(key) != value}
        if not nullable or target.nullable or isinstance(target, Anything):
            if self.form.version == "3.0" and words:
                return {"allOf": [reference], **words}  # 3.0 ignores the siblings of a reference
            return {**reference, **words}
        if self.form.version == "3.0":
            return {"allOf": [reference], **words, "nullable": True}
        if self.form.is_comparable:
            return {"$ref": f"{reference['$ref']}{OR_NULL}", **words}
        return {"oneOf": [reference, {"type": "null"}], **words}


def with_null(schema: Schema, version: str = "3.1") -> Schema:
    """Return a schema that also accepts null."""
    null: Schema = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    if version == "3.0":
        return {**schema, **null, "nullable": True}
    types = schema.get("type")
    if types is None:
        return {"anyOf": [schema, {"type": "null"}]}
    listed = [types] if isinstance(types, str) else types
    return schema if "null" in listed else {**schema, **null, "type": [*listed, "null"]}


def _limits_in_3_0(words: Schema) -> Schema:
    """Return limits as OpenAPI 3.0 writes them, where an exclusive limit is a flag next to the limit."""
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if exclusive in words:
            words = {**words, limit: words[exclusive], exclusive: True}
    return words
