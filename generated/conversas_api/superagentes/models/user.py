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

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.id = data.get("id", UNSET)
        self.name = data.get("name", UNSET)
        self.additional_properties = data.get(EXTRA) or {}
        return self
