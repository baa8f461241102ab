"""Refs of an export, as the command line accepts them: in a file, on stdin, or as arguments."""

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
class RefSource:
    """Refs to export: the arguments themselves, or the lines of one file, which may be a pipe."""

    arguments: Sequence[str]
    provider: str | None
    """Provider of refs that are bare ids."""

    @classmethod
    def parse(cls, arguments: Sequence[str], provider: str | None) -> "RefSource":
        """Check the arguments.

        Raises:
            UsageError: An argument is neither a file nor a ref.
        """
        source = cls(arguments, provider)
        if source.file is None:
            for argument in arguments:
                source.check(argument)
        return source

    @property
    def file(self) -> Path | None:
        """The file of refs, `-` for stdin; None if the arguments are refs."""
        first = self.arguments[0]
        is_file = len(self.arguments) == 1 and (first == STDIN or Path(first).is_file() or Path(first).is_fifo())
        return Path(first) if is_file else None

    def check(self, argument: str) -> None:
        """Check that an argument looks like a ref.

        Raises:
            UsageError: It is a file, or neither a file nor a ref.
        """
        if Path(argument).is_file():
            raise click.UsageError(f"{argument} is a file of refs; pass either one file or refs")
        if self.provider is None and not _names_provider(argument):
            message = f"{argument} is neither a file nor a ref (for example zild:123); for bare ids, pass --provider"
            raise click.UsageError(message)

    def count(self) -> int | None:
        """Return the number of refs; None if it is unknown until all are read."""
        if self.file is None:
            return len(self.arguments)
        if not self.file.is_file():  # a pipe can be read only once
            return None
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        if self.file is None:
            lines: Iterator[str] = iter(self.arguments)
        elif str(self.file) == STDIN:
            lines = _stdin_lines()
        else:
            lines = _file_lines(self.file)
        return (self._ref(line) for line in lines)

    def _ref(self, text: str) -> str:
        return text if self.provider is None or _names_provider(text) else f"{self.provider}:{text}"


def _names_provider(text: str) -> bool:
    return text.partition(":")[0] in provider_names()


def _file_lines(path: Path) -> Iterator[str]:
    with _wrap_read_errors(str(path)), path.open("rb") as file:
        yield from _lines(file)


def _stdin_lines() -> Iterator[str]:
    with _wrap_read_errors("stdin"):
        yield from _lines(sys.stdin.buffer)


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Yield each line that is neither empty nor begins with #. One that is not UTF-8 fails as an invalid ref."""
    for line in file:
        text = line.decode("utf-8", "surrogateescape").strip("\ufeff \t\r\n")
        if text and not text.startswith("#"):
            yield text


@contextmanager
def _wrap_read_errors(name: str) -> Generator[None]:
    """Raise errors of the operating system as errors of this file.

    Raises:
        ConfigurationError: The file cannot be read to its end.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {os.strerror(error.errno or 0)}") from None
