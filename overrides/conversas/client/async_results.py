"""Outcomes of `AsyncClient.get_many` as an asynchronous iterator."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from typing import Self

from conversas.client.batch import Producer
from conversas.client.fetch import Outcome
from conversas.client.lane import Sink
from conversas.client.thread_bridge import MAX_WAITING_BYTES, EndOfRun, body_bytes, end_of
from conversas.errors import ConfigurationError
from conversas.records.ref import ConversationRef

ManyRefs = Iterable[ConversationRef | str] | AsyncIterable[ConversationRef | str]


class AsyncOutcomes(AsyncIterator[Outcome]):
    """Outcomes of `AsyncClient.get_many`, as they arrive. Leaving their `async with` block or the client ends the run.

    Refs are read as they are needed. Several tasks may share the iterator.
    """

    def __init__(
        self, refs: ManyRefs, *, concurrency: int, producer: Producer, tasks: "set[asyncio.Task[None]]"
    ) -> None:
        self._refs, self._producer, self._tasks = refs, producer, tasks
        self._queue = _OutcomeQueue(concurrency)
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        outcome = await self.next()
        assert outcome is not None  # without a timeout, next() returns an outcome or raises StopAsyncIteration
        return outcome

    async def next(self, *, timeout: float | None = None) -> Outcome | None:
        """Return the next outcome, or None if no outcome comes within `timeout` seconds.

        Without a timeout, the call waits until there is an outcome.

        Raises:
            StopIteration: There are no more outcomes; StopAsyncIteration in an event loop.
            ConversasError: The run stopped for a provider, or its time is over.
        """
        if self._closed:
            raise StopAsyncIteration
        if self._loop is not asyncio.get_running_loop():
            raise ConfigurationError("the run belongs to another event loop: start a run in each loop")
        if self._task is None:
            self._task = asyncio.create_task(_produce(self._queue, self._producer, self._refs))
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)
        try:
            item = await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None
        if not isinstance(item, EndOfRun):
            return item
        self._queue.end(item)  # wakes another waiting task
        if self._closed:
            raise StopAsyncIteration
        await self.close()
        raise item.error or StopAsyncIteration

    async def close(self) -> None:
        """End the run. Outcomes that were not taken are lost."""
        self._closed = True
        if self._task is None or self._task.get_loop().is_closed():
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        self._queue.clear()
        self._queue.end(EndOfRun())  # wakes another waiting task

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        """End the run after a `break`, once nothing refers to its outcomes."""
        task = getattr(self, "_task", None)
        if task and not task.done():
            with contextlib.suppress(RuntimeError):  # the loop is closed
                task.get_loop().call_soon_threadsafe(task.cancel)


class _OutcomeQueue(Sink):
    """Queue that holds back the run while `size` outcomes, or `MAX_WAITING_BYTES` of their bodies, wait in it."""

    def __init__(self, size: int) -> None:
        self._items = asyncio.Queue[Outcome | EndOfRun]()
        self._size, self._outcomes, self._bytes = size, 0, 0
        self._taken = asyncio.Event()

    async def wait_for_room(self) -> None:
        while self._outcomes >= self._size or self._bytes >= MAX_WAITING_BYTES:
            self._taken.clear()
            await self._taken.wait()

    async def put(self, outcome: Outcome) -> None:
        self._outcomes += 1
        self._bytes += body_bytes(outcome)
        self._items.put_nowait(outcome)

    async def acknowledge(self, refs: int) -> None:
        """Do nothing: refs are read as they are needed, and are not counted."""

    def end(self, end: EndOfRun) -> None:
        self._items.put_nowait(end)

    async def get(self) -> Outcome | EndOfRun:
        item = await self._items.get()
        if not isinstance(item, EndOfRun):
            self._outcomes -= 1
            self._bytes -= body_bytes(item)
            self._taken.set()
        return item

    def clear(self) -> None:
        while not self._items.empty():
            self._items.get_nowait()


async def _produce(queue: _OutcomeQueue, producer: Producer, refs: ManyRefs) -> None:
    end = EndOfRun()
    try:
        async with contextlib.aclosing(_as_async(refs)) as async_refs:
            end = await end_of(producer, async_refs, queue)
    except asyncio.CancelledError as error:
        end = EndOfRun(error)
        raise
    finally:
        queue.end(end)


async def _as_async(refs: ManyRefs) -> AsyncGenerator[ConversationRef | str, None]:
    if isinstance(refs, AsyncIterable):
        async for ref in refs:
            yield ref
    else:
        for ref in refs:
            yield ref
