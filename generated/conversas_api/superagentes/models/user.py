from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class User(Model):
    """A user who takes part in a conversation."""

    id: None | str | Unset = UNSET
    """Id of the user."""
    name: None | str | Unset = UNSET
    """Name of the user."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 2 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.name = data["name"]
        return self
