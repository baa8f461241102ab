"""Log lines on stderr.

With `-v`, all lines are printed. Without `-v`, only retries are shown, as lines or in a progress bar, and only on a
terminal.
"""

import logging
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

import click

from conversas.cli.sanitize import escape_for_terminal


class _StderrHandler(logging.Handler):
    """Handler that prints to the current stderr, above the progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # the reader of stderr may be gone
            click.echo(escape_for_terminal(record.getMessage()), err=True)


class RetryNotice(logging.Handler):
    """Handler that keeps the message of the last pending retry, for one line of a progress bar."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._until = "", 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message for as long as the retry waits."""
        self._text = escape_for_terminal(record.getMessage())
        self._until = time.monotonic() + getattr(record, "wait_seconds", 0.0)

    @property
    def text(self) -> str:
        """Message of the last retry; empty if no retry is pending."""
        return self._text if time.monotonic() < self._until else ""


@contextmanager
def show_log() -> Generator[None]:
    """Print each request, retry and outage."""
    with _handling("conversas", logging.DEBUG, _StderrHandler()):
        yield


@contextmanager
def show_retries() -> Generator[None]:
    """Print the wait before each retry, if stderr is a terminal: a person may be watching."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield
        return
    with _handling("conversas.retry", logging.INFO, _StderrHandler()):
        yield


@contextmanager
def keep_retries() -> Generator[RetryNotice]:
    """Yield the handler that keeps the last pending retry."""
    notice = RetryNotice()
    with _handling("conversas.retry", logging.INFO, notice):
        yield notice


@contextmanager
def _handling(name: str, level: int, handler: logging.Handler) -> Generator[None]:
    logger = logging.getLogger(name)
    level_before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(level_before)
        logger.removeHandler(handler)
