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
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 2 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.type_ = data["type"]
        return self
