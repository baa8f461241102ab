"""Kinds of values: what a schema says of a JSON value, in one spelling.

`nullable` is part of each kind. `annotations` are the keywords that describe or limit a value without changing its
type: they are carried into every form of a spec, and never enforced.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Kind:
    """A value of any shape; its subclasses are narrower."""

    nullable: bool = False
    annotations: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    alias: str | None = None
    """Name of the component that this stands for, if it has no class."""

    @property
    def description(self) -> str:
        return str(self.annotations.get("description") or "")

    @property
    def parts(self) -> "Iterator[Kind]":
        """The kinds inside this one. Those of a component are not inside a reference to it."""
        yield from ()


@frozen(kw_only=True)
class Anything(Kind):
    """A value of any shape, null too."""


@frozen(kw_only=True)
class Scalar(Kind):
    """A text, number or boolean; a value of no type is always null."""

    types: tuple[str, ...]
    format: str | None = None


@frozen(kw_only=True)
class Enum(Kind):
    """A text or an integer that has a class, with names for the listed values."""

    class_name: str
    type: str
    """`string`, `integer`, or `number` if 1.0 stands for 1 as well."""
    members: Mapping[str, Any]
    """The listed values, by the names of their members."""


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
    """Kind of the properties that are not listed; None if each of them is a difference from the spec."""

    @property
    def parts(self) -> Iterator[Kind]:
        yield from (each.kind for each in self.properties)
        if self.extra is not None:
            yield self.extra


@frozen(kw_only=True)
class Union(Kind):
    """A value of one of several kinds that differ in their JSON types, objects also by a discriminator."""

    options: tuple[Kind, ...]
    discriminator: str | None = None
    """Name of the property that says which object it is."""
    branches: Mapping[str, int] = field(factory=dict[str, int])
    """Position of an option by the value of the discriminator."""

    @property
    def parts(self) -> Iterator[Kind]:
        yield from self.options


@frozen(kw_only=True)
class Reference(Kind):
    """The object or enum that a component defines. Its nullability includes that of the component."""

    component: str


def every_part(kind: Kind) -> Iterator[Kind]:
    """Yield a kind and all kinds inside it."""
    yield kind
    for part in kind.parts:
        yield from every_part(part)
