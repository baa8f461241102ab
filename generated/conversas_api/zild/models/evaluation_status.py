from ..types import OpenIntEnum


class EvaluationStatus(OpenIntEnum):
    """Status of the evaluation of the conversation. The values are documented, their meanings are
    unpublished.
    """

    EVALUATION_STATUS_0 = 0
    EVALUATION_STATUS_1 = 1
    EVALUATION_STATUS_2 = 2
    EVALUATION_STATUS_3 = 3
    EVALUATION_STATUS_4 = 4
