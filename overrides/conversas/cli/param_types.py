"""Types of command line options."""

import math
from typing import Any

import click


class FiniteFloat(click.FloatRange):
    """A finite number of 0 or more. Ranges of click also accept infinity and `nan`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        sign = ">" if self.min_open else ">="
        return number if math.isfinite(number) else self.fail(f"{number} is not in the range x{sign}0", param, ctx)


POSITIVE_FLOAT = FiniteFloat(min=0, min_open=True)
NON_NEGATIVE_FLOAT = FiniteFloat(min=0)
