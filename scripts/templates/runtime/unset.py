"""Absence of a property in a JSON object."""

from enum import Enum
from typing import Final, Literal


class Unset(Enum):
    """The type of UNSET, which stands for a property that the JSON object does not have.

    An enum of one member: it stays one object after copy and pickle, and type checkers follow `is UNSET`.
    """

    UNSET = ...

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
