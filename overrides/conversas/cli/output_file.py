"""A file for output: private to its owner, and complete before it gets its name."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from conversas.exporter.files import create_private_file, publish, replace, temp_path


@contextmanager
def output_file(path: Path, *, force: bool) -> Generator[BinaryIO]:
    """Open a file for output. It gets its name at the end, and nothing is left of it after an error.

    Raises:
        UsageError: There is a file of this name, which `force` would replace.
        OSError: The file cannot be written.
    """
    check_is_free(path, force=force)
    temporary = temp_path(path)
    temporary.unlink(missing_ok=True)  # of a run that was killed
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
        UsageError: There is one of this name that may not be replaced, or no directory for it.
    """
    if path.is_dir():
        raise click.UsageError(f"{path} is a directory; pass the name of a file")
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no directory {path.parent}; create it first")
    if path.exists() and not force:
        raise click.UsageError(_taken(path))


def _taken(path: Path) -> str:
    return f"{path} exists already; pass --force to replace it"
