"""Waiting until a client logs something."""

import contextlib
import logging
from collections.abc import Iterator
from threading import Event


class LoggedStatus(logging.Handler):
    """A handler that sets its event when a client logs a status."""

    def __init__(self, status: str) -> None:
        super().__init__(logging.INFO)
        self.status, self.event = status, Event()

    def emit(self, record: logging.LogRecord) -> None:
        if f": {self.status}," in record.getMessage():
            self.event.set()


@contextlib.contextmanager
def seeing(status: str) -> Iterator[Event]:
    """Yield an event that is set when a client logs a status."""
    logger, seen = logging.getLogger("conversas"), LoggedStatus(status)
    logger.addHandler(seen)
    try:
        yield seen.event
    finally:
        logger.removeHandler(seen)
