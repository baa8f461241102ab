from ..types import OpenIntEnum


class AgentType(OpenIntEnum):
    """Type of the agent of the conversation. The values are documented, their meanings are
    unpublished.
    """

    AGENT_TYPE_0 = 0
    AGENT_TYPE_1 = 1
    AGENT_TYPE_2 = 2
    AGENT_TYPE_3 = 3
    AGENT_TYPE_4 = 4
    AGENT_TYPE_5 = 5
    AGENT_TYPE_6 = 6
