"""The blocking client."""

import asyncio
import contextlib
import os
from collections.abc import Iterable
from functools import partial
from threading import Lock
from typing import Self
from weakref import WeakSet

from conversas.client.auth import Asker
from conversas.client.base import Twin
from conversas.client.batch import Deliver, Run
from conversas.client.driver import AsyncDriver, Driver
from conversas.client.results import Outcomes, Refs, check_many
from conversas.client.retry import Timeout
from conversas.errors import ConfigurationError
from conversas.providers.credentials import Token
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef, as_ref
from conversas.transport.httpx_transport import AsyncSender, Sender, ThreadedSender, Transport, check_transport
from conversas.transport.messages import Answer, NoAnswer, Request
from conversas.transport.selection import BulkSender, fast_sender

_CLOSED = "the client is closed: use it in a `with` block"


class Client(Twin):
    """Gets conversations: `with Client(Zild(...), Superagentes(...)) as client: client.get("zild:123")`.

    The `with` block closes its connections. It can be entered again. Many threads may share a client; after a fork, the
    child makes connections of its own.
    """

    def _prepare(self) -> None:
        check_transport(self._network.transport, Transport)
        # made here, where there may be no threads yet: it imports, and a fork during an import locks the child out
        self._sender: Sender | None = Sender(self._network, self._sources.base_urls)
        self._entered = self._closed = False
        self._runs = WeakSet[Outcomes]()
        self._make_locks()
        _CLIENTS.add(self)

    def get(self, ref: ConversationRef | str, *, timeout: Timeout | float | None = None) -> Conversation:
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
        return fetch.read(Driver(self._send, self._asker.ask).drive(fetch)).conversation

    def get_many(
        self,
        refs: Iterable[ConversationRef | str],
        *,
        concurrency: int = 16,
        requests_per_second: float | None = None,
        total_seconds: float | None = None,
    ) -> Outcomes:
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
        check_many(refs, concurrency, total_seconds, Iterable)
        sources = self._sources.at_rate(requests_per_second)

        new_sender = fast_sender(self._network, sources.base_urls) or partial(self._slow_sender, concurrency)

        async def work(refs: Refs, deliver: Deliver) -> None:
            sender = new_sender()
            try:
                await Run(sources, AsyncDriver(sender.send, self._ask_in_thread), concurrency, total_seconds).work(
                    refs, deliver
                )
            finally:
                closing = asyncio.ensure_future(sender.close())
                while not closing.done():  # also where the run is ended just now
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.shield(closing)

        self._opened()
        outcomes = Outcomes(refs, concurrency=concurrency, work=work)
        with self._opening:
            if self._closed:
                raise ConfigurationError(_CLOSED)
            self._runs.add(outcomes)
        return outcomes

    def close(self) -> None:
        """Close all connections and end all work. Entering the client again opens it."""
        with self._opening:
            sender, self._sender, self._closed = self._sender, None, True
            runs = list(self._runs)
        for outcomes in runs:
            outcomes.close()
        if sender:
            sender.close()

    def __enter__(self) -> Self:
        if self._entered:
            raise ConfigurationError("the client is entered already: share it, or leave its `with` first")
        self._entered, self._closed = True, False
        return self

    def __exit__(self, *_: object) -> None:
        self._entered = False
        self.close()

    def _send(self, request: Request) -> Answer | NoAnswer:
        return self._opened().send(request)

    def _opened(self) -> Sender:
        sender = self._sender
        if sender is None:
            with self._opening:
                if self._closed:
                    raise ConfigurationError(_CLOSED)
                sender = self._sender = self._sender or Sender(self._network, self._sources.base_urls)
        return sender

    def _slow_sender(self, concurrency: int) -> BulkSender:
        own = self._network.transport
        return (
            ThreadedSender(self._opened(), concurrency) if own else AsyncSender(self._network, self._sources.base_urls)
        )

    async def _ask_in_thread(self, provider: str, refused: Token | None) -> Token:
        return await asyncio.to_thread(self._asker.ask, provider, refused)

    def _make_locks(self) -> None:
        self._opening = Lock()
        self._asker = Asker({name: source.tokens for name, source in self._sources.by_name.items()})

    def _renew_after_fork(self) -> None:
        """Leave, in the child, the connections to the parent, and the locks to threads that are not here."""
        _LEFT_TO_THE_PARENT.append(self._sender)
        self._sender, self._runs = None, WeakSet[Outcomes]()
        self._make_locks()
        self._sources.forget_locks()


_CLIENTS = WeakSet[Client]()
_LEFT_TO_THE_PARENT: list[object] = []  # never collected, as collecting would close them


def _renew_all() -> None:
    for client in list(_CLIENTS):
        client._renew_after_fork()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
