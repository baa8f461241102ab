"""Fetching of many refs with bounded concurrency, so that no provider waits for another."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from attrs import Factory, define, field

from conversas.client.circuit_breaker import CircuitBreaker
from conversas.client.driver import AsyncDriver
from conversas.client.fetch import Failed, Fetch
from conversas.client.lane import Lane, Sink
from conversas.client.settings import ClientConfig
from conversas.errors import ConfigurationError, TransportError, TransportErrorReason
from conversas.records.ref import ConversationRef, coerce_ref
from conversas.transport.messages import Response

Refs = AsyncIterator[ConversationRef | str]

MAX_REFS_AHEAD = 10_000  # refs that may be read ahead while one provider has to wait and another can go on


Producer = Callable[[Refs, Sink], Awaitable[None]]
"""Function that fetches refs and puts their outcomes into a sink."""

_END: Any = object()


@define(eq=False)
class BatchRun:
    """Run that fetches refs and puts their outcomes into a sink. It never fetches a ref twice at the same time.

    Two kinds of refs are done without an outcome: a ref that is already being fetched, and each ref of a provider whose
    circuit breaker has tripped. A later run can fetch the refs of the second kind.

    One task reads refs; workers fetch and decode them. A slot is held by a request under way, and by its response
    until the sink has room. A fetch that waits, for example for the rate limit, leaves its slot to other fetches.
    """

    config: ClientConfig
    driver: AsyncDriver
    concurrency: int
    sink: Sink
    total_seconds: float | None = None
    """Maximum duration of the run; None means no limit."""
    outage_seconds: float = 0.0
    """Maximum duration of an outage that the run waits out."""
    _lanes: dict[str, Lane] = field(init=False)
    _slots: asyncio.Semaphore = field(init=False)
    """One slot for each request that may be under way."""
    _jobs: "asyncio.Queue[Any]" = field(factory=asyncio.Queue[Any], init=False)
    """Coroutine functions for the workers."""
    _unfinished: int = field(default=0, init=False)
    """Number of refs that are being fetched, decoded or passed on."""
    _without_slots: int = field(default=0, init=False)
    """Number of waiting fetches that left their slots to other fetches."""
    _changed: asyncio.Event = field(default=Factory(asyncio.Event), init=False)
    """Event that is set when another ref may be needed."""
    _reader: "asyncio.Task[None] | None" = field(default=None, init=False)
    """The task that reads refs, while it waits for the next one."""
    _has_all_refs: bool = field(default=False, init=False)
    _has_ended: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.driver = self.driver.with_waiting(self._without_slot)
        self._slots = asyncio.Semaphore(self.concurrency)
        self._lanes = {name: self._lane(name) for name in self.config.by_name}

    def _lane(self, name: str) -> Lane:
        breaker = CircuitBreaker(name, self.config.options.retry, self.outage_seconds)
        return Lane(breaker, self.concurrency, self.config, self._perform, self.sink, self._schedule)

    async def run(self, refs: Refs) -> None:
        """Fetch all refs.

        Raises:
            ConversasError: A circuit breaker tripped, or the time limit is over. If a circuit breaker trips, the run
                finishes all other refs first.
        """
        for state in self.config.by_name.values():
            _ = state.provider.schema  # reads a file now: with many connections open, the process may open no more
        in_time = await self._run_in_time(refs)
        errors = [lane.breaker.tripped_by for lane in self._lanes.values() if lane.breaker.tripped_by]
        if not in_time:
            message = "the time for the run is over; a later run can fetch what is left"
            errors.append(TransportError(message, reason=TransportErrorReason.RUN_TIMEOUT))
        for error in errors[1:]:
            errors[0].add_note(str(error))
        if errors:
            raise errors[0]

    @property
    def _most_unfinished(self) -> int:
        """Maximum of `_unfinished`: `concurrency` refs for each provider, and `concurrency` refs in decoding."""
        return (len(self._lanes) + 1) * self.concurrency

    async def _run_in_time(self, refs: Refs) -> bool:
        """Return whether all refs are done in time. At the time limit, fetches under way are cancelled."""
        workers = [self._work() for _ in range(self._most_unfinished + len(self._lanes))]
        tasks = [asyncio.create_task(each) for each in (self._read(refs), *workers)]
        time_limit = asyncio.timeout(self.total_seconds)
        try:
            async with time_limit:
                await asyncio.gather(*tasks)
        except TimeoutError:
            if not time_limit.expired():
                raise
            return False
        finally:
            self._has_ended = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return True

    # Refs

    async def _read(self, refs: Refs) -> None:
        """Read refs as they are needed, until there are no more refs or all circuit breakers have tripped."""
        while (ref := await self._next(refs)) is not _END:
            parsed = coerce_ref(ref)
            lane = self._lanes.get(parsed.provider)
            if lane is None:
                await self._refuse(parsed)
            elif lane.wants_refs or lane.breaker.tripped_by:
                self._start(lane, parsed)
            else:
                lane.waiting.append(parsed)
                await self.sink.acknowledge(1)
            self._schedule()
        self._has_all_refs = True
        self._schedule()

    async def _next(self, refs: Refs) -> Any:
        """Return the next ref once it is needed, or `_END` as soon as the run stops, even while a ref is being read."""
        try:
            while not (self._is_over or self._needs_refs):
                self._changed.clear()
                await self._changed.wait()
            if self._is_over:
                return _END
            self._reader = asyncio.current_task()
            return await anext(refs, _END)
        except asyncio.CancelledError:
            if not self._is_over:
                raise
            return _END
        finally:
            self._reader = None

    @property
    def _is_over(self) -> bool:
        return all(lane.breaker.tripped_by for lane in self._lanes.values())

    @property
    def _needs_refs(self) -> bool:
        """Whether a request could be sent if there were one more ref."""
        ahead = sum(len(lane.waiting) for lane in self._lanes.values())
        wanted_slots = sum(lane.in_progress for lane in self._lanes.values()) - self._without_slots
        can_start = self._unfinished < self._most_unfinished and wanted_slots < self.concurrency
        return can_start and ahead < MAX_REFS_AHEAD and any(lane.wants_refs for lane in self._lanes.values())

    # Work

    def _schedule(self) -> None:
        """Assign due refs to the workers, and end the workers after the last ref."""
        if self._has_ended:
            return
        for lane in self._lanes.values():
            while self._unfinished < self._most_unfinished and (due := lane.next_due()):
                self._start(lane, due, was_aside=True)
            if lane.begin_verdict(may_get_refs=not self._has_all_refs):
                self._jobs.put_nowait(lane.judge)
        if self._has_all_refs and not self._unfinished and all(lane.is_done for lane in self._lanes.values()):
            self._has_ended = True
            for _ in range(self._most_unfinished + len(self._lanes)):
                self._jobs.put_nowait(None)
        if self._reader and self._is_over:
            self._reader.cancel()
        self._changed.set()

    def _start(self, lane: Lane, due: ConversationRef | Fetch, *, was_aside: bool = False) -> None:
        self._unfinished += 1
        lane.in_progress += 1
        self._jobs.put_nowait(partial(self._fetch, lane, due, was_aside=was_aside))

    async def _work(self) -> None:
        """Do one job after another. While this worker decodes, another has its request under way."""
        while job := await self._jobs.get():
            await job()
            self._schedule()

    async def _fetch(self, lane: Lane, due: ConversationRef | Fetch, *, was_aside: bool) -> None:
        if was_aside:
            await self.sink.acknowledge(-1)
        outcome = await lane.fetch(due)
        await (self.sink.put(outcome) if outcome else self.sink.acknowledge(1))
        self._unfinished -= 1

    async def _refuse(self, ref: ConversationRef) -> None:
        """Report a failure for a ref whose provider the client does not have."""
        try:
            self.config.fetch(ref)
        except ConfigurationError as error:
            await self.sink.put(Failed(ref, error.with_traceback(None)))

    async def _perform(self, fetch: Fetch) -> Response:
        async with self._slots:
            response = await self.driver.run(fetch)
            await self.sink.wait_for_room()
            return response

    @asynccontextmanager
    async def _without_slot(self) -> AsyncGenerator[None]:
        """Leave the slot to other fetches while this fetch waits."""
        self._slots.release()
        self._without_slots += 1
        self._changed.set()
        try:
            yield
        finally:
            self._without_slots -= 1
            await self._slots.acquire()
