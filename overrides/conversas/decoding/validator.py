"""Validates a body against the spec, and takes out what would make a typed model lie."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, cast
from uuid import UUID

import jsonschema_rs
from attrs import field, frozen

from conversas.json_pointer import format_pointer, is_array, is_object, split_pointer
from conversas.records.drift import Drift, DriftKind
from conversas.records.fast_init import fast_constructor

Path = tuple[str | int, ...]

_LONGEST_EXACT = 2.0**63
_MIDNIGHT = "T00:00:00"

make_drift = fast_constructor(Drift)

KINDS = {
    "type": DriftKind.WRONG_TYPE,
    "multipleOf": DriftKind.WRONG_TYPE,
    "enum": DriftKind.UNKNOWN_VALUE,
    "anyOf": DriftKind.UNKNOWN_VALUE,
    "not": DriftKind.UNKNOWN_FIELD,
    "pattern": DriftKind.BAD_FORMAT,
    "minimum": DriftKind.BAD_FORMAT,
    "maximum": DriftKind.BAD_FORMAT,
}
STRONGEST = ("type", "multipleOf")
"""Keywords whose error makes the others at the same place meaningless."""

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
    a text that is no time of the spec's form in that form, or None.
    """

    schema: dict[str, Any] = field(repr=False)
    extra: Any
    normalize: Callable[[str], str | None] = field(repr=False)
    _validator: Any = field(init=False, repr=False)
    _rules: dict[Path, tuple[DriftKind, str]] = field(factory=dict[Path, tuple[DriftKind, str]], init=False, repr=False)

    @_validator.default
    def _compile(self) -> Any:
        return jsonschema_rs.Draft4Validator(self.schema, validate_formats=False)

    def validate(self, data: Any) -> "ValidationResult":
        """Find each drift, and repair `data` in place so that the generated model can read it unchecked.

        Raises:
            NestingTooDeep: The validator gives up.
            WrongBody: The body itself is of another type than the spec says, so that nothing in it can be repaired.
        """
        try:
            errors = list(self._validator.iter_errors(data))
            broken = self._located(data, errors) if errors else {}
        except ValueError:
            raise NestingTooDeep from None
        drifts: list[Drift] = []
        left_out: list[tuple[Path, Any]] = []
        normalized = inexact = False
        for path, keyword in broken.items():
            if not path:
                drifts.append(self._describe_body(keyword, data))
                continue
            parent = _parent(data, path)
            drift = self._describe(path, keyword, parent[path[-1]])
            inexact |= _may_be_inexact(parent[path[-1]])
            drifts.append(drift)
            if drift.kind is DriftKind.BAD_FORMAT and self._normalize(parent, path[-1], drift.expected):
                normalized |= drift.expected != "uuid"
            elif isinstance(path[-1], int) and drift.kind is not DriftKind.UNKNOWN_VALUE:
                left_out.append((path, parent))
            else:
                self._take_out(parent, path[-1], drift.kind)
        # At the end and from the last to the first, so that no item moves before it was looked at.
        for path, parent in sorted(left_out, key=_path, reverse=True):
            del parent[int(path[-1])]
        return ValidationResult(tuple(drifts), normalized, inexact)

    def _located(self, data: Any, errors: list[Any]) -> dict[Path, Path]:
        """Return the keyword that is broken at each path: one for each path, the strongest."""
        found = [(error, tuple(error.instance_path)) for error in self._that_count(errors)]
        if not all(_is_exact(data, path) for _, path in found):
            found = self._exactly(data, errors)
        broken: dict[Path, Path] = {}
        for error, path in found:
            keyword = tuple(error.schema_path)
            if path not in broken or keyword[-1] in STRONGEST:
                broken[path] = keyword
        return broken

    def _that_count(self, errors: Iterable[Any]) -> Iterator[Any]:
        """Yield the errors, with those of the alternative that a discriminator names in the place of an alternative's.

        An object without a discriminator has none. One whose discriminator is not listed has that error alone.
        """
        for error in errors:
            if error.schema_path[-1] != "anyOf":
                yield error
                continue
            schema = _parent(self.schema, tuple(error.schema_path))
            name = schema["discriminator"]
            kind = error.instance.get(name)
            listed = [branch["properties"][name]["enum"] for branch in schema["anyOf"]]
            for values, inner in zip(listed, error.kind.context, strict=True):
                if isinstance(kind, str) and kind in values:
                    yield from self._that_count(inner)
            if name in error.instance and not any(kind in values for values in listed):
                first = [*error.schema_path, 0, "properties", name, "enum"]
                yield next(each for each in error.kind.context[0] if list(each.schema_path) == first)

    def _exactly(self, data: Any, errors: list[Any]) -> list[tuple[Any, Path]]:
        """Return the errors that count with exact paths: iter_errors drops the name "", and reads "07" as 7.

        An evaluation names the same errors, in the same order for each keyword of the schema.
        """
        pointers: defaultdict[str, deque[str]] = defaultdict(deque)
        for each in self._validator.evaluate(data).errors():
            pointers[each["schemaLocation"]].append(each["instanceLocation"])
        exact = {id(leaf): pointers[format_pointer(*leaf.schema_path)].popleft() for leaf in _leaves(errors)}
        return [(error, _typed(data, exact[id(error)])) for error in self._that_count(errors)]

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
        if keyword[-1] == "multipleOf":
            return kind, "integer"
        types: str | list[str] = schema.get("type", "string")
        text = types if isinstance(types, str) else " or ".join(types)
        return kind, f"{text} enum" if kind is DriftKind.UNKNOWN_VALUE else text

    def _describe_body(self, keyword: Path, data: Any) -> Drift:
        drift = self._describe((), keyword, data)
        if drift.kind is not DriftKind.UNKNOWN_VALUE:
            raise WrongBody(drift.expected)
        return drift

    def _take_out(self, parent: dict[Any, Any], key: str | int, kind: DriftKind) -> None:
        """Take out, or set apart, what the typed model cannot hold."""
        if kind is DriftKind.UNKNOWN_VALUE:
            return
        value = parent.pop(key)
        if kind is DriftKind.UNKNOWN_FIELD:
            parent.setdefault(self.extra, {})[key] = value

    def _normalize(self, parent: Any, key: str | int, form: str) -> bool:
        """Bring a text into its format, if it says the same in another form. Return whether it does."""
        text = parent[key]
        normalized = self._in_form(text, form) if type(text) is str else None
        if normalized is not None:
            parent[key] = normalized
        return normalized is not None

    def _in_form(self, text: str, form: str) -> str | None:
        if form == "uuid":
            try:
                return str(UUID(text))
            except ValueError:
                return None
        moment = self.normalize(text)
        if form == "date":
            date, midnight, rest = (moment or "").partition(_MIDNIGHT)
            return date if midnight and not rest.startswith(".") else None
        return moment


class NestingTooDeep(Exception):
    """A body is nested past what the validator takes, which is about 250 levels."""


class WrongBody(Exception):
    """The body itself is not of the type that the spec says. The message is that type."""


class ValidationResult(NamedTuple):
    """Result of a validation."""

    drift: tuple[Drift, ...]
    normalized: bool
    """Whether a time was normalized."""
    inexact: bool
    """Whether a drifting number may be an integer of more than 64 bits, which orjson reads as a float."""


def _may_be_inexact(value: Any) -> bool:
    if type(value) is float:
        return abs(value) >= _LONGEST_EXACT and value.is_integer()
    if is_object(value):
        return any(map(_may_be_inexact, value.values()))
    return is_array(value) and any(map(_may_be_inexact, value))


def _is_exact(data: Any, path: Path) -> bool:
    """Return whether a path leads where it says: no name on it is empty, or may be read as a number."""
    for part in path:
        if is_object(data) and (type(part) is int or "" in data):
            return False
        data = cast(Any, data)[part]
    return not (is_object(data) and "" in data)


def _leaves(errors: Iterable[Any]) -> Iterator[Any]:
    """Yield the errors, with those of all alternatives in the place of an alternative's."""
    for error in errors:
        if error.schema_path[-1] == "anyOf":
            for inner in error.kind.context:
                yield from _leaves(inner)
        else:
            yield error


def _typed(data: Any, pointer: str) -> Path:
    """Return the path of a JSON pointer, with numbers for the items of arrays."""
    path: list[str | int] = []
    for part in split_pointer(pointer):
        key: Any = int(part) if is_array(data) else part
        path.append(key)
        data = cast(Any, data)[key]
    return tuple(path)


def _parent(node: Any, path: Path) -> Any:
    for part in path[:-1]:
        node = node[part]
    return node


def _path(item: tuple[Path, Any]) -> Path:
    return item[0]
