from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class DataCollectionItem(Model):
    """One item of the data collected in a conversation."""

    id: int | None | Unset = UNSET
    """Id of the item."""
    name: None | str | Unset = UNSET
    """Name of the item."""
    value: None | str | Unset = UNSET
    """Value of the item, as text."""
    conversation_id: int | None | Unset = UNSET
    """Id of the conversation."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
        "value": "value",
        "conversationId": "conversation_id",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 4 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.name = data["name"]
        self.value = data["value"]
        self.conversation_id = data["conversationId"]
        return self
