"""Numbers as settings take them, and values that settings refuse."""

import math
from typing import Any

from hypothesis import strategies as st

SECONDS = st.floats(1e-3, 1e6)
NOT_POSITIVE: tuple[Any, ...] = (0, -1, -0.5, math.nan, math.inf, -math.inf, True, False, None, "1", [], 1j)
"""Values that are no positive number."""
