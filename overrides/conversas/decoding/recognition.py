"""Recognition of conversations among error bodies, envelopes and objects in another spelling."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from conversas_api.runtime import UNSET

Schema = Mapping[str, Any]

_GENERIC = """
    id title name status state type kind message messages token code description duration createdAt updatedAt userId
    tenantId agentId data
"""
_ERROR = """
    error errors errorcode errormessage errordescription err message msg detail details exception exceptionmessage
    exceptiontype stacktrace stack traceid requestid correlationid fault faults reason statuscode code type instance
    path timestamp
"""
_ENVELOPE = "data result results response payload body value values item items d conversation"

GENERIC = frozenset(_GENERIC.split())
"""Names that other objects also have."""
ERROR_NAMES = frozenset(_ERROR.split())
"""Names in bodies of errors, in lower case without separators. A name that the spec lists is not a sign of an error."""
ENVELOPE_NAMES = frozenset(_ENVELOPE.split())
"""Names under which other services put the requested object, in lower case."""
FAILED = {"success": False, "ok": False, "succeeded": False, "issuccess": False, "haserror": True}
ENOUGH = 3
"""Number of values under non-generic names that identify a conversation."""
EMPTY: tuple[Any, ...] = (UNSET, None, "", [], {})
_JSON_TYPES: dict[Any, set[str]] = {
    bool: {"boolean"},
    str: {"string"},
    int: {"integer", "number"},
    dict: {"object"},
    list: {"array"},
    type(None): {"null"},
}


@frozen
class Recognizer:
    """Recognizer of conversations by the run-time schema of a response."""

    schema: Schema = field(repr=False)

    @cached_property
    def _declared(self) -> Mapping[str, Schema]:
        return self._members(self.schema)

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """Declared names that are not generic."""
        return tuple(name for name in self._declared if name not in GENERIC)

    @cached_property
    def _squashed(self) -> frozenset[str]:
        return frozenset(map(_squash, self._declared))

    def recognizes(self, data: Mapping[str, Any]) -> bool:
        """Return whether an object is a conversation, however sparse.

        An object without a name from the spec is not a conversation. An object with only generic names is a
        conversation if the values have the declared types, and no other property is a sign of an error, an envelope or
        another spelling.
        """
        return has_enough(data.get(name) for name in self._own) or self._is_sparse(data)

    def _is_sparse(self, data: Mapping[str, Any]) -> bool:
        shared = self._declared.keys() & data.keys()
        if any(self._lists_parts(data[name], self._declared[name]) for name in shared):
            return True
        foreign = {_squash(name): value for name, value in data.items() if name not in self._declared}
        if not shared or _shows_error(foreign) or self._is_envelope(foreign, len(shared)):
            return False
        if len(foreign.keys() & self._squashed) > len(shared):
            return False  # the names are in PascalCase or snake_case
        return not shared <= GENERIC or self._is_plausible({name: data[name] for name in shared})

    def _members(self, schema: Schema) -> Mapping[str, Schema]:
        """Return the properties of the objects that a schema describes."""
        for reference in schema.get("allOf", ()):
            schema = self.schema["definitions"][reference["$ref"].removeprefix("#/definitions/")]
        members: Mapping[str, Schema] = schema.get("properties", {})
        return members

    def _lists_parts(self, value: Any, schema: Schema) -> bool:
        """Return whether a value is a list of objects that the spec describes, or stands for this list."""
        values = value.get("$values") if is_object(value) else value
        if "items" not in schema or not is_array(values):
            return False
        names = self._members(schema["items"]).keys()
        return any(is_object(item) and not names.isdisjoint(item) for item in values)

    def _is_envelope(self, foreign: Mapping[str, Any], shared: int) -> bool:
        """Return whether a property that the spec does not list holds the requested object."""
        for name, value in foreign.items():
            if name in ENVELOPE_NAMES and (is_array(value) or is_object(value)):
                return True
            if is_object(value) and len(value.keys() & self._declared.keys()) > max(shared, 1):
                return True
        return False

    def _is_plausible(self, values: Mapping[str, Any]) -> bool:
        """Return whether values under generic names have their declared types, and at least one fits its enum."""
        pairs = [(value, self._declared[name]) for name, value in values.items() if value is not None]
        return all(_fits(*pair) for pair in pairs) and (not pairs or any(_is_listed(*pair) for pair in pairs))


def has_enough(values: Iterable[Any]) -> bool:
    """Return whether enough of these values are not empty. They have names that only a conversation has."""
    found = 0
    for value in values:
        if value not in EMPTY:
            found += 1
            if found == ENOUGH:
                return True
    return False


def _squash(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _shows_error(foreign: Mapping[str, Any]) -> bool:
    """Return whether a property that the spec does not list is a sign of an error."""
    return any(foreign[name] for name in foreign.keys() & ERROR_NAMES) or any(
        foreign.get(name) is failed for name, failed in FAILED.items()
    )


def _fits(value: Any, schema: Schema) -> bool:
    declared = schema.get("type", [])
    types = {declared} if isinstance(declared, str) else set(declared)
    if isinstance(value, float):
        found = {"integer", "number"} if value.is_integer() else {"number"}
    else:
        found = _JSON_TYPES[type(value)]
    return not types or not types.isdisjoint(found)


def _is_listed(value: Any, schema: Schema) -> bool:
    return "enum" not in schema or value in schema["enum"]
