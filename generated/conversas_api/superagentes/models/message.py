from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..models.message_rating import MessageRating
from ..models.message_sender import MessageSender
from ..types import EXTRA, UNSET, Model, Unset, read_datetime


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
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 6 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.text = data["text"]
        value = data["from"]
        self.from_ = value if value is None or value is UNSET else MessageSender(value)
        value = data["createdAt"]
        self.created_at = value if value is None or value is UNSET else read_datetime(value)
        self.read = data["read"]
        value = data["eval"]
        self.eval_ = value if value is None or value is UNSET else MessageRating(value)
        return self
