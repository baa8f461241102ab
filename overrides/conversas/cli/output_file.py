"""Output file that is private to its owner, and complete before it gets its name."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from conversas.exporter.files import create_private_file, publish, replace, temp_path


@contextmanager
def output_file(path: Path, *, force: bool) -> Generator[BinaryIO]:
    """Open a file for output. The file gets its name at the end; after an error, nothing is left of it.

    Raises:
        UsageError: A file of this name exists, and `force` is not set.
        OSError: The file cannot be written.
    """
    check_is_free(path, force=force)
    temporary = temp_path(path)
    temporary.unlink(missing_ok=True)  # a killed run may have left it
    try:
        with create_private_file(temporary) as file:
            yield file
        if force:
            replace(path)
        else:
            publish(path)
    except FileExistsError:
        raise click.UsageError(_taken(path)) from None
    finally:
        temporary.unlink(missing_ok=True)


def check_is_free(path: Path, *, force: bool) -> None:
    """Check that a file can be written.

    Raises:
        UsageError: A file of this name exists and may not be replaced, or its directory does not exist.
    """
    if path.is_dir():
        raise click.UsageError(f"{path} is a directory; pass the name of a file")
    if not path.parent.is_dir():
        raise click.UsageError(f"the directory {path.parent} does not exist; create it first")
    if path.exists() and not force:
        raise click.UsageError(_taken(path))


def _taken(path: Path) -> str:
    return f"{path} already exists; pass --force to replace it"
