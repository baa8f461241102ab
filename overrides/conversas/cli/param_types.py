"""The numbers that options take."""

import math
from typing import Any

import click


class NumberAbove0(click.FloatRange):
    """Seconds, a rate or a size. Ranges of click let through what is endless, and `nan`."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return number if math.isfinite(number) else self.fail(f"{number} is not in the range x>0", param, ctx)


ABOVE_0 = NumberAbove0()
