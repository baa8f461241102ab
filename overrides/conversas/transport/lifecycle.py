"""Closing of shared connections: only once nothing uses them, and completely even if cancelled."""

import asyncio
from collections.abc import Coroutine
from threading import Lock
from typing import Any

from conversas.errors import ConfigurationError


class UseCount:
    """Counter of the uses of a pool. The last user closes the pool, which never closes during a use."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._uses = 0
        self._closing = False

    def acquire(self) -> None:
        """Count one more use.

        Raises:
            ConfigurationError: The pool is closed.
        """
        with self._lock:
            if self._closing:
                raise ConfigurationError("the client is closed: use it in its `with` block")
            self._uses += 1

    def release(self) -> bool:
        """End one use. Return whether the caller must close the pool now."""
        with self._lock:
            self._uses -= 1
            return self._closing and not self._uses

    def close(self) -> bool:
        """Refuse further uses. Return whether the caller must close the pool now."""
        with self._lock:
            self._closing = True
            return not self._uses


async def shielded(closing: Coroutine[Any, Any, None]) -> None:
    """Await a coroutine to completion, and re-raise a cancellation afterwards."""
    task = asyncio.ensure_future(closing)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])  # a cancellation of this wait does not cancel the task
        except asyncio.CancelledError as error:
            cancelled = error
    try:
        task.result()
    finally:
        if cancelled:
            raise cancelled
