"""Sets of words, written as one string."""


def words(text: str) -> frozenset[str]:
    """Return the words of a string."""
    return frozenset(text.split())
