"""Fetch many refs with bounded concurrency; stop a provider that keeps failing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from attrs import Factory, define, field

from conversas.client.circuit_breaker import CircuitBreaker
from conversas.client.driver import AsyncDriver
from conversas.client.fetch import Failed, Fetch, Outcome
from conversas.client.settings import ClientConfig
from conversas.errors import ConfigurationError, ConversasError, TransportError, TransportErrorReason
from conversas.records.ref import ConversationRef, coerce_ref
from conversas.transport.messages import Response

Refs = AsyncIterator[ConversationRef | str]


class Sink(Protocol):
    """Receiver of the outcomes of a run."""

    async def wait_for_room(self) -> None:
        """Wait until it can take another outcome. The run holds an undecoded body until then."""
        ...

    async def put(self, outcome: Outcome) -> None:
        """Take an outcome."""
        ...

    async def acknowledge(self, refs: int) -> None:
        """Count refs that are done without an outcome for this sink."""
        ...


Producer = Callable[[Refs, Sink], Awaitable[None]]
"""Fetches refs and puts their outcomes into a sink."""

_END: Any = object()


@define
class BatchRun:
    """Fetches refs, each once at a time, and puts their outcomes into a sink.

    Acknowledged without an outcome are: a ref that is being fetched already, and each ref of a provider whose circuit
    breaker has tripped. A later run can fetch those.
    """

    config: ClientConfig
    driver: AsyncDriver
    concurrency: int
    total_seconds: float | None = None
    """The time limit of the run; None is no limit."""
    _in_flight: set[ConversationRef] = field(factory=set[ConversationRef], init=False)
    _breakers: dict[str, CircuitBreaker] = field(init=False)
    _reading: asyncio.Lock = field(default=Factory(asyncio.Lock), init=False)
    _reader: "asyncio.Task[Any] | None" = field(default=None, init=False)
    """The task that waits for the next ref."""
    _slots: asyncio.Semaphore = field(init=False)
    """One for each request that may be under way."""

    def __attrs_post_init__(self) -> None:
        self._breakers = {name: CircuitBreaker(self.config.options.retry) for name in self.config.by_name}
        self._slots = asyncio.Semaphore(self.concurrency)

    async def run(self, refs: Refs, sink: Sink) -> None:
        """Fetch all refs.

        Raises:
            ConversasError: A circuit breaker tripped, once all other refs are done; or the time limit is over.
        """
        in_time = await self._run_in_time(refs, sink)
        errors = [breaker.tripped_by for breaker in self._breakers.values() if breaker.tripped_by]
        if not in_time:
            message = "the time for the run is over; a later run can fetch what is left"
            errors.append(TransportError(message, reason=TransportErrorReason.RUN_TIMEOUT))
        for error in errors[1:]:
            errors[0].add_note(str(error))
        if errors:
            raise errors[0]

    async def _run_in_time(self, refs: Refs, sink: Sink) -> bool:
        """Return whether all refs are done; at the time limit, those under way are given up."""
        workers = [asyncio.create_task(self._work(refs, sink)) for _ in range(2 * self.concurrency)]
        time_limit = asyncio.timeout(self.total_seconds)
        try:
            async with time_limit:
                await asyncio.gather(*workers)
        except TimeoutError:
            if not time_limit.expired():
                raise
            return False
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return True

    async def _work(self, refs: Refs, sink: Sink) -> None:
        """Fetch one ref after another. While this worker decodes, another has its request under way."""
        while await self._fetch_next(refs, sink):
            """A body and its conversation are freed before the next ref is awaited."""

    async def _fetch_next(self, refs: Refs, sink: Sink) -> bool:
        """Return False if there are no more refs."""
        async with self._slots:
            async with self._reading:
                ref = await self._next(refs)
            if ref is _END:
                return False
            result = await self._fetch(coerce_ref(ref))
            await sink.wait_for_room()
        outcome = self._decode(*result) if isinstance(result, tuple) else result
        await (sink.put(outcome) if outcome else sink.acknowledge(1))
        return True

    async def _next(self, refs: Refs) -> Any:
        """Return the next ref, or no ref as soon as the run stops, even while the next one is being read."""
        if self._is_over:
            return _END
        self._reader = reader = asyncio.current_task()
        try:
            return await anext(refs, _END)
        except asyncio.CancelledError:
            if reader is None or not self._is_over or reader.uncancel():  # others cancelled it, too
                raise
            return _END
        finally:
            self._reader = None

    @property
    def _is_over(self) -> bool:
        return all(breaker.tripped_by for breaker in self._breakers.values())

    async def _fetch(self, ref: ConversationRef) -> tuple[Fetch, Response] | Failed | None:
        if ref in self._in_flight:
            return None
        try:
            fetch = self.config.fetch(ref)
        except ConfigurationError as error:
            return Failed(ref, _strip_traceback(error))
        if self._breakers[ref.provider].tripped_by:
            return None
        self._in_flight.add(ref)
        try:
            return fetch, await self.driver.run(fetch)
        except ConversasError as error:
            return self._fail(error, fetch)
        finally:
            self._in_flight.discard(ref)

    def _decode(self, fetch: Fetch, response: Response) -> Outcome | None:
        try:
            fetched = fetch.decode(response)
        except ConversasError as error:
            return self._fail(error, fetch)
        self._breakers[fetch.ref.provider].on_success()
        return fetched

    def _fail(self, error: ConversasError, fetch: Fetch) -> Failed | None:
        if not self._breakers[fetch.ref.provider].on_failure(error, fetch):
            return Failed(fetch.ref, _strip_traceback(error))
        if self._reader and self._is_over:
            self._reader.cancel()
        return None


def _strip_traceback(error: ConversasError) -> ConversasError:
    """Drop what the frames of a traceback hold, such as the body: a user may keep a million outcomes."""
    return error.with_traceback(None)
