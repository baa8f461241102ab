"""Bridge between a run in its own thread and the iterator in another thread: refs go in, outcomes come out."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Self, cast

from attrs import define, field, frozen

from conversas.client.batch import Producer, Refs
from conversas.client.fetch import Fetched, Outcome
from conversas.client.lane import Sink
from conversas.errors import DecodeError
from conversas.records.ref import ConversationRef

MAX_WAITING_BYTES = 8 * 1024 * 1024  # of bodies of outcomes that wait; their records take several times as much


@frozen
class EndOfRun:
    """Marker of the end of the refs, or of the outcomes, with the error that stopped the run if there is one."""

    error: BaseException | None = None


@frozen
class Acknowledged:
    """Marker of refs that are done without an outcome, or that are set aside.

    A negative number counts refs that were set aside and are now resumed.
    """

    refs: int


Item = Outcome | Acknowledged | EndOfRun


def body_bytes(item: Item) -> int:
    """Return the size of the body that an item holds."""
    if isinstance(item, Fetched):
        return len(item.conversation.raw)
    error = None if isinstance(item, Acknowledged) else item.error
    return len(error.body) if isinstance(error, DecodeError) else 0


@define(eq=False)
class ThreadBridge(Sink):
    """The two queues, and the thread that runs the event loop."""

    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    task: "asyncio.Task[Any]"
    most_outcomes: int
    """Maximum number of outcomes that wait to be taken."""
    _refs: "deque[ConversationRef | str | EndOfRun]" = field(
        factory=deque["ConversationRef | str | EndOfRun"], init=False
    )
    _more: asyncio.Event = field(factory=asyncio.Event, init=False)
    _is_waiting: bool = field(default=False, init=False)
    _items: "SimpleQueue[Item]" = field(factory=SimpleQueue["Item"], init=False)
    _put: int = field(default=0, init=False)
    """Number of outcomes that were put. Only the thread of the run writes this and `_put_bytes`."""
    _put_bytes: int = field(default=0, init=False)
    _taken: int = field(default=0, init=False)
    """Number of outcomes that were taken. Only the thread of the iterator writes this and `_taken_bytes`."""
    _taken_bytes: int = field(default=0, init=False)
    _room: asyncio.Event = field(factory=asyncio.Event, init=False)
    _needs_room: bool = field(default=False, init=False)

    @classmethod
    def start(cls, producer: Producer, most_outcomes: int) -> Self:
        """Start a run in a new thread."""
        ready = Future[Self]()

        async def run() -> None:
            bridge = cls(threading.current_thread(), asyncio.get_running_loop(), _current_task(), most_outcomes)
            ready.set_result(bridge)
            end = EndOfRun()
            try:
                end = await end_of(producer, bridge.refs(), bridge)
            finally:
                bridge._items.put(end)

        threading.Thread(target=_run_loop, args=(run, ready), name="conversas", daemon=True).start()
        return ready.result()

    # In the thread of the iterator

    def put_ref(self, ref: ConversationRef | str | EndOfRun) -> None:
        """Queue a ref. Wake the loop only if it is idle: each wake-up costs a thread switch."""
        self._refs.append(ref)
        if self._is_waiting:
            self._is_waiting = False
            self._call(self._more.set)

    def next_item(self, timeout: float | None) -> Item | None:
        """Return the next item; None if no item comes within `timeout` seconds."""
        try:
            item = self._items.get(timeout=timeout)
        except Empty:
            return None
        if not isinstance(item, Acknowledged | EndOfRun):
            self._taken += 1
            self._taken_bytes += body_bytes(item)
            if self._needs_room and not self._is_full:
                self._needs_room = False
                self._call(self._room.set)
        return item

    def cancel(self) -> None:
        """Cancel the run, from any thread."""
        self._call(self.task.cancel)

    def _call(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run has ended in the meantime
            if not self.task.done():
                self.loop.call_soon_threadsafe(function)

    # In the thread of the run

    async def refs(self) -> Refs:
        """Yield the queued refs."""
        while True:
            while self._refs:
                if isinstance(ref := self._refs.popleft(), EndOfRun):
                    return
                yield ref
            self._more.clear()
            self._is_waiting = True
            if not self._refs:  # no ref was queued in the meantime
                await self._more.wait()

    @property
    def _is_full(self) -> bool:
        waiting_bytes = self._put_bytes - self._taken_bytes
        return self._put - self._taken >= self.most_outcomes or waiting_bytes >= MAX_WAITING_BYTES

    async def wait_for_room(self) -> None:
        while self._is_full:
            self._room.clear()
            self._needs_room = True
            if self._is_full:  # nothing was taken in the meantime
                await self._room.wait()

    async def put(self, outcome: Outcome) -> None:
        """Queue an outcome, once there is room for it."""
        await self.wait_for_room()
        self._put += 1
        self._put_bytes += body_bytes(outcome)
        self._items.put(outcome)

    async def acknowledge(self, refs: int) -> None:
        self._items.put(Acknowledged(refs))


async def end_of(producer: Producer, refs: Refs, sink: Sink) -> EndOfRun:
    """Run a producer, and return the marker of its end, with its error if it failed."""
    try:
        await producer(refs, sink)
    except Exception as error:  # noqa: BLE001  # it is raised in the iterator
        return EndOfRun(error)
    return EndOfRun()


def _run_loop(run: Callable[[], Any], ready: "Future[Any]") -> None:
    try:
        asyncio.run(run())
    except asyncio.CancelledError:  # the run was cancelled
        pass
    except OSError as error:  # no event loop can be created
        ready.set_exception(error)


def _current_task() -> "asyncio.Task[Any]":
    return cast("asyncio.Task[Any]", asyncio.current_task())
