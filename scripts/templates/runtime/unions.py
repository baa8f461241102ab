"""Alternatives that a property of the object tells apart."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from attrs import frozen


class _Checked(Protocol):
    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Any: ...


@frozen(eq=False)
class Discriminator:
    """Property that tells alternatives apart, in `Annotated[Cat | Dog | dict[str, Any], Discriminator("kind", {...})]`.

    An object with another value stays as it came, as a dict.
    """

    name: str
    """JSON name of the property."""
    classes: Mapping[str | int, str]
    """Name of the class that each value stands for."""

    def class_of(self, value: Mapping[str, Any], options: tuple[Any, ...]) -> Any:
        """Return the class for an object; None if its value is not listed."""
        kind = value.get(self.name)
        wanted = self.classes.get(kind) if type(kind) is str or type(kind) is int else None
        return next((option for option in options if getattr(option, "__name__", None) == wanted), None)


def read_branch(value: Any, name: str, classes: Mapping[str | int, type[_Checked]]) -> Any:
    """Return the model of a checked object by a property; what is no object of a listed kind is itself."""
    if not isinstance(value, dict):
        return value
    data = cast("dict[str, Any]", value)
    kind = data.get(name)
    model = classes.get(kind) if type(kind) is str or type(kind) is int else None
    return data if model is None else model.from_checked(data)
