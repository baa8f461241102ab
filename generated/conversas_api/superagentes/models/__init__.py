"""Contains all the data models used in inputs/outputs"""

from .agent import Agent
from .channel import Channel
from .contact import Contact
from .conversation import Conversation
from .conversation_status import ConversationStatus
from .message import Message
from .message_rating import MessageRating
from .message_sender import MessageSender
from .participant import Participant
from .user import User
from .visitor import Visitor
from .visitor_contact import VisitorContact

__all__ = (
    "Agent",
    "Channel",
    "Contact",
    "Conversation",
    "ConversationStatus",
    "Message",
    "MessageRating",
    "MessageSender",
    "Participant",
    "User",
    "Visitor",
    "VisitorContact",
)
