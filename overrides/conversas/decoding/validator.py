"""Validation of a body against the spec, and removal of values that would make a typed model wrong."""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from attrs import Factory, field, frozen

from conversas.decoding.rewrites import LONGEST_EXACT, to_form, to_integer, to_list
from conversas.decoding.schema_errors import ErrorFinder, Path, parent
from conversas.json_pointer import format_pointer, is_array, is_object
from conversas.records.drift import Drift, DriftKind
from conversas.records.enums import Note
from conversas.records.fast_init import fast_constructor

make_drift = fast_constructor(Drift)
UNKNOWN_FIELD = DriftKind.UNKNOWN_FIELD  # a global name, because Python 3.11 is slow to reach the member

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
JSON_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
TIME_FORMATS = ("date-time", "date")


@frozen(eq=False)
class SchemaValidator:
    """Validator of bodies against one response schema. Thread-safe.

    `extra` is the key under which a generated model looks for the unknown properties of an object. `normalize` returns
    a time in the spec's form for a string in another form, or None.
    """

    schema: dict[str, Any] = field(repr=False)
    extra: Any
    normalize: Callable[[str], str | None] = field(repr=False)
    _errors: ErrorFinder = field(
        default=Factory(lambda self: ErrorFinder(self.schema), takes_self=True), init=False, repr=False
    )
    _rules: dict[Path, tuple[DriftKind, str]] = field(factory=dict[Path, tuple[DriftKind, str]], init=False, repr=False)

    def validate(self, data: Any, known: Iterable[tuple[Path, Drift]] = ()) -> "ValidationResult":
        """Detect each drift, and repair `data` in place so that the generated model can read it unchecked.

        Args:
            data: The JSON value of a body.
            known: Drift of values that are in the body but not in `data`, each with its path.

        Raises:
            NestingTooDeep: The body is nested too deeply for the validator.
            WrongBody: The body itself is of the wrong type, so nothing in it can be repaired.
        """
        drifts = [*known]
        notes: set[Note] = set()
        broken = self._errors.find(data)
        while self._rewrite(data, broken, drifts, notes):
            broken = self._errors.find(data)
        if not broken and not drifts:
            return ValidationResult(notes=frozenset(notes)) if notes else CLEAN
        left_out: dict[int, tuple[list[Any], dict[int, str]]] = {}
        dropped: dict[str, Any] = {}
        inexact = False
        for path, keyword in broken.items():
            if not path:
                drifts.append((path, self._describe_body(keyword, data)))
                continue
            holder = parent(data, path)
            drift = self._describe(path, keyword, holder[path[-1]])
            inexact |= _may_be_inexact(holder[path[-1]])
            drifts.append((path, drift))
            if self._normalize(holder, path[-1], drift):
                notes.update({Note.TIME_REPAIRED} if drift.expected in TIME_FORMATS else ())
            elif isinstance(path[-1], int) and drift.kind is not DriftKind.UNKNOWN_VALUE:
                left_out.setdefault(id(holder), (holder, {}))[1][path[-1]] = drift.path
            else:
                self._take_out(holder, path[-1], drift, dropped)
        drifts.sort(key=itemgetter(0))
        return ValidationResult(
            tuple([drift for _, drift in drifts]), dropped, _leave_out(left_out), frozenset(notes), inexact=inexact
        )

    def _rewrite(self, data: Any, broken: dict[Path, Path], drifts: list[tuple[Path, Drift]], notes: set[Note]) -> bool:
        """Rewrite values that mean a value of the declared type, and return whether there were any.

        In the JSON Schema of OpenAPI 3.1, 87.0 is an integer, so it is not drift, although draft 4, the draft of the
        run-time schema, refuses it. An object that stands for a list is drift.
        """
        rewritten = False
        for path, keyword in broken.items():
            if not path or keyword[-1] != "type":
                continue
            holder, types = parent(data, path), parent(self._errors.schema, keyword)["type"]
            value = holder[path[-1]]
            if (integer := to_integer(value, types)) is not None:
                holder[path[-1]], rewritten = integer, True
                notes.add(Note.TYPE_REPAIRED)
            elif (values := to_list(value, types, data)) is not None:
                drifts.append((path, self._describe(path, keyword, value)))
                holder[path[-1]], rewritten = values, True
                notes.add(Note.REFERENCES_UNWRAPPED)
        return rewritten

    def _take_out(self, holder: dict[Any, Any], key: str | int, drift: Drift, dropped: dict[str, Any]) -> None:
        """Remove, or set apart, a value that the typed model cannot hold."""
        if drift.kind is DriftKind.UNKNOWN_FIELD:
            holder.setdefault(self.extra, {})[key] = holder.pop(key)
        elif drift.kind is not DriftKind.UNKNOWN_VALUE:
            dropped[drift.path] = holder.pop(key)

    def _normalize(self, holder: Any, key: str | int, drift: Drift) -> bool:
        """Rewrite a string in the spec's format if it means a value of this format. Return whether it was rewritten."""
        text = holder[key]
        if drift.kind is not DriftKind.BAD_FORMAT or type(text) is not str:
            return False
        normalized = to_form(text, drift.expected, self.normalize)
        if normalized is not None:
            holder[key] = normalized
        return normalized is not None

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

    def _describe_body(self, keyword: Path, data: Any) -> Drift:
        drift = self._describe((), keyword, data)
        if drift.kind is not DriftKind.UNKNOWN_VALUE:
            raise WrongBody(drift.expected)
        return drift

    def _rule(self, keyword: Path) -> tuple[DriftKind, str]:
        """Return the kind of drift of a value that breaks a keyword, and what the spec expects instead."""
        kind, schema = KINDS[str(keyword[-1])], parent(self._errors.schema, keyword)
        if kind is DriftKind.UNKNOWN_FIELD:
            return kind, "nothing"
        if kind is DriftKind.BAD_FORMAT:
            return kind, schema["format"]
        if keyword[-1] == "multipleOf":
            return kind, "integer"
        types: str | list[str] = schema.get("type") or JSON_TYPES[type(schema["enum"][0])]
        text = types if isinstance(types, str) else " or ".join(types)
        return kind, f"{text} enum" if kind is DriftKind.UNKNOWN_VALUE else text


def unknown_field(pointer: str, value: Any) -> Drift:
    """Return the drift of a property that the spec does not list."""
    return make_drift(pointer, UNKNOWN_FIELD, "nothing", JSON_TYPES[type(value)])


class WrongBody(Exception):
    """The body itself is not of the type in the spec. The message is the type in the spec."""


@frozen(repr=False)
class ValidationResult:
    """Result of a validation. The repr is silent, because it would show values of the body."""

    drift: tuple[Drift, ...] = ()
    """Deviations, sorted by path, with list indexes in numeric order."""
    dropped: Mapping[str, Any] = MappingProxyType({})
    """Removed values by JSON pointer, except whole items of lists."""
    left_out: frozenset[str] = frozenset()
    """JSON pointers of removed items of lists."""
    notes: frozenset[Note] = frozenset()
    inexact: bool = False
    """Whether a drifting number may be an integer of more than 64 bits, which orjson reads as a float."""


CLEAN = ValidationResult()


def _may_be_inexact(value: Any) -> bool:
    if type(value) is float:
        return abs(value) >= LONGEST_EXACT and value.is_integer()
    if is_object(value):
        return any(map(_may_be_inexact, value.values()))
    return is_array(value) and any(map(_may_be_inexact, value))


def _leave_out(items: Mapping[int, tuple[list[Any], dict[int, str]]]) -> frozenset[str]:
    """Remove items from their lists, and return their pointers.

    All items were examined before, so an index is the index in the body.
    """
    for holder, pointers in items.values():
        holder[:] = [item for index, item in enumerate(holder) if index not in pointers]
    return frozenset([pointer for _, pointers in items.values() for pointer in pointers.values()])
