from ..types import OpenIntEnum


class IntegrationType(OpenIntEnum):
    """Type of the integration that the conversation came through. The values are documented, their
    meanings are unpublished.
    """

    INTEGRATION_TYPE_0 = 0
    INTEGRATION_TYPE_1 = 1
    INTEGRATION_TYPE_2 = 2
    INTEGRATION_TYPE_3 = 3
    INTEGRATION_TYPE_4 = 4
    INTEGRATION_TYPE_5 = 5
    INTEGRATION_TYPE_6 = 6
    INTEGRATION_TYPE_7 = 7
    INTEGRATION_TYPE_8 = 8
    INTEGRATION_TYPE_9 = 9
    INTEGRATION_TYPE_10 = 10
    INTEGRATION_TYPE_11 = 11
    INTEGRATION_TYPE_12 = 12
    INTEGRATION_TYPE_13 = 13
    INTEGRATION_TYPE_14 = 14
    INTEGRATION_TYPE_15 = 15
    INTEGRATION_TYPE_16 = 16
    INTEGRATION_TYPE_17 = 17
    INTEGRATION_TYPE_18 = 18
