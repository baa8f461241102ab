"""Problems of a spec, each with its JSON pointer, and the error that names all of them."""

from collections.abc import Iterable
from typing import Any

from attrs import define, field, frozen


@frozen(order=True)
class Problem:
    """One problem at one place of a spec."""

    pointer: str
    text: str


class SpecError(Exception):
    """A spec or the configuration is invalid. The message names the file and each place in it, one per line."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {each.pointer or '/'}: {each.text}" for each in self.problems))

    @classmethod
    def of_files(cls, errors: Iterable[str]) -> "SpecError":
        """Return one error for several files."""
        joined = cls("", ())
        joined.args = ("\n".join(errors),)
        return joined


@define
class Problems:
    """Problems found so far. Reading continues after each problem, so that one run finds all of them."""

    found: dict[Problem, None] = field(factory=dict[Problem, None])

    def add(self, pointer: str, text: str) -> None:
        self.found[Problem(pointer, text)] = None

    def raise_if_any(self, file: str) -> None:
        """Raise SpecError with all problems, if there are any."""
        if self.found:
            raise SpecError(file, self.found)


def shown(value: Any) -> str:
    """Return a value of a spec for a message, on one line and shortened."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
