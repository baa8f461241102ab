"""Options of the commands that redact: --redact and --redact-key-file."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conversas.cli.sanitize import escape_for_terminal
from conversas.errors import ConfigurationError

if TYPE_CHECKING:
    from conversas.redaction import Redactor

LONGEST_KEY_BYTES = 4096  # a longer file is not a key

F = TypeVar("F", bound=Callable[..., Any])


def redaction_options(command: F) -> F:
    """Add the options to a command, as `redact` and `redact_key_file`."""
    for option in (
        click.option(
            "--redact-key-file", metavar="FILE", help="Key, 32 bytes or more: equal values get equal pseudonyms."
        ),
        click.option("--redact", is_flag=True, help="Replace personal data, for example names and CPFs."),
    ):
        command = option(command)
    return command


def redactor_from(redact: bool, key_file: str | None) -> "Redactor | None":  # noqa: FBT001  # as click passes it
    """Return the redactor that the options ask for; None without `--redact`.

    Raises:
        ConfigurationError: The key cannot be read, or has the wrong length.
        UsageError: A key is passed without `--redact`.
    """
    if not redact:
        if key_file is not None:
            raise click.UsageError("--redact-key-file needs --redact; pass both")
        return None
    from conversas.redaction import Redactor

    return Redactor(key=None if key_file is None else _read_key(key_file))


def _read_key(path: str) -> bytes:
    """Return all bytes of a key file."""
    try:
        with Path(path).open("rb") as file:
            key = file.read(LONGEST_KEY_BYTES + 1)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ConfigurationError(f"{escape_for_terminal(path)} cannot be read: {reason}") from None
    if len(key) > LONGEST_KEY_BYTES:
        raise ConfigurationError(
            f"{escape_for_terminal(path)} is longer than {LONGEST_KEY_BYTES} bytes; pass a key file"
        )
    return key
