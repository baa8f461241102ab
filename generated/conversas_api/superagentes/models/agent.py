from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class Agent(Model):
    """The agent of a conversation."""

    id: None | str | Unset = UNSET
    """Id of the agent."""
    name: None | str | Unset = UNSET
    """Name of the agent."""
    icon_url: None | str | Unset = UNSET
    """Address of the agent's icon."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
        "iconUrl": "icon_url",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 3 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.name = data["name"]
        self.icon_url = data["iconUrl"]
        return self
