from ..types import OpenStrEnum


class MessageSender(OpenStrEnum):
    """Kind of sender of a message. `system` is seen in one sample only."""

    SENDER_AGENT = "agent"
    SENDER_HUMAN = "human"
    SENDER_SYSTEM = "system"
