"""Holds a body against the spec, and takes out what would make a typed model lie."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
from attrs import field, frozen

from conversas.drift import Drift, DriftKind
from conversas.json_pointer import follow, pointer

Path = tuple[str | int, ...]

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


@frozen
class Checker:
    """Checks bodies against one response schema. Threads may share it.

    `extra` is the key under which a generated model looks for the unknown properties of an object. `respell` gives
    another spelling of a text that is not of its format, in that format, or None.
    """

    schema: dict[str, Any] = field(repr=False)
    extra: Any
    respell: Callable[[str], str | None] = field(repr=False)
    validator: Any = field(init=False, repr=False)

    @validator.default
    def _compile(self) -> Any:
        return jsonschema_rs.Draft4Validator(self.schema, validate_formats=False)

    def check(self, data: dict[Any, Any]) -> tuple[tuple[Drift, ...], bool]:
        """Find each deviation, and repair `data` in place so that the generated model can read it unchecked.

        Tells, too, whether a text was respelled.

        Raises:
            ValueError: Nested too deeply for the validator.
        """
        broken: dict[Path, list[str | int]] = {}
        for error in self.validator.iter_errors(data):
            path, keyword = tuple(error.instance_path), error.schema_path
            if path not in broken or keyword[-1] == "type":
                broken[path] = keyword
        if not broken:
            return (), False
        drifts = [self._describe(path, keyword, follow(data, path)) for path, keyword in broken.items()]
        # From the last to the first, so that an item taken out of a list moves none that is still to come.
        last_first = sorted(zip(broken, drifts, strict=True), key=lambda pair: pair[0], reverse=True)
        respelled = [self._mend(follow(data, path[:-1]), path[-1], drift.kind) for path, drift in last_first]
        return tuple(drifts), any(respelled)

    def _describe(self, path: Path, keyword: list[str | int], value: Any) -> Drift:
        kind = KINDS[str(keyword[-1])]
        schema = follow(self.schema, keyword[:-1])
        found: str | int = JSON_TYPES[type(value)]
        if kind is DriftKind.WRONG_TYPE and value is None:
            kind = DriftKind.UNEXPECTED_NULL
        if kind is DriftKind.UNKNOWN_VALUE and isinstance(value, int):
            found = value
        return Drift(pointer(*path), kind, _expected(schema, kind), found)

    def _mend(self, parent: Any, key: Any, kind: DriftKind) -> bool:
        if kind is DriftKind.UNKNOWN_VALUE:
            return False
        value = parent.pop(key)
        if kind is DriftKind.UNKNOWN_FIELD:
            parent.setdefault(self.extra, {})[key] = value
        elif kind is DriftKind.BAD_FORMAT and isinstance(value, str) and (spelled := self.respell(value)):
            parent[key] = spelled
            return True
        return False


def _expected(schema: dict[str, Any], kind: DriftKind) -> str:
    if kind is DriftKind.UNKNOWN_FIELD:
        return "nothing"
    if kind is DriftKind.BAD_FORMAT:
        return str(schema["format"])
    types: str | list[str] = schema["type"]
    text = types if isinstance(types, str) else " or ".join(types)
    return f"{text} enum" if kind is DriftKind.UNKNOWN_VALUE else text
