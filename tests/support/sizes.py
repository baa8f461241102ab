"""Sizes of the suites that CI reduces. `CONVERSAS_FULL=1` runs them whole."""

import os
from typing import TypeVar

T = TypeVar("T")


def size(full: T, *, reduced: T) -> T:
    """Return the full size if the environment asks for it, otherwise the reduced one."""
    return full if os.environ.get("CONVERSAS_FULL") == "1" else reduced
