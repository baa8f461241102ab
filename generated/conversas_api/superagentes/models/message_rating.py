from ..types import OpenStrEnum


class MessageRating(OpenStrEnum):
    """Rating of a message."""

    RATING_GOOD = "GOOD"
    RATING_BAD = "BAD"
