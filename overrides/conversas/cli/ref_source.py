"""Refs for an export, as the command line accepts them: in a file, on stdin, or as arguments."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import click
from attrs import define, field, frozen

from conversas.cli.console import print_line
from conversas.cli.input_file import STDIN, input_name, open_input
from conversas.cli.ref_check import InvalidRefError
from conversas.cli.ref_list import read_lines
from conversas.cli.ref_parser import RefParser
from conversas.cli.ref_spool import RefSpool
from conversas.cli.ref_suggestion import did_you_mean, suggest_ref
from conversas.cli.ref_table import is_parquet, parquet_columns, read_column
from conversas.cli.sanitize import escape_for_terminal
from conversas.errors import ConfigurationError

MAX_PROBLEMS = 20  # problems that are shown one by one
TABLES = frozenset({".csv", ".tsv", ".tab"})
_FOREIGN = {
    b"PK\x03\x04": "is a ZIP or Excel file; save it as CSV, and pass --column",
    b"\x1f\x8b": "is compressed; decompress it first, for example: zcat refs.gz | conversas export -",
    b"\x28\xb5\x2f\xfd": "is compressed; decompress it first, for example: zstdcat refs.zst | conversas export -",
}


@define
class _Problems:
    """Texts that cannot be refs."""

    name: str
    """Name of the file; empty for arguments."""
    hint: str
    count: int = field(default=0, init=False)
    _shown: list[str] = field(factory=list[str], init=False)

    def add(self, place: str, reason: str) -> None:
        self.count += 1
        if self.count <= MAX_PROBLEMS:
            self._shown.append(f"{place}: {reason}")

    def raise_if_any(self) -> None:
        """Raise an error if there are problems. Print them first if there are several.

        Raises:
            UsageError: There is at least one problem.
        """
        if not self._shown:
            return
        if self.count == 1:
            raise click.UsageError(f"{self._shown[0]}{self.hint}; nothing was fetched")
        for line in self._shown:
            print_line(escape_for_terminal(line), err=True)
        shown = f" (the first {MAX_PROBLEMS} are above)" if self.count > MAX_PROBLEMS else ""
        source = f"{self.name} has " if self.name else ""
        raise click.UsageError(f"{source}{self.count:,} invalid refs{shown}{self.hint}; nothing was fetched")


@frozen
class RefSource:
    """Refs to export: the arguments themselves, or the content of one file, which may be a pipe."""

    arguments: Sequence[str]
    provider: str | None
    """Provider of bare ids."""
    column: str | None = None
    """Column of refs, if the file is a table."""

    @classmethod
    def parse(cls, arguments: Sequence[str], provider: str | None, column: str | None = None) -> "RefSource":
        """Check the arguments.

        Raises:
            UsageError: An argument is neither a file nor a ref.
        """
        source = cls(arguments, provider, column)
        if source.file is None:
            for argument in arguments:
                source.check(argument)
            if column is not None:
                raise click.UsageError("--column needs a table: pass one file, or - for stdin")
        return source

    @property
    def file(self) -> Path | None:
        """File of refs, or `-` for stdin; None if the arguments are refs."""
        first = self.arguments[0]
        is_file = len(self.arguments) == 1 and (first == STDIN or _is_readable(Path(first)))
        return Path(first) if is_file else None

    def check(self, argument: str) -> None:
        """Check that an argument looks like a ref.

        Raises:
            UsageError: The argument is a file, or is neither a file nor a ref.
        """
        if _is_readable(Path(argument)):
            raise click.UsageError(f"{argument} is a file of refs; pass either one file or refs")
        if self.provider is None and not RefParser(None).names_provider(argument):
            remedy = did_you_mean(suggest_ref(argument)) or "; for bare ids, pass --provider"
            raise click.UsageError(f"{argument} is neither a file nor a ref (for example zild:123){remedy}")

    @contextmanager
    def checked(self) -> Generator[RefSpool]:
        """Read and check all refs. A pipe is read to its end.

        Raises:
            UsageError: There are invalid refs. Their places and reasons are printed, but not the texts in a file.
            ConfigurationError: The file cannot be read, or is of the wrong kind.
        """
        parser, file = RefParser(self.provider), self.file
        problems = _Problems("" if file is None else input_name(file), self._hint)
        with RefSpool() as spool, closing(self._texts(file)) as texts:
            for place, text in texts:
                if not text:
                    spool.empty += 1
                    continue
                try:
                    spool.add(parser.parse(text, is_cell=self.column is not None))
                except InvalidRefError as error:
                    problems.add(place, str(error))
            problems.raise_if_any()
            yield spool

    @property
    def _hint(self) -> str:
        is_table = self.column is None and self.file and self.file.suffix.lower() in TABLES
        return "; for a table, pass --column" if is_table else ""

    def _texts(self, path: Path | None) -> Generator[tuple[str, str]]:
        """Yield the place of each text, for messages, and the text."""
        if path is None:
            for number, argument in enumerate(self.arguments, start=1):
                yield f"argument {number}" if "//" in argument else argument, argument  # a URL may contain a secret
            return
        name = input_name(path)
        with open_input(path) as file:
            _check_kind(file, name)
            word = " row " if is_parquet(file) else ":"
            for number, text in self._rows(file, name):
                yield f"{name}{word}{number}", text

    def _rows(self, file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
        if self.column is not None:
            return read_column(file, self.column, name)
        if is_parquet(file):
            raise click.UsageError(f"{name} is Parquet; pass --column with one of: {parquet_columns(file)}")
        return read_lines(file, name)


def _is_readable(path: Path) -> bool:
    try:
        return path.is_file() or path.is_fifo()
    except OSError:  # a URL may be too long for a file name
        return False


def _check_kind(file: IO[bytes], name: str) -> None:
    head = file.read(4)
    file.seek(0)
    for magic, problem in _FOREIGN.items():
        if head.startswith(magic):
            raise ConfigurationError(f"{name} {problem}")
