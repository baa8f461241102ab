"""Kinds of values: what a schema says about a JSON value, in one spelling.

`nullable` is part of each kind. `annotations` are the keywords that describe or limit a value without changing its
type. They are carried into each form of a spec that can have them, and never enforced.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Kind:
    """A value of any shape. Subclasses are narrower."""

    nullable: bool = False
    annotations: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    alias: str | None = None
    """Name of the component that this kind stands for, if the component has no class."""

    @property
    def description(self) -> str:
        return str(self.annotations.get("description") or "")

    @property
    def parts(self) -> "Iterator[Kind]":
        """Kinds inside this kind. A reference does not contain the kinds inside its component."""
        yield from ()


@frozen(kw_only=True)
class Anything(Kind):
    """A value of any shape, including null."""


@frozen(kw_only=True)
class Scalar(Kind):
    """A string, number or boolean. A scalar without types is always null."""

    types: tuple[str, ...]
    format: str | None = None


@frozen(kw_only=True)
class Enum(Kind):
    """A string or an integer that has a class, with names for the listed values."""

    class_name: str
    type: str
    """`string`, `integer`, or `number` if 1.0 also stands for 1."""
    members: Mapping[str, Any]
    """Listed values, by member name."""


@frozen(kw_only=True)
class List(Kind):
    """An array of items of one kind."""

    items: Kind

    @property
    def parts(self) -> Iterator[Kind]:
        yield self.items


@frozen(kw_only=True)
class Map(Kind):
    """An object whose names are data."""

    values: Kind

    @property
    def parts(self) -> Iterator[Kind]:
        yield self.values


@frozen
class Property:
    """A property of an object."""

    name: str
    """Name in JSON."""
    attribute: str
    """Name in Python."""
    kind: Kind
    required: bool


@frozen(kw_only=True)
class Object(Kind):
    """An object that has a class, with an attribute for each listed property."""

    class_name: str
    properties: tuple[Property, ...] = field(repr=False)
    extra: Kind | None = None
    """Kind of properties that are not listed; None if every such property is drift."""

    @property
    def parts(self) -> Iterator[Kind]:
        yield from (each.kind for each in self.properties)
        if self.extra is not None:
            yield self.extra


@frozen(kw_only=True)
class Union(Kind):
    """A value of one of several kinds, which differ in their JSON types. A discriminator tells objects apart."""

    options: tuple[Kind, ...]
    discriminator: str | None = None
    """Name of the property that tells the objects apart."""
    branches: Mapping[str | int, int] = field(factory=dict[str | int, int])
    """Position of an option, by the value of the discriminator."""

    @property
    def parts(self) -> Iterator[Kind]:
        yield from self.options


@frozen(kw_only=True)
class Reference(Kind):
    """Reference to the object or enum that a component defines. It is nullable if the component is nullable."""

    component: str


def every_part(kind: Kind) -> Iterator[Kind]:
    """Yield a kind and all kinds inside it."""
    yield kind
    for part in kind.parts:
        yield from every_part(part)
