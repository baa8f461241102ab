"""A run of many refs: so many at a time, each once, until the refs end or it is no use to go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from attrs import Factory, define, field

from conversas.client.driver import AsyncDriver
from conversas.client.fetch import Fetch
from conversas.client.outcomes import Failed, Fetched
from conversas.client.settings import Sources
from conversas.errors import (
    AuthenticationError,
    ConfigurationError,
    ConversasError,
    DriftError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
)
from conversas.records.ref import ConversationRef, as_ref
from conversas.transport.messages import Answer

Outcome = Fetched | Failed
Deliver = Callable[[Outcome | None], Awaitable[None]]

FAILURES_AT_FIRST = 50  # so many refs, where none before them gave a conversation
REFUSALS_IN_A_ROW = 10  # so many answers 403, where that may mean a wrong key, and nothing else between them

_END: Any = object()


@define
class Health:
    """What a run knows of one platform."""

    reached_at: float = float("-inf")
    """When a fetch that had a connection ended last, by `time.monotonic()`."""
    refusals: int = 0
    """Answers 403 in a row."""
    failures: int | None = 0
    """Refs that failed, but for those that are not there; None once there was a conversation."""
    stopped_by: ConversasError | None = None


@define
class Run:
    """Fetches refs and delivers, for each, what became of it: None for a ref that is left out.

    Left out is a ref that is being fetched already, and each of a platform that the run has stopped for: its token is
    refused, no connection is made, it asks for a longer wait than is waited, or nothing but failures came. Their turn
    comes in another run.
    """

    sources: Sources
    driver: AsyncDriver
    concurrency: int
    total_seconds: float | None = None
    """How long it may take; None is without limit."""
    _in_flight: set[ConversationRef] = field(factory=set[ConversationRef], init=False)
    _health: dict[str, Health] = field(init=False)
    _reading: asyncio.Lock = field(default=Factory(asyncio.Lock), init=False)
    _reader: "asyncio.Task[Any] | None" = field(default=None, init=False)
    """Who waits for the next ref."""
    _places: asyncio.Semaphore = field(init=False)
    """For as many requests as are under way at a time."""

    def __attrs_post_init__(self) -> None:
        self._health = {name: Health() for name in self.sources.by_name}
        self._places = asyncio.Semaphore(self.concurrency)

    async def work(self, refs: AsyncIterator[ConversationRef | str], deliver: Deliver) -> None:
        """Go through all refs.

        Raises:
            ConversasError: What stopped the run for a platform, after all others are through; or its time is over.
        """
        in_time = await self._work_in_time(refs, deliver)
        stopped = [health.stopped_by for health in self._health.values() if health.stopped_by]
        if not in_time:
            message = "the time for the run is over; what is left can be asked for in another run"
            stopped.append(TransportError(message, reason="RunTimeout"))
        for error in stopped[1:]:
            stopped[0].add_note(str(error))
        if stopped:
            raise stopped[0]

    async def _work_in_time(self, refs: AsyncIterator[ConversationRef | str], deliver: Deliver) -> bool:
        """Tell whether all refs are through; at the end of the time, what is under way is given up."""
        workers = [asyncio.create_task(self._worker(refs, deliver)) for _ in range(2 * self.concurrency)]
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

    async def _worker(self, refs: AsyncIterator[ConversationRef | str], deliver: Deliver) -> None:
        """Take one ref after the other. While it reads an answer, another worker has its request under way."""
        while True:
            async with self._places:
                async with self._reading:
                    given = await self._next(refs)
                if given is _END:
                    return
                found = await self._ask(as_ref(given))
            await deliver(self._read(*found) if isinstance(found, tuple) else found)

    async def _next(self, refs: AsyncIterator[ConversationRef | str]) -> Any:
        """Read one more ref. Where the run stops meanwhile, there is none, however long the next one would take."""
        if self._is_over:
            return _END
        self._reader = reader = asyncio.current_task()
        try:
            return await anext(refs, _END)
        except asyncio.CancelledError:
            if reader is None or not self._is_over or reader.uncancel():  # it is cancelled by others, too
                raise
            return _END
        finally:
            self._reader = None

    @property
    def _is_over(self) -> bool:
        return all(health.stopped_by for health in self._health.values())

    async def _ask(self, ref: ConversationRef) -> tuple[Fetch, Answer] | Failed | None:
        if ref in self._in_flight:
            return None
        try:
            fetch = self.sources.fetch(ref)
        except ConfigurationError as error:
            return Failed(ref, _without_frames(error))
        if self._health[ref.provider].stopped_by:
            return None
        self._in_flight.add(ref)
        try:
            return fetch, await self.driver.drive(fetch)
        except ConversasError as error:
            return self._failed(error, fetch)
        finally:
            self._in_flight.discard(ref)

    def _read(self, fetch: Fetch, answer: Answer) -> Outcome | None:
        try:
            fetched = fetch.read(answer)
        except ConversasError as error:
            return self._failed(error, fetch)
        health = self._health[fetch.ref.provider]
        health.reached_at, health.refusals, health.failures = time.monotonic(), 0, None
        return fetched

    def _failed(self, error: ConversasError, fetch: Fetch) -> Failed | None:
        health = self._health[fetch.ref.provider]
        if fetch.reached:
            health.reached_at = time.monotonic()
        health.refusals = health.refusals + 1 if isinstance(error, PermissionDeniedError) else 0
        if isinstance(error, DriftError):
            health.failures = None
        elif health.failures is not None and not isinstance(error, NotFoundError):
            health.failures += 1
        if self._is_hopeless(error, fetch, health):
            if health.stopped_by is None:
                why = ", as nothing but failures came" if health.failures == FAILURES_AT_FIRST else ""
                error.add_note(
                    f"the run stopped for {fetch.ref.provider}{why}; what is left can be asked for in another run"
                )
                health.stopped_by = error
                if self._reader and self._is_over:
                    self._reader.cancel()
            return None
        return Failed(fetch.ref, _without_frames(error))

    def _is_hopeless(self, error: ConversasError, fetch: Fetch, health: Health) -> bool:
        """Whether the next refs of the platform would fail the same way."""
        if health.failures is not None and health.failures >= FAILURES_AT_FIRST:
            return True
        match error:
            case AuthenticationError() | ConfigurationError():
                return True
            case PermissionDeniedError():
                return fetch.source.platform.forbidden_may_be_the_token and health.refusals >= REFUSALS_IN_A_ROW
            case TransportError():
                return not fetch.reached and health.reached_at < fetch.started
            case _:
                return self.sources.settings.retry.is_hopeless(error)


def _without_frames(error: ConversasError) -> ConversasError:
    """Let go of what the frames of a traceback hold, such as the body: a user may keep a million outcomes."""
    return error.with_traceback(None)
