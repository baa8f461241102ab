"""Differences between a body and its spec."""

from enum import StrEnum

from attrs import frozen


class DriftKind(StrEnum):
    """Kinds of difference between a value and the spec."""

    UNKNOWN_FIELD = "unknown-field"
    """The spec has no such property. It is kept in `additional_properties` of the generated model."""
    UNKNOWN_VALUE = "unknown-value"
    """The enum does not list the value. It is kept, as an open enum member."""
    WRONG_TYPE = "wrong-type"
    """The value is of another type. It is absent, unless it is an object with `$values`, which is read as a list."""
    UNEXPECTED_NULL = "unexpected-null"
    """The value is null where the spec has no null. It is absent from the typed model."""
    BAD_FORMAT = "bad-format"
    """An invalid date, or an integer out of range. It is absent, unless it is a time in another known form."""


@frozen
class Drift:
    """One deviation. It names types, never values: the one exception is the number of an unknown enum member."""

    path: str
    """JSON pointer of the value in the body."""
    kind: DriftKind
    """Kind of deviation."""
    expected: str
    """Expectation of the spec: a type such as `string or null`, a format, an enum, or `nothing`."""
    found: str | int
    """The JSON type that was found; for an unknown value of an integer enum, the number."""
