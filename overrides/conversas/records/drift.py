"""Differences between a body and its spec."""

from enum import StrEnum

from attrs import frozen


class DriftKind(StrEnum):
    """Kind of difference between a value and the spec."""

    UNKNOWN_FIELD = "unknown-field"
    """The spec does not list the property. Its value is kept in `additional_properties` of the generated model."""
    UNKNOWN_VALUE = "unknown-value"
    """The enum does not list the value. The value is kept, as a member of the open enum."""
    WRONG_TYPE = "wrong-type"
    """The value is of the wrong type. It is absent from the typed model, except for an object with `$values`, which is
    read as a list.
    """
    UNEXPECTED_NULL = "unexpected-null"
    """The value is null, which the spec does not allow. It is absent from the typed model."""
    BAD_FORMAT = "bad-format"
    """The value is an invalid time, date or UUID, or an integer out of range. It is absent from the typed model, except
    for a time, date or UUID in another known form.
    """


@frozen
class Drift:
    """One deviation of a body from the spec.

    It contains types and never values, except for the number of an unknown member of an integer enum.
    """

    path: str
    """JSON pointer of the value in the body."""
    kind: DriftKind
    """Kind of deviation."""
    expected: str
    """Expectation of the spec: a type such as `string or null`, a format, an enum, or `nothing`."""
    found: str | int
    """The JSON type that was found; for an unknown value of an integer enum, the number."""
