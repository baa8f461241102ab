"""The outcomes of a run of many, as iterators. For blocking code the run has a thread and an event loop of its own."""

import asyncio
import contextlib
import math
import os
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Self, cast

from attrs import define, field, frozen

from conversas.client.batch import Deliver, Outcome
from conversas.client.retry import is_positive
from conversas.errors import ConfigurationError
from conversas.records.ref import ConversationRef

Refs = AsyncIterator[ConversationRef | str]
ManyRefs = Iterable[ConversationRef | str] | AsyncIterable[ConversationRef | str]
Work = Callable[[Refs, Deliver], Awaitable[None]]


@frozen
class End:
    """Nothing more comes; or this error stopped the run."""

    error: BaseException | None = None


def check_many(refs: object, concurrency: Any, total_seconds: Any, *kinds: type) -> None:
    """Refuse what would be taken for many refs by mistake.

    Raises:
        ConfigurationError: One ref instead of many, no concurrency, or no time.
    """
    if isinstance(refs, str | bytes | ConversationRef):
        raise ConfigurationError(
            "refs is an iterable of refs; for one conversation, take get; for a file, path.read_text().split()"
        )
    if not isinstance(refs, kinds):
        raise ConfigurationError("refs is an iterable of refs")
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ConfigurationError("concurrency is a whole number above 0")
    if total_seconds is not None and not is_positive(total_seconds):
        raise ConfigurationError("total_seconds is a number above 0, or None")


@define(eq=False)
class Channel:
    """What lies between a run in its thread and the iterator in another: refs go in, outcomes come out."""

    loop: asyncio.AbstractEventLoop
    task: "asyncio.Task[Any]"
    _refs: "deque[ConversationRef | str | End]" = field(factory=deque["ConversationRef | str | End"], init=False)
    _more: asyncio.Event = field(factory=asyncio.Event, init=False)
    _is_waiting: bool = field(default=False, init=False)
    outcomes: "SimpleQueue[Outcome | End | None]" = field(factory=SimpleQueue["Outcome | End | None"], init=False)

    def give(self, ref: ConversationRef | str | End) -> None:
        """Give the run one more ref. It is woken only where it waits: each time, two threads wait for each other."""
        self._refs.append(ref)
        if self._is_waiting:
            self._is_waiting = False
            self._tell(self._more.set)

    def cancel(self) -> None:
        self._tell(self.task.cancel)

    def _tell(self, what: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run has ended meanwhile
            if not self.task.done():
                self.loop.call_soon_threadsafe(what)

    async def refs(self) -> Refs:
        while True:
            while self._refs:
                if isinstance(ref := self._refs.popleft(), End):
                    return
                yield ref
            self._more.clear()
            self._is_waiting = True
            if not self._refs:  # none was given meanwhile
                await self._more.wait()

    async def deliver(self, outcome: Outcome | None) -> None:
        self.outcomes.put(outcome)


class Outcomes(Iterator[Outcome]):
    """The outcomes of `Client.get_many`, as they come. Leaving its `with`, or the client, ends all work.

    Refs are read in the thread that asks for outcomes, at most twice as many ahead as are fetched at a time. Several
    threads may share the outcomes: one after the other takes its turn.
    """

    def __init__(self, refs: Iterable[ConversationRef | str], *, concurrency: int, work: Work) -> None:
        self._refs: Iterator[ConversationRef | str] | None = iter(refs)
        self._room, self._owed = 2 * concurrency, 0
        self._work = work
        self._thread: threading.Thread | None = None
        self._channel: Channel | None = None
        self._closed, self._process = False, os.getpid()
        self._starting = threading.RLock()  # a collection may call close() anywhere
        self._turn = threading.RLock()  # refs may come of something that asks for outcomes itself

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome:
        return cast(Outcome, self.poll(None))  # which waits until there is one

    def poll(self, seconds: float | None) -> Outcome | None:
        """Give the next outcome, or None where none came within so many seconds; None waits as long as it takes.

        Refs are read first, in this thread, and each takes the time it takes.

        Raises:
            StopIteration: There are no more.
            ConversasError: What stopped the run for a platform.
        """
        if self._closed:
            raise StopIteration
        if self._process != os.getpid():
            raise ConfigurationError("the run is of another process: begin one in each")
        until = math.inf if seconds is None else time.monotonic() + seconds
        left = _seconds_until(until)
        if not self._turn.acquire(timeout=-1 if left is None else left):
            return None
        try:
            return self._poll(until)
        finally:
            self._turn.release()

    def _poll(self, until: float) -> Outcome | None:
        if self._closed:  # by the thread whose turn it was
            raise StopIteration
        end = End()
        try:
            item = self._next(until)
            if not isinstance(item, End):
                return item
            end = item
        except BaseException:
            self.close()
            raise
        self.close()
        if end.error:
            raise end.error
        raise StopIteration

    def through(self, wrap: Callable[[Work], Work], *, ahead: int) -> Self:
        """Let refs and outcomes pass through something on their way, in the thread of the run. Before it begins.

        At least so many refs are read ahead.
        """
        self._work, self._room = wrap(self._work), max(self._room, ahead)
        return self

    def _next(self, until: float) -> Outcome | End | None:
        """Wait for the next outcome; None where none came until then."""
        channel, item = self._channel or self._start(), None
        while item is None:  # what is left out has no outcome
            self._read_refs(channel, until)
            try:
                item = channel.outcomes.get(timeout=_seconds_until(until))
            except Empty:
                return None
            self._owed -= 1
        return item

    def _start(self) -> Channel:
        with self._starting:
            if self._closed:  # by another thread
                raise StopIteration
            ready = Future[Channel]()
            self._thread = threading.Thread(target=_serve, args=(self._work, ready), name="conversas", daemon=True)
            self._thread.start()
            self._channel = ready.result()
            return self._channel

    def _read_refs(self, channel: Channel, until: float) -> None:
        """Give the run more to do, once half of what it had is done; at least one ref, and others up to that time."""
        if self._refs is None or 2 * self._owed > self._room:
            return
        for ref in self._refs:
            channel.give(ref)  # at once: the next one may take its time
            self._owed += 1
            if self._owed >= self._room or time.monotonic() >= until:
                return
        self._refs = None
        channel.give(End())

    def close(self) -> None:
        """End all work. What was fetched and not yet asked for is lost."""
        with self._starting:
            self._closed, self._refs = True, None
        if self._channel and self._thread and self._process == os.getpid():
            self._channel.cancel()
            if threading.current_thread() is not self._thread and not sys.is_finalizing():
                self._thread.join()  # where Python ends, the thread ends with it, and never tells

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        """End all work after a `break`, once nobody can ask for more."""
        if not getattr(self, "_closed", True):
            self.close()


def _seconds_until(until: float) -> float | None:
    """Give what a queue takes as a timeout: None is without one."""
    return None if until == math.inf else min(max(0.0, until - time.monotonic()), threading.TIMEOUT_MAX)


def _serve(work: Work, ready: "Future[Channel]") -> None:
    try:
        asyncio.run(_work_through(work, ready))
    except asyncio.CancelledError:  # how a run is ended
        pass
    except OSError as error:  # no event loop can be made
        ready.set_exception(error)


async def _work_through(work: Work, ready: "Future[Channel]") -> None:
    channel = Channel(asyncio.get_running_loop(), cast("asyncio.Task[Any]", asyncio.current_task()))
    ready.set_result(channel)
    end = End()
    try:
        end = await _end_of(work, channel.refs(), channel.deliver)
    finally:
        channel.outcomes.put(end)


async def _end_of(work: Work, refs: Refs, deliver: Deliver) -> End:
    try:
        await work(refs, deliver)
    except Exception as error:  # noqa: BLE001  # it is raised where the outcomes are asked for
        return End(error)
    return End()


class AsyncOutcomes(AsyncIterator[Outcome]):
    """The outcomes of `AsyncClient.get_many`, as they come. Leaving its `async with`, or the client, ends all work.

    Refs are read as they are fetched.
    """

    def __init__(self, refs: ManyRefs, *, concurrency: int, work: Work, tasks: "set[asyncio.Task[None]]") -> None:
        self._refs, self._work, self._tasks = refs, work, tasks
        self._items = asyncio.Queue[Outcome | End | None]()
        self._room = asyncio.Semaphore(concurrency)
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if self._closed:
            raise StopAsyncIteration
        if self._loop is not asyncio.get_running_loop():
            raise ConfigurationError("the run is of another event loop: begin one in each")
        if self._task is None:
            self._task = asyncio.create_task(_fill(self._items, self._room, self._work, self._refs))
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)
        while not isinstance(item := await self._items.get(), End):
            self._room.release()
            if item is not None:
                return item
        self._items.put_nowait(item)  # for another task that waits
        if self._closed:
            raise StopAsyncIteration
        await self.close()
        if item.error:
            raise item.error
        raise StopAsyncIteration

    async def close(self) -> None:
        """End all work. What was fetched and not yet asked for is lost."""
        self._closed = True
        if self._task is None or self._task.get_loop().is_closed():
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        while not self._items.empty():
            self._items.get_nowait()
        self._items.put_nowait(End())  # for another task that waits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        """End all work after a `break`, once nobody can ask for more."""
        task = getattr(self, "_task", None)
        if task and not task.done():
            with contextlib.suppress(RuntimeError):  # the loop is closed
                task.get_loop().call_soon_threadsafe(task.cancel)


async def _fill(
    items: "asyncio.Queue[Outcome | End | None]", room: asyncio.Semaphore, work: Work, refs: ManyRefs
) -> None:
    async def deliver(outcome: Outcome | None) -> None:
        await room.acquire()
        items.put_nowait(outcome)

    end = End()
    try:
        async with contextlib.aclosing(_awaited(refs)) as awaited:
            end = await _end_of(work, awaited, deliver)
    except asyncio.CancelledError as error:
        end = End(error)
        raise
    finally:
        items.put_nowait(end)


async def _awaited(refs: ManyRefs) -> AsyncGenerator[ConversationRef | str, None]:
    if isinstance(refs, AsyncIterable):
        async for ref in refs:
            yield ref
    else:
        for ref in refs:
            yield ref
