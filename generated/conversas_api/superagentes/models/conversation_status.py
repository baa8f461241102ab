from ..types import OpenStrEnum


class ConversationStatus(OpenStrEnum):
    """Status of a conversation."""

    STATUS_UNRESOLVED = "UNRESOLVED"
    STATUS_HUMAN_REQUESTED = "HUMAN_REQUESTED"
    STATUS_RESOLVED = "RESOLVED"
