"""Contains all the data models used in inputs/outputs"""

from .agent_type import AgentType
from .conversation import Conversation
from .conversation_type import ConversationType
from .data_collection_item import DataCollectionItem
from .dynamic_variable import DynamicVariable
from .evaluation_status import EvaluationStatus
from .integration_type import IntegrationType
from .message import Message
from .tag import Tag

__all__ = (
    "AgentType",
    "Conversation",
    "ConversationType",
    "DataCollectionItem",
    "DynamicVariable",
    "EvaluationStatus",
    "IntegrationType",
    "Message",
    "Tag",
)
