"""The asynchronous client."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Self
from weakref import WeakSet

from attrs import define

from conversas.client.async_results import AsyncOutcomes, ManyRefs
from conversas.client.auth import AsyncTokenManager
from conversas.client.base import BaseClient
from conversas.client.batch import BatchRun, Refs
from conversas.client.driver import AsyncDriver
from conversas.client.lane import Sink
from conversas.client.list_fetch import ListFetch
from conversas.client.results import validate_arguments
from conversas.client.retry import Timeout
from conversas.errors import ConfigurationError
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef, coerce_ref
from conversas.transport.httpx_transport import AsyncTransport, validate_transport
from conversas.transport.lifecycle import shielded
from conversas.transport.selection import AwaitingTransport, open_async_transport


@define(eq=False)
class LoopState:
    """State of the client in one event loop."""

    loop: asyncio.AbstractEventLoop
    transport: AwaitingTransport
    tokens: AsyncTokenManager

    def driver(self) -> AsyncDriver:
        return AsyncDriver(self.transport.send, self.tokens.get_token)

    async def close(self) -> None:
        """Close all connections. The connections of a closed loop are lost with the loop."""
        if not self.loop.is_closed():
            await self.transport.close()


class AsyncClient(BaseClient):
    """Asynchronous client: `async with AsyncClient(Zild(...)) as client: await client.get("zild:123")`.

    The `async with` block opens and closes the connections. The client can be entered again, even in another event
    loop, but it belongs to one loop at a time.
    """

    def _setup(self) -> None:
        validate_transport(self._network.transport, AsyncTransport)
        self._state: LoopState | None = None
        self._reset_runs()

    def _reset_runs(self) -> None:
        self._runs = WeakSet[AsyncOutcomes]()
        self._tasks = set[asyncio.Task[None]]()

    async def get(self, ref: ConversationRef | str, *, timeout: Timeout | float | None = None) -> Conversation:
        """Return one conversation. `timeout` replaces the timeouts of the client for this call.

        Raises:
            ConfigurationError: Nothing was sent: the ref is invalid, or the token cannot be used.
            AuthenticationError: The token is rejected, or has expired.
            PermissionDeniedError: The token gives no access to this conversation.
            NotFoundError: There is no such conversation.
            RateLimitedError: There were too many requests, even after retries, or Retry-After is too long.
            ServerError: The provider failed, even after retries.
            BodyTooLargeError: The body is longer than `max_body_bytes`.
            ApiError: The response has a status other than 200.
            TransportError: No response came, even after retries.
            DecodeError: The body is not a conversation, or is another conversation.
            DriftError: The body differs from the spec, and on_drift="raise".
        """
        fetch, state = self._config.fetch(coerce_ref(ref), timeout), self._get_state()
        response = await state.driver().run(fetch)
        return fetch.decode(response).conversation

    def list_refs(
        self, provider: str, *, status: str | None = None, agent_id: str | None = None
    ) -> AsyncIterator[ConversationRef]:
        """Yield the refs of the conversations that a provider lists, for `get_many` or an export.

        The spec of the provider must have an operation that lists conversations; today, only `superagentes` has it.
        Its documentation describes no paging, and the client sends only documented parameters. So the provider may
        have more conversations than the list contains.

        Args:
            provider: Name of the provider.
            status: Only conversations with this status: a `Status`, for example `open`, or the provider's own word.
            agent_id: Only conversations of this agent.

        Raises:
            ConfigurationError: Nothing was sent: the client has no such provider, its spec has no list, or a filter is
                invalid.
            ConversasError: The same errors as `get`, raised when the first ref is requested.
        """
        return self._list(self._config.list_fetch(provider, status, agent_id))

    def get_many(
        self,
        refs: ManyRefs,
        *,
        concurrency: int = 16,
        requests_per_second: float | None = None,
        total_seconds: float | None = None,
        outage_seconds: float = 300.0,
    ) -> AsyncOutcomes:
        """Fetch many conversations, and yield each outcome as it arrives: `Fetched` or `Failed`.

        Refs are read as they are needed, and may be endless. A ref that the run is already fetching is skipped. The
        result is an iterator and a context manager. The run ends if you leave its block or the block of the client.

        The run stops for a provider that fails for all its refs: its token is rejected, it fails for longer than
        `outage_seconds`, or it asks for a longer wait than `Retry` allows. The remaining refs of this provider are
        skipped, and the error is raised once the other providers are done. If the provider works for other refs, the
        outcome of a ref that failed is `Failed`.

        Args:
            refs: The refs.
            concurrency: Maximum number of requests at a time.
            requests_per_second: Rate limit of each provider, with a rate limiter for this run alone. None means that
                the run shares the client's rate limiter.
            total_seconds: Maximum duration of the run, counted from the request for the first outcome. When the time is
                over, a TransportError with the reason `run_timeout` is raised.
            outage_seconds: Maximum wait for a provider that worked and then fails for all refs; 0 means no wait. Refs
                that failed during the wait are fetched again.

        Raises:
            ConfigurationError: An argument is invalid; or, during the run, a ref is not `provider:id`.
            ConversasError: The run stopped for a provider, or its time is over.
        """
        validate_arguments(refs, concurrency, total_seconds, outage_seconds, Iterable, AsyncIterable)
        config, state = self._config.with_rate_limit(requests_per_second), self._get_state()
        driver = state.driver()

        async def produce(refs: Refs, sink: Sink) -> None:
            run = BatchRun(config, driver, concurrency, sink, total_seconds, outage_seconds)
            await run.run(refs)

        outcomes = AsyncOutcomes(refs, concurrency=concurrency, producer=produce, tasks=self._tasks)
        self._runs.add(outcomes)
        return outcomes

    async def close(self) -> None:
        """Close all connections and end all runs. Entering the client again opens it."""
        state, self._state = self._state, None
        if state is None:
            return
        if state.loop is _running_loop():
            await shielded(self._close(state))
        elif state.loop.is_closed():
            await shielded(state.close())
        else:
            self._state = state
            raise ConfigurationError("the client belongs to another event loop: close it there")

    async def __aenter__(self) -> Self:
        loop = _running_loop()
        if loop is None or asyncio.current_task() is None:
            message = (
                "AsyncClient needs an asyncio event loop, got no loop or the loop of another library, for example trio"
            )
            raise ConfigurationError(f"{message}: use Client there, in a thread")
        if self._state and not self._state.loop.is_closed():
            raise ConfigurationError("the client is already entered: share it, or leave its `async with` block first")
        await self.close()  # removes what is left of a closed loop
        self._reset_runs()
        transport = open_async_transport(self._network, self._config.base_urls)
        self._state = LoopState(loop, transport, AsyncTokenManager(self._config.token_caches))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _close(self, state: LoopState) -> None:
        try:
            await self._close_runs()
        finally:
            await state.close()

    async def _close_runs(self) -> None:
        for outcomes in list(self._runs):
            await outcomes.close()
        if left := [task for task in self._tasks if task.cancel()]:  # tasks of runs that nothing refers to any more
            await asyncio.wait(left)

    async def _list(self, fetch: ListFetch) -> AsyncIterator[ConversationRef]:
        response = await self._get_state().driver().run(fetch)
        for ref in fetch.refs(response):
            yield ref

    def _get_state(self) -> LoopState:
        if self._state is None:
            raise ConfigurationError("the client is closed: use it in an `async with` block")
        if self._state.loop is not _running_loop():
            raise ConfigurationError(
                "the client belongs to another event loop: use it in an `async with` block of this loop"
            )
        return self._state


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
