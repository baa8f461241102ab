from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class Participant(Model):
    """One participant of a conversation."""

    id: None | str | Unset = UNSET
    """Id of the participant."""
    type_: None | str | Unset = UNSET
    """Kind of the participant."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "type": "type_",
    }

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.id = data.get("id", UNSET)
        self.type_ = data.get("type", UNSET)
        self.additional_properties = data.get(EXTRA) or {}
        return self
