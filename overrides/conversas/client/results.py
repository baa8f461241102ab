"""Outcomes of `Client.get_many` as an iterator, and middleware between a run and its iterator."""

import asyncio
import math
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from typing import Any, Protocol, Self

from attrs import define, field

from conversas.client.batch import Producer, Refs
from conversas.client.fetch import Outcome
from conversas.client.lane import Sink
from conversas.client.retry import harmless, is_positive
from conversas.client.thread_bridge import Acknowledged, EndOfRun, ThreadBridge
from conversas.errors import ConfigurationError
from conversas.records.ref import ConversationRef


def validate_arguments(refs: object, concurrency: Any, total_seconds: Any, outage_seconds: Any, *kinds: type) -> None:
    """Check the arguments of `get_many`.

    Raises:
        ConfigurationError: One ref is passed instead of many, or a number is not positive.
    """
    if isinstance(refs, str | bytes | ConversationRef):
        raise ConfigurationError(
            "`refs` must be an iterable of refs, got one ref; use get() for a single conversation, and "
            "path.read_text().split() for a file"
        )
    if not isinstance(refs, kinds):
        raise ConfigurationError(f"`refs` must be an iterable of refs, got {type(refs).__name__}")
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ConfigurationError(f"`concurrency` must be a positive integer, got {harmless(concurrency)}")
    if total_seconds is not None and not is_positive(total_seconds):
        raise ConfigurationError(f"`total_seconds` must be a positive number or None, got {harmless(total_seconds)}")
    if not (is_positive(outage_seconds) or (not isinstance(outage_seconds, bool) and outage_seconds == 0)):
        message = f"`outage_seconds` must be a positive number, or 0 for no wait, got {harmless(outage_seconds)}"
        raise ConfigurationError(message)


class Outcomes(Iterator[Outcome]):
    """Outcomes of `Client.get_many`, as they arrive. Leaving their `with` block or the client ends the run.

    The thread that asks for outcomes reads the refs. It reads at most `concurrency * (number of providers + 1)` refs
    ahead, and up to 10,000 more while one provider has to wait and another can go on. Several threads may share the
    iterator; they take turns.
    """

    def __init__(self, refs: Iterable[ConversationRef | str], *, prefetch: int, producer: Producer) -> None:
        self._refs: Iterator[ConversationRef | str] | None = iter(refs)
        self._prefetch, self._in_flight = prefetch, 0
        self._producer = producer
        self._bridge: ThreadBridge | None = None
        self._closed, self._process = False, os.getpid()
        self._state_lock = threading.RLock()  # a garbage collection may call close() anywhere
        self._consumer_lock = threading.RLock()  # an iterable of refs may itself ask for outcomes

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome:
        outcome = self.next()
        assert outcome is not None  # without a timeout, next() returns an outcome or raises StopIteration
        return outcome

    def next(self, *, timeout: float | None = None) -> Outcome | None:
        """Return the next outcome, or None if no outcome comes within `timeout` seconds.

        Without a timeout, the call waits until there is an outcome.

        Raises:
            StopIteration: There are no more outcomes; StopAsyncIteration in an event loop.
            ConversasError: The run stopped for a provider, or its time is over.
        """
        if self._closed:
            raise StopIteration
        if self._process != os.getpid():
            raise ConfigurationError("the run belongs to another process: start a run in each process")
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        left = _seconds_until(deadline)
        if not self._consumer_lock.acquire(timeout=-1 if left is None else left):
            return None
        try:
            return self._next(deadline)
        finally:
            self._consumer_lock.release()

    def _next(self, deadline: float) -> Outcome | None:
        if self._closed:  # closed by the thread whose turn it was
            raise StopIteration
        try:
            item = self._next_item(deadline)
        except BaseException:
            self.close()
            raise
        if not isinstance(item, EndOfRun):
            return item
        self.close()
        raise item.error or StopIteration

    def _next_item(self, deadline: float) -> Outcome | EndOfRun | None:
        bridge = self._bridge or self._start()
        while True:
            self._read_refs(bridge, deadline)
            item = bridge.next_item(_seconds_until(deadline))
            if not isinstance(item, Acknowledged):
                self._in_flight -= item is not None
                return item
            self._in_flight -= item.refs

    def _wrap(self, middleware: "Middleware", prefetch: int) -> None:
        self._producer = _with_middleware(self._producer, middleware, prefetch)
        self._prefetch = max(self._prefetch, prefetch)

    def _start(self) -> ThreadBridge:
        with self._state_lock:
            if self._closed:  # closed by another thread
                raise StopIteration
            self._bridge = ThreadBridge.start(self._producer, self._prefetch)
            return self._bridge

    def _read_refs(self, bridge: ThreadBridge, deadline: float) -> None:
        """Queue more refs once half of the queued refs are done: at least one ref, and more until the deadline."""
        if self._refs is None or 2 * self._in_flight > self._prefetch:
            return
        for ref in self._refs:
            bridge.put_ref(ref)  # at once: the next ref may take a while
            self._in_flight += 1
            if self._in_flight >= self._prefetch or time.monotonic() >= deadline:
                return
        self._refs = None
        bridge.put_ref(EndOfRun())

    def close(self) -> None:
        """End the run. Outcomes that were not taken are lost."""
        with self._state_lock:
            self._closed, self._refs = True, None
        bridge = self._bridge
        if bridge and self._process == os.getpid():
            bridge.cancel()
            if threading.current_thread() is not bridge.thread and not sys.is_finalizing():
                bridge.thread.join()  # when Python exits, the thread ends with it and join() never returns

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        """End the run after a `break`, once nothing refers to its outcomes."""
        if not getattr(self, "_closed", True):
            self.close()


def _seconds_until(deadline: float) -> float | None:
    """Return the timeout for a queue; None means no timeout."""
    return None if deadline == math.inf else min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)


class Middleware(Protocol):
    """Middleware between the refs, a run and its outcomes. It is called in the thread of the run."""

    def accept(self, ref: ConversationRef | str) -> ConversationRef | None:
        """Return the ref to fetch; None to skip it."""
        ...

    def record(self, outcome: Outcome) -> None:
        """Accept an outcome, which the iterator then does not return."""
        ...

    def answered_before(self, provider: str) -> ConversationRef | None:
        """Return a ref that the provider answered in an earlier run; None if none is known."""
        ...

    async def maintain(self) -> None:
        """Run next to the fetches until they end. An error ends the run."""
        ...

    def close(self) -> None:
        """Release all resources. This is called once, however the run ends."""
        ...


def with_middleware(outcomes: Outcomes, middleware: Middleware, *, prefetch: int) -> Outcomes:
    """Add middleware to a run that has not begun, and let it read at least `prefetch` refs ahead."""
    outcomes._wrap(middleware, prefetch)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # of this module
    return outcomes


def _with_middleware(producer: Producer, middleware: Middleware, prefetch: int) -> Producer:
    async def produce(refs: Refs, sink: Sink) -> None:
        recorder = _Recorder(middleware, sink, prefetch // 2)
        try:
            await _first_completed(producer(recorder.accepted(refs), recorder), middleware.maintain())
        finally:
            middleware.close()

    return produce


@define
class _Recorder(Sink):
    """Sink that passes refs and outcomes to the middleware.

    Finished refs are acknowledged many at a time, because each acknowledgement wakes the thread that reads refs.
    """

    middleware: Middleware
    sink: Sink
    at_a_time: int
    _unacknowledged: int = field(default=0, init=False)

    async def accepted(self, refs: Refs) -> AsyncIterator[ConversationRef]:
        async for ref in refs:
            if accepted := self.middleware.accept(ref):
                yield accepted
            else:
                await self.acknowledge(1)

    async def wait_for_room(self) -> None:
        """Return at once: an outcome is recorded as soon as it comes."""

    async def put(self, outcome: Outcome) -> None:
        self.middleware.record(outcome)
        await self.acknowledge(1)

    def answered_before(self, provider: str) -> ConversationRef | None:
        return self.middleware.answered_before(provider)

    async def acknowledge(self, refs: int) -> None:
        self._unacknowledged += refs
        if self._unacknowledged >= self.at_a_time:
            await self.sink.acknowledge(self._unacknowledged)
            self._unacknowledged = 0


async def _first_completed(*awaitables: Awaitable[None]) -> None:
    """Run all awaitables until one of them ends or fails, then cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
