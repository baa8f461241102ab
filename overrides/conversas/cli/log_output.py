"""Log lines on stderr: all with `-v`, otherwise only retries, and only on a terminal."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

import click

from conversas.cli.sanitize import escape_for_terminal


class _StderrHandler(logging.Handler):
    """Handler that prints to the current stderr, above a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # the reader of stderr may be gone
            click.echo(escape_for_terminal(record.getMessage()), err=True)


@contextmanager
def show_log() -> Generator[None]:
    """Print each request, retry and outage."""
    with _handler("conversas", logging.DEBUG):
        yield


@contextmanager
def show_retries() -> Generator[None]:
    """Print the wait before each retry, if stderr is a terminal: a person may be watching."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield
        return
    with _handler("conversas.retry", logging.INFO):
        yield


@contextmanager
def _handler(name: str, level: int) -> Generator[None]:
    logger, handler = logging.getLogger(name), _StderrHandler()
    level_before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(level_before)
        logger.removeHandler(handler)
