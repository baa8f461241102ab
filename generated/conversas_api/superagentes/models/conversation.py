from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..models.channel import Channel
from ..models.conversation_status import ConversationStatus
from ..types import EXTRA, UNSET, Model, Unset, read_datetime


@define(repr=False)
class Conversation(Model):
    """One conversation."""

    id: None | str | Unset = UNSET
    """Id of the conversation."""
    title: None | str | Unset = UNSET
    """Title of the conversation."""
    status: ConversationStatus | None | Unset = UNSET
    """Status of the conversation."""
    channel: Channel | None | Unset = UNSET
    """Channel of the conversation."""
    created_at: datetime.datetime | None | Unset = UNSET
    """When the conversation was created."""
    updated_at: datetime.datetime | None | Unset = UNSET
    """When the conversation was last updated."""
    agent: Agent | None | Unset = UNSET
    """The agent of the conversation."""
    messages: list[Message] | None | Unset = UNSET
    """Messages of the conversation. Their order is not documented."""
    participants: list[Participant] | None | Unset = UNSET
    """Participants of the conversation."""
    participants_users: list[User] | None | Unset = UNSET
    """Participants that are users."""
    participants_visitors: list[Visitor] | None | Unset = UNSET
    """Participants that are visitors."""
    participants_contacts: list[Contact] | None | Unset = UNSET
    """Participants that are contacts."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "title": "title",
        "status": "status",
        "channel": "channel",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "agent": "agent",
        "messages": "messages",
        "participants": "participants",
        "participantsUsers": "participants_users",
        "participantsVisitors": "participants_visitors",
        "participantsContacts": "participants_contacts",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 12 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.title = data["title"]
        value = data["status"]
        self.status = value if value is None or value is UNSET else ConversationStatus(value)
        value = data["channel"]
        self.channel = value if value is None or value is UNSET else Channel(value)
        value = data["createdAt"]
        self.created_at = value if value is None or value is UNSET else read_datetime(value)
        value = data["updatedAt"]
        self.updated_at = value if value is None or value is UNSET else read_datetime(value)
        value = data["agent"]
        self.agent = value if value is None or value is UNSET else Agent.from_checked(value)
        value = data["messages"]
        self.messages = (
            value
            if value is None or value is UNSET
            else [Message.from_checked(item) for item in value]
        )
        value = data["participants"]
        self.participants = (
            value
            if value is None or value is UNSET
            else [Participant.from_checked(item) for item in value]
        )
        value = data["participantsUsers"]
        self.participants_users = (
            value
            if value is None or value is UNSET
            else [User.from_checked(item) for item in value]
        )
        value = data["participantsVisitors"]
        self.participants_visitors = (
            value
            if value is None or value is UNSET
            else [Visitor.from_checked(item) for item in value]
        )
        value = data["participantsContacts"]
        self.participants_contacts = (
            value
            if value is None or value is UNSET
            else [Contact.from_checked(item) for item in value]
        )
        return self


# At the foot, since schemas may refer to each other.
from ..models.agent import Agent
from ..models.contact import Contact
from ..models.message import Message
from ..models.participant import Participant
from ..models.user import User
from ..models.visitor import Visitor
