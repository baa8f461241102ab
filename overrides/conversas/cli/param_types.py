"""Types of the options."""

import math
from typing import Any

import click


class PositiveFloat(click.FloatRange):
    """A positive, finite number. Ranges of click accept infinity and `nan`."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return number if math.isfinite(number) else self.fail(f"{number} is not in the range x>0", param, ctx)


POSITIVE_FLOAT = PositiveFloat()
