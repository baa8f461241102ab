"""Validates a body against the spec, and takes out what would make a typed model lie."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs
from attrs import field, frozen

from conversas.decoding.rewrites import LONGEST_EXACT, to_integer, to_list
from conversas.json_pointer import format_pointer, is_array, is_object
from conversas.records.drift import Drift, DriftKind
from conversas.records.enums import Note
from conversas.records.fast_init import fast_constructor

Path = tuple[str | int, ...]

_ODD_NAME = re.compile("|[+]?[0-9]+")

make_drift = fast_constructor(Drift)

KINDS = {
    "type": DriftKind.WRONG_TYPE,
    "enum": DriftKind.UNKNOWN_VALUE,
    "not": DriftKind.UNKNOWN_FIELD,
    "pattern": DriftKind.BAD_FORMAT,
    "minimum": DriftKind.BAD_FORMAT,
    "maximum": DriftKind.BAD_FORMAT,
}
JSON_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


@frozen(eq=False)
class SchemaValidator:
    """Validator of bodies against one response schema. Thread-safe.

    `extra` is the key under which a generated model looks for the unknown properties of an object. `normalize` returns
    a text that is not of its format in that format, or None.
    """

    schema: dict[str, Any] = field(repr=False)
    extra: Any
    normalize: Callable[[str], str | None] = field(repr=False)
    _validator: Any = field(init=False, repr=False)
    _rules: dict[Path, tuple[DriftKind, str]] = field(factory=dict[Path, tuple[DriftKind, str]], init=False, repr=False)

    @_validator.default
    def _compile(self) -> Any:
        return jsonschema_rs.Draft4Validator(self.schema, validate_formats=False)

    def validate(self, data: dict[Any, Any]) -> "ValidationResult":
        """Find each drift, and repair `data` in place so that the generated model can read it unchecked.

        Raises:
            NestingTooDeep: The validator gives up.
        """
        drifts, notes = list[Drift](), set[Note]()
        broken = self._broken(data)
        while self._rewrite(data, broken, drifts, notes):
            broken = self._broken(data)
        left_out: list[tuple[Path, Any]] = []
        dropped: dict[str, Any] = {}
        inexact = False
        for path, keyword in broken.items():
            parent = _parent(data, path)
            drift = self._describe(path, keyword, parent[path[-1]])
            inexact |= _may_be_inexact(parent[path[-1]])
            drifts.append(drift)
            if isinstance(path[-1], int) and drift.kind is not DriftKind.UNKNOWN_VALUE:
                left_out.append((path, parent))
            elif self._normalize(parent, path[-1], drift.kind):
                notes.add(Note.TIME_REPAIRED)
            elif drift.kind is DriftKind.UNKNOWN_FIELD:
                parent.setdefault(self.extra, {})[path[-1]] = parent.pop(path[-1])
            elif drift.kind is not DriftKind.UNKNOWN_VALUE:
                dropped[drift.path] = parent.pop(path[-1])
        # At the end and from the last to the first, so that no item moves before it was looked at.
        for path, parent in sorted(left_out, key=_path, reverse=True):
            del parent[int(path[-1])]
        return ValidationResult(tuple(drifts), dropped, frozenset(notes), inexact=inexact)

    def _broken(self, data: Any) -> dict[Path, Path]:
        """Return the path of each value that is not by the schema, with that of the keyword that it breaks."""
        try:
            errors = list(self._validator.iter_errors(data))
        except ValueError:
            raise NestingTooDeep from None
        broken: dict[Path, Path] = {}
        for error in errors:
            path, keyword = tuple(error.instance_path), tuple(error.schema_path)
            if keyword[-1] == "not" and _is_ambiguous(data, path):
                broken |= dict.fromkeys(self._ambiguous_names(data, path), keyword)
            elif path not in broken or keyword[-1] == "type":
                broken[path] = keyword
        return broken

    def _rewrite(self, data: Any, broken: dict[Path, Path], drifts: list[Drift], notes: set[Note]) -> bool:
        """Rewrite values that mean what is declared, and return whether there was one.

        87.0 is an integer by the spec; an object that stands for a list is not, so it is drift.
        """
        rewritten = False
        for path, keyword in broken.items():
            if keyword[-1] != "type":
                continue
            parent, types = _parent(data, path), _parent(self.schema, keyword)["type"]
            value = parent[path[-1]]
            if (integer := to_integer(value, types)) is not None:
                parent[path[-1]], rewritten = integer, True
                notes.add(Note.TYPE_REPAIRED)
            elif (values := to_list(value, types, data)) is not None:
                drifts.append(self._describe(path, keyword, value))
                parent[path[-1]], rewritten = values, True
                notes.add(Note.REFERENCES_UNWRAPPED)
        return rewritten

    def _ambiguous_names(self, data: Any, path: Path) -> Iterator[Path]:
        """Yield the unknown properties that a path may stand for: all of an object whose name is empty or digits."""
        schema, depth = self.schema, 0
        while depth < len(path):
            members = self._members(schema)
            if path[depth] not in members and "items" not in schema:
                break
            schema = members.get(path[depth]) or schema["items"]
            data, depth = data[path[depth]], depth + 1
        if depth < len(path) and isinstance(path[depth], str):
            yield path  # the validator's path is right
            return
        names: list[str] = list(data)
        known = self._members(schema)
        yield from ((*path[:depth], name) for name in names if name not in known and _ODD_NAME.fullmatch(name))

    def _members(self, schema: dict[str, Any]) -> dict[str | int, Any]:
        for reference in schema.get("allOf", ()):
            schema = self.schema["definitions"][reference["$ref"].removeprefix("#/definitions/")]
        members: dict[str | int, Any] = schema.get("properties", {})
        return members

    def _describe(self, path: Path, keyword: Path, value: Any) -> Drift:
        rule = self._rules.get(keyword)
        if rule is None:
            rule = self._rules[keyword] = self._rule(keyword)
        kind, expected = rule
        found: str | int = JSON_TYPES[type(value)]
        if value is None and kind is DriftKind.WRONG_TYPE:
            kind = DriftKind.UNEXPECTED_NULL
        elif kind is DriftKind.UNKNOWN_VALUE and type(value) is int:
            found = value
        return make_drift(format_pointer(*path), kind, expected, found)

    def _rule(self, keyword: Path) -> tuple[DriftKind, str]:
        """Return how a value drifts that breaks a keyword, and what the spec says in its place."""
        kind, schema = KINDS[str(keyword[-1])], _parent(self.schema, keyword)
        if kind is DriftKind.UNKNOWN_FIELD:
            return kind, "nothing"
        if kind is DriftKind.BAD_FORMAT:
            return kind, schema["format"]
        types: str | list[str] = schema["type"]
        text = types if isinstance(types, str) else " or ".join(types)
        return kind, f"{text} enum" if kind is DriftKind.UNKNOWN_VALUE else text

    def _normalize(self, parent: dict[Any, Any], key: str | int, kind: DriftKind) -> bool:
        """Write a text in the form that the spec asks for, and return whether it could be read."""
        value = parent[key]
        if kind is DriftKind.BAD_FORMAT and type(value) is str and (normalized := self.normalize(value)):
            parent[key] = normalized
            return True
        return False


class NestingTooDeep(Exception):
    """A body is nested past what the validator takes, which is about 250 levels."""


@frozen(repr=False)
class ValidationResult:
    """Result of a validation. Its repr is silent, as it holds values of the body."""

    drift: tuple[Drift, ...]
    dropped: Mapping[str, Any]
    """What was taken out, by JSON pointer, but for whole items of lists."""
    notes: frozenset[Note]
    inexact: bool
    """Whether a drifting number may be an integer of more than 64 bits, which orjson reads as a float."""


def _may_be_inexact(value: Any) -> bool:
    if type(value) is float:
        return abs(value) >= LONGEST_EXACT and value.is_integer()
    if is_object(value):
        return any(map(_may_be_inexact, value.values()))
    return is_array(value) and any(map(_may_be_inexact, value))


def _is_ambiguous(data: Any, path: Path) -> bool:
    """Return whether the path to an unknown property may be wrong: the validator drops "", and reads "07" as 7."""
    if not path or type(path[-1]) is int:
        return True
    value = _parent(data, path)[path[-1]]
    return type(value) is dict and "" in value


def _parent(node: Any, path: Path) -> Any:
    for part in path[:-1]:
        node = node[part]
    return node


def _path(item: tuple[Path, Any]) -> Path:
    return item[0]
