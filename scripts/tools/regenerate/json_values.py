"""Values of a YAML or JSON file, checked and converted to what JSON can hold."""

import datetime
import math
from typing import Any

from attrs import define, field

from conversas.json_pointer import format_pointer, is_array, is_object
from tools.regenerate.reduced.problems import Problem, shown

MOST_VALUES = 1_000_000


class TooManyValues(Exception):
    """The aliases of a file expand to more values than the file could hold without aliases."""


@define
class JsonValues:
    """Converter of the values of one file. A date becomes a string. `problems` has each value that JSON cannot hold."""

    limit: int
    """Largest number of values."""
    problems: list[Problem] = field(factory=list[Problem], init=False)
    _count: int = field(default=0, init=False)

    def convert(self, value: Any, pointer: str = "") -> Any:
        """Return a value as JSON has it.

        Raises:
            TooManyValues: The value contains more values than the limit.
        """
        self._count += 1
        if self._count > self.limit:
            raise TooManyValues
        if is_object(value):
            return {
                self._scalar(key, below): self.convert(item, below)
                for key, item in value.items()
                for below in (pointer + format_pointer(key),)
            }
        if is_array(value):
            return [self.convert(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        return self._scalar(value, pointer)

    def _scalar(self, value: Any, pointer: str) -> Any:
        if isinstance(value, datetime.date):
            return value.isoformat()
        if not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
            self.problems.append(Problem(pointer, f"JSON cannot hold this value: {shown(value)}"))
        return value
