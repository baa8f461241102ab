from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset, read_datetime


@define(repr=False)
class Message(Model):
    """One message of a conversation."""

    id: int | None | Unset = UNSET
    """Id of the message."""
    created_at: datetime.datetime | None | Unset = UNSET
    """When the message was created."""
    from_: None | str | Unset = UNSET
    """Sender of the message."""
    to: None | str | Unset = UNSET
    """Recipient of the message."""
    content: None | str | Unset = UNSET
    """Content of the message."""
    conversation_id: int | None | Unset = UNSET
    """Id of the conversation."""
    sentiment: None | str | Unset = UNSET
    """Sentiment of the message. Its values are not documented."""
    offset: None | str | Unset = UNSET
    """Offset. A string in the sample; its meaning is not documented."""
    is_nps: bool | None | Unset = UNSET
    """Is NPS. Its meaning is not documented."""
    content_sid: None | str | Unset = UNSET
    """Content SID. Its meaning is not documented."""
    message_type: int | None | Unset = UNSET
    """Type of the message. Its values are not documented."""
    media_url: None | str | Unset = UNSET
    """Address of the media of the message."""
    media_file_name: None | str | Unset = UNSET
    """File name of the media of the message."""
    tenant_id: int | None | Unset = UNSET
    """Id of the tenant."""
    user_id: int | None | Unset = UNSET
    """Id of the user."""
    content_variables: None | str | Unset = UNSET
    """Content variables. Their form is not documented."""
    message_sid: None | str | Unset = UNSET
    """Message SID. Its meaning is not documented."""
    message_status: int | None | Unset = UNSET
    """Status of the message. Its values are not documented."""
    sent: bool | None | Unset = UNSET
    """Whether the message was sent."""
    delivered: bool | None | Unset = UNSET
    """Whether the message was delivered."""
    read: bool | None | Unset = UNSET
    """Whether the message was read."""
    error_code: None | str | Unset = UNSET
    """Error code. A string in the sample."""
    error_message: None | str | Unset = UNSET
    """Error message."""
    is_read_by_user: bool | None | Unset = UNSET
    """Whether the user has read the message."""
    document_id: int | None | Unset = UNSET
    """Id of a document."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "createdAt": "created_at",
        "from": "from_",
        "to": "to",
        "content": "content",
        "conversationId": "conversation_id",
        "sentiment": "sentiment",
        "offset": "offset",
        "isNPS": "is_nps",
        "contentSid": "content_sid",
        "messageType": "message_type",
        "mediaUrl": "media_url",
        "mediaFileName": "media_file_name",
        "tenantId": "tenant_id",
        "userId": "user_id",
        "contentVariables": "content_variables",
        "messageSid": "message_sid",
        "messageStatus": "message_status",
        "sent": "sent",
        "delivered": "delivered",
        "read": "read",
        "errorCode": "error_code",
        "errorMessage": "error_message",
        "isReadByUser": "is_read_by_user",
        "documentId": "document_id",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 25 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        value = data["createdAt"]
        self.created_at = value if value is None or value is UNSET else read_datetime(value)
        self.from_ = data["from"]
        self.to = data["to"]
        self.content = data["content"]
        self.conversation_id = data["conversationId"]
        self.sentiment = data["sentiment"]
        self.offset = data["offset"]
        self.is_nps = data["isNPS"]
        self.content_sid = data["contentSid"]
        self.message_type = data["messageType"]
        self.media_url = data["mediaUrl"]
        self.media_file_name = data["mediaFileName"]
        self.tenant_id = data["tenantId"]
        self.user_id = data["userId"]
        self.content_variables = data["contentVariables"]
        self.message_sid = data["messageSid"]
        self.message_status = data["messageStatus"]
        self.sent = data["sent"]
        self.delivered = data["delivered"]
        self.read = data["read"]
        self.error_code = data["errorCode"]
        self.error_message = data["errorMessage"]
        self.is_read_by_user = data["isReadByUser"]
        self.document_id = data["documentId"]
        return self
