from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..models.message_rating import MessageRating
from ..models.message_sender import MessageSender
from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class Message(Model):
    """One message of a conversation."""

    id: None | str | Unset = UNSET
    """Id of the message."""
    text: None | str | Unset = UNSET
    """Text of the message."""
    from_: MessageSender | None | Unset = UNSET
    """Kind of sender of the message."""
    created_at: datetime.datetime | None | Unset = UNSET
    """When the message was created."""
    read: bool | None | Unset = UNSET
    """Whether the message was read."""
    eval_: MessageRating | None | Unset = UNSET
    """Rating of the message."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "text": "text",
        "from": "from_",
        "createdAt": "created_at",
        "read": "read",
        "eval": "eval_",
    }

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.id = data.get("id", UNSET)
        self.text = data.get("text", UNSET)
        value = data.get("from", UNSET)
        self.from_ = value if value is None or value is UNSET else MessageSender(value)
        value = data.get("createdAt", UNSET)
        self.created_at = (
            value if value is None or value is UNSET else datetime.datetime.fromisoformat(value)
        )
        self.read = data.get("read", UNSET)
        value = data.get("eval", UNSET)
        self.eval_ = value if value is None or value is UNSET else MessageRating(value)
        self.additional_properties = data.get(EXTRA) or {}
        return self
