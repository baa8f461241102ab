"""The blocking client."""

import asyncio
import contextlib
import os
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Self
from weakref import WeakSet

from conversas.client.auth import Token, TokenManager
from conversas.client.base import BaseClient
from conversas.client.batch import BatchRun, Refs
from conversas.client.driver import AsyncDriver, Driver
from conversas.client.lane import Sink
from conversas.client.list_fetch import ListFetch
from conversas.client.results import Outcomes, validate_arguments
from conversas.client.retry import Timeout
from conversas.errors import ConfigurationError
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef, coerce_ref
from conversas.transport.httpx_transport import ThreadPoolTransport, Transport, validate_transport
from conversas.transport.messages import Request, Response, TransportFailure
from conversas.transport.selection import (
    AwaitingTransport,
    BlockingTransport,
    open_async_transport,
    open_transport,
)

_CLOSED = "the client is closed: use it in a `with` block"


class Client(BaseClient):
    """Blocking client: `with Client(Zild(...), Superagentes(...)) as client: client.get("zild:123")`.

    The `with` block closes the connections. The client can be entered again. It is thread-safe. After a fork, the child
    process opens its own connections.
    """

    def _setup(self) -> None:
        validate_transport(self._network.transport, Transport)
        # opened here, before there are threads: opening imports modules, and a fork during an import blocks the child
        self._transport: BlockingTransport | None = self._open_transport()
        self._entered = self._closed = False
        self._runs = WeakSet[Outcomes]()
        self._reset_locks()
        _CLIENTS.add(self)

    def get(self, ref: ConversationRef | str, *, timeout: Timeout | float | None = None) -> Conversation:
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
        fetch = self._config.fetch(coerce_ref(ref), timeout)
        response = Driver(self._send, self._tokens.get_token).run(fetch)
        return fetch.decode(response).conversation

    def list_refs(
        self, provider: str, *, status: str | None = None, agent_id: str | None = None
    ) -> Iterator[ConversationRef]:
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
        refs: Iterable[ConversationRef | str],
        *,
        concurrency: int = 16,
        requests_per_second: float | None = None,
        total_seconds: float | None = None,
        outage_seconds: float = 300.0,
    ) -> Outcomes:
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
        validate_arguments(refs, concurrency, total_seconds, outage_seconds, Iterable)
        config = self._config.with_rate_limit(requests_per_second)

        async def produce(refs: Refs, sink: Sink) -> None:
            transport = self._open_batch_transport(concurrency)
            try:
                driver = AsyncDriver(transport.send, self._get_token_in_thread)
                run = BatchRun(config, driver, concurrency, sink, total_seconds, outage_seconds)
                await run.run(refs)
            finally:
                await _close_to_the_end(transport)

        self._get_transport()
        outcomes = Outcomes(refs, prefetch=(1 + len(config.by_name)) * concurrency, producer=produce)
        with self._state_lock:
            if self._closed:
                raise ConfigurationError(_CLOSED)
            self._runs.add(outcomes)
        return outcomes

    def close(self) -> None:
        """Close all connections and end all runs. Entering the client again opens it."""
        with self._state_lock:
            transport, self._transport, self._closed = self._transport, None, True
            runs = list(self._runs)
        for outcomes in runs:
            outcomes.close()
        if transport:
            transport.close()

    def __enter__(self) -> Self:
        if self._entered:
            raise ConfigurationError("the client is already entered: share it, or leave its `with` block first")
        self._entered, self._closed = True, False
        return self

    def __exit__(self, *_: object) -> None:
        self._entered = False
        self.close()

    def _list(self, fetch: ListFetch) -> Iterator[ConversationRef]:
        response = Driver(self._send, self._tokens.get_token).run(fetch)
        yield from fetch.refs(response)

    def _send(self, request: Request) -> Response | TransportFailure:
        return self._get_transport().send(request)

    def _get_transport(self) -> BlockingTransport:
        transport = self._transport
        if transport is None:
            with self._state_lock:
                if self._closed:
                    raise ConfigurationError(_CLOSED)
                transport = self._transport = self._transport or self._open_transport()
        return transport

    def _open_transport(self) -> BlockingTransport:
        return open_transport(self._network, self._config.base_urls)

    def _open_batch_transport(self, concurrency: int) -> AwaitingTransport:
        if self._network.transport:
            return ThreadPoolTransport(self._get_transport().send, concurrency)
        return open_async_transport(self._network, self._config.base_urls)

    async def _get_token_in_thread(self, provider: str, rejected: Token | None) -> Token:
        return await asyncio.to_thread(self._tokens.get_token, provider, rejected)

    def _reset_locks(self) -> None:
        self._state_lock = Lock()
        self._tokens = TokenManager(self._config.token_caches)

    def _reset_after_fork(self) -> None:
        """Leave the connections to the parent process, and replace the locks, which its threads may hold."""
        _PARENT_TRANSPORTS.append(self._transport)
        self._transport, self._runs = None, WeakSet[Outcomes]()
        self._reset_locks()
        self._config.reset_locks()


async def _close_to_the_end(transport: AwaitingTransport) -> None:
    """Close a transport completely, even if the run is being cancelled. No cancellation is raised afterwards."""
    closing = asyncio.ensure_future(transport.close())
    while not closing.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(closing)


_CLIENTS = WeakSet[Client]()
_PARENT_TRANSPORTS: list[object] = []  # never garbage-collected, because this would close them


def _reset_all() -> None:
    for client in list(_CLIENTS):
        client._reset_after_fork()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # defined in this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
