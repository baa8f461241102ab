"""The refs of an export, as the command line takes them: from a file, from stdin, or one by one."""

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.providers import provider_names

STDIN = "-"


@frozen
class Refs:
    """What is to be exported: arguments that are refs, or one file of them, which may be a pipe."""

    arguments: Sequence[str]
    provider: str | None
    """Whose ids those are that name no provider."""

    @classmethod
    def of(cls, arguments: Sequence[str], provider: str | None) -> "Refs":
        """Read the arguments.

        Raises:
            UsageError: An argument is neither a file nor a ref.
        """
        refs = cls(arguments, provider)
        if refs.file is None:
            for argument in arguments:
                refs.check(argument)
        return refs

    @property
    def file(self) -> Path | None:
        """The file that has the refs, `-` for stdin; None where the arguments are they."""
        first = self.arguments[0]
        is_file = len(self.arguments) == 1 and (first == STDIN or Path(first).is_file() or Path(first).is_fifo())
        return Path(first) if is_file else None

    def check(self, argument: str) -> None:
        if Path(argument).is_file():
            raise click.UsageError(f"{argument} is a file of refs: give one file alone, or refs alone")
        if self.provider is None and not _names_provider(argument):
            message = f"{argument} is no file and no ref, such as zild:123; for ids without a provider, give --provider"
            raise click.UsageError(message)

    def count(self) -> int | None:
        """Tell how many there are; None where that cannot be known before."""
        if self.file is None:
            return len(self.arguments)
        if not self.file.is_file():  # what comes by a pipe can be read once
            return None
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        if self.file is None:
            lines: Iterator[str] = iter(self.arguments)
        elif str(self.file) == STDIN:
            lines = _lines_of_stdin()
        else:
            lines = _lines_of(self.file)
        return (self._ref(line) for line in lines)

    def _ref(self, text: str) -> str:
        return text if self.provider is None or _names_provider(text) else f"{self.provider}:{text}"


def _names_provider(text: str) -> bool:
    return text.partition(":")[0] in provider_names()


def _lines_of(path: Path) -> Iterator[str]:
    with _readable(str(path)), path.open("rb") as file:
        yield from _lines(file)


def _lines_of_stdin() -> Iterator[str]:
    with _readable("stdin"):
        yield from _lines(sys.stdin.buffer)


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Yield each line that says something: not the empty ones, nor those that begin with #.

    One that is not UTF-8 is no ref, and fails as such.
    """
    for line in file:
        text = line.decode("utf-8", "surrogateescape").strip("\ufeff \t\r\n")
        if text and not text.startswith("#"):
            yield text


@contextmanager
def _readable(name: str) -> Generator[None]:
    """Say of an error that it is one of reading.

    Raises:
        ConfigurationError: The file cannot be read to its end.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {os.strerror(error.errno or 0)}") from None
