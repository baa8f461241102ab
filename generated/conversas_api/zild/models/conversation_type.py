from ..types import OpenIntEnum


class ConversationType(OpenIntEnum):
    """Type of the conversation. The values are documented, their meanings are unpublished."""

    CONVERSATION_TYPE_0 = 0
    CONVERSATION_TYPE_1 = 1
    CONVERSATION_TYPE_2 = 2
    CONVERSATION_TYPE_3 = 3
    CONVERSATION_TYPE_4 = 4
    CONVERSATION_TYPE_5 = 5
    CONVERSATION_TYPE_6 = 6
    CONVERSATION_TYPE_99 = 99
