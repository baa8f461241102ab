"""The awaiting client."""

import asyncio
from collections.abc import AsyncIterable, Iterable
from typing import Self
from weakref import WeakSet

from attrs import define

from conversas.client.auth import AsyncAsker
from conversas.client.base import Twin
from conversas.client.batch import Deliver, Run
from conversas.client.driver import AsyncDriver
from conversas.client.results import AsyncOutcomes, ManyRefs, Refs, check_many
from conversas.client.retry import Timeout
from conversas.errors import ConfigurationError
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef, as_ref
from conversas.transport.httpx_transport import AsyncSender, AsyncTransport, check_transport
from conversas.transport.lifecycle import to_the_end
from conversas.transport.selection import BulkSender, fast_sender


@define(eq=False)
class Opened:
    """What the client has in one event loop."""

    loop: asyncio.AbstractEventLoop
    sender: AsyncSender
    asker: AsyncAsker
    bulk_sender: BulkSender | None = None
    """What runs of many share, once there was one. It may be the other one."""

    def driver(self, sender: BulkSender) -> AsyncDriver:
        return AsyncDriver(sender.send, self.asker.ask)

    async def close(self) -> None:
        """Close all connections. Those of a loop that was closed under them are lost with it."""
        if self.loop.is_closed():
            return
        try:
            await self.sender.close()
        finally:
            if self.bulk_sender and self.bulk_sender is not self.sender:
                await self.bulk_sender.close()


class AsyncClient(Twin):
    """Gets conversations: `async with AsyncClient(Zild(...)) as client: await client.get("zild:123")`.

    The `async with` block opens and closes its connections. It can be entered again, also in another event loop, but
    belongs to one loop at a time.
    """

    def _prepare(self) -> None:
        check_transport(self._network.transport, AsyncTransport)
        self._open: Opened | None = None
        self._forget_runs()

    def _forget_runs(self) -> None:
        self._runs = WeakSet[AsyncOutcomes]()
        self._tasks = set[asyncio.Task[None]]()

    async def get(self, ref: ConversationRef | str, *, timeout: Timeout | float | None = None) -> Conversation:
        """Get one conversation. `timeout` takes the place of the client's for this call.

        Raises:
            ConfigurationError: Nothing was sent: the ref is none, or the token cannot be used.
            AuthenticationError: The token is refused, or has expired.
            PermissionDeniedError: The token does not open this conversation.
            NotFoundError: There is no such conversation.
            RateLimitedError: Too many requests, also after retries, or the wait asked for is too long.
            ServerError: The platform failed, also after retries.
            BodyTooLargeError: The body is longer than `max_body_bytes`.
            ApiError: Another status than 200.
            TransportError: No answer came, also after retries.
            DecodeError: The body is no conversation.
            DriftError: The body differs from the spec, and on_drift="raise".
        """
        fetch = self._sources.fetch(as_ref(ref), timeout)
        opened = self._opened()
        return fetch.read(await opened.driver(opened.sender).drive(fetch)).conversation

    def get_many(
        self,
        refs: ManyRefs,
        *,
        concurrency: int = 16,
        requests_per_second: float | None = None,
        total_seconds: float | None = None,
    ) -> AsyncOutcomes:
        """Get many conversations, and give what became of each as it comes: `Fetched` or `Failed`.

        Refs are read as they are needed, and may be endless. One that is being fetched already is left out. The result
        is an iterator, and a context manager: leaving it, or the client, ends all work.

        Where it is no use to go on with a platform, because its token is refused, no connection is made, or it asks for
        a longer wait than `Retry` allows, its other refs are left out, and the error is raised once the rest is done.

        Args:
            refs: What to get.
            concurrency: How many are fetched at a time.
            requests_per_second: How many requests each platform gets at most; None is without limit.
            total_seconds: For the whole run, beginning with the first outcome that is asked for; what is under way then
                is given up, and a TransportError with the reason RunTimeout is raised.

        Raises:
            ConfigurationError: An argument is none of these, or, while it runs, a ref is none.
            ConversasError: What stopped the run for a platform, or the end of its time.
        """
        check_many(refs, concurrency, total_seconds, Iterable, AsyncIterable)
        sources, opened = self._sources.at_rate(requests_per_second), self._opened()
        driver = opened.driver(self._bulk_sender(opened))

        async def work(refs: Refs, deliver: Deliver) -> None:
            await Run(sources, driver, concurrency, total_seconds).work(refs, deliver)

        outcomes = AsyncOutcomes(refs, concurrency=concurrency, work=work, tasks=self._tasks)
        self._runs.add(outcomes)
        return outcomes

    async def close(self) -> None:
        """Close all connections and end all work. Entering the client again opens it."""
        opened, self._open = self._open, None
        if opened is None:
            return
        if opened.loop is asyncio.get_running_loop():
            await to_the_end(self._end(opened))
        elif opened.loop.is_closed():
            await to_the_end(opened.close())
        else:
            self._open = opened
            raise ConfigurationError("the client is of another event loop: close it there")

    async def __aenter__(self) -> Self:
        if self._open and not self._open.loop.is_closed():
            raise ConfigurationError("the client is entered already: share it, or leave its `async with` first")
        await self.close()  # what was left in a loop that is closed
        self._forget_runs()
        asker = AsyncAsker({name: source.tokens for name, source in self._sources.by_name.items()})
        sender = AsyncSender(self._network, self._sources.base_urls)
        self._open = Opened(asyncio.get_running_loop(), sender, asker)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _end(self, opened: Opened) -> None:
        try:
            await self._end_runs()
        finally:
            await opened.close()

    async def _end_runs(self) -> None:
        for outcomes in list(self._runs):
            await outcomes.close()
        if left := [task for task in self._tasks if task.cancel()]:  # of runs that nobody holds any more
            await asyncio.wait(left)

    def _opened(self) -> Opened:
        if self._open is None:
            raise ConfigurationError("the client is closed: use it in an `async with` block")
        if self._open.loop is not _running_loop():
            raise ConfigurationError("the client is of another event loop: use it in an `async with` block of this one")
        return self._open

    def _bulk_sender(self, opened: Opened) -> BulkSender:
        if opened.bulk_sender is None:
            new_sender = fast_sender(self._network, self._sources.base_urls)
            opened.bulk_sender = new_sender() if new_sender else opened.sender
        return opened.bulk_sender


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
