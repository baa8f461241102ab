"""The same calls for either client, so that one test covers both."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from conversas import AsyncClient, Client, ConversasError, Conversation, ConversationRef, Failed, Fetched, Retry

Kind = type[Client] | type[AsyncClient]


class ByRun(Client):
    """A client that gets one conversation as a run of many does."""

    def get(self, ref: ConversationRef | str, *, timeout: Any = None) -> Conversation:
        assert timeout is None, "a run has that of its client"
        (outcome,) = self.get_many([ref], outage_seconds=2.0)
        if isinstance(outcome, Failed):
            raise outcome.error
        return outcome.conversation


each_client = pytest.mark.parametrize("kind", [Client, AsyncClient], ids=["blocking", "awaiting"])
each_engine = pytest.mark.parametrize("engine", ["pycurl", "httpx"])
each_sender = pytest.mark.parametrize("kind", [Client, AsyncClient, ByRun], ids=["blocking", "awaiting", "by a run"])

QUICK = Retry(initial_backoff_seconds=0.001)
"""Retries as often as by default, and hardly waits where the platform does not say how long."""


def quick(attempts: int) -> Retry:
    return Retry(attempts=attempts, initial_backoff_seconds=0.001)


def get(kind: Kind, ref: ConversationRef | str, *platforms: Any, timeout: Any = None, **options: Any) -> Conversation:
    """Open a client, get one conversation, and close it."""
    options = {"retry": QUICK, **options}
    if issubclass(kind, ByRun) and timeout is not None:
        options["timeout"], timeout = timeout, None
    if issubclass(kind, Client):
        with kind(*platforms, **options) as client:
            return client.get(ref, timeout=timeout)

    async def run() -> Conversation:
        async with kind(*platforms, **options) as client:
            return await client.get(ref, timeout=timeout)

    return asyncio.run(run())


def get_each(kind: Kind, refs: Iterable[ConversationRef | str], *platforms: Any, **options: Any) -> list[Conversation]:
    """Open a client, get one after the other, and close it. A ref is read when the one before it is there."""
    options = {"retry": QUICK, **options}
    if issubclass(kind, Client):
        with kind(*platforms, **options) as client:
            return [client.get(ref) for ref in refs]

    async def run() -> list[Conversation]:
        async with kind(*platforms, **options) as client:
            return [await client.get(ref) for ref in refs]

    return asyncio.run(run())


def get_many(
    kind: Kind,
    refs: Iterable[ConversationRef | str],
    *platforms: Any,
    concurrency: int = 4,
    requests_per_second: float | None = None,
    total_seconds: Any = None,
    outage_seconds: Any = 2.0,
    into: list[Fetched | Failed] | None = None,
    **options: Any,
) -> list[Fetched | Failed]:
    """Open a client, get many conversations, and close it. `into` has the outcomes even where the run is stopped."""
    options = {"retry": QUICK, **options}
    rate: dict[str, Any] = {
        "concurrency": concurrency,
        "requests_per_second": requests_per_second,
        "total_seconds": total_seconds,
        "outage_seconds": outage_seconds,
    }
    outcomes = [] if into is None else into
    if issubclass(kind, Client):
        with kind(*platforms, **options) as client:
            outcomes.extend(client.get_many(refs, **rate))
            return outcomes

    async def run() -> None:
        async with kind(*platforms, **options) as client:
            async for outcome in client.get_many(refs, **rate):
                outcomes.append(outcome)  # what came before an error is wanted, too

    asyncio.run(run())
    return outcomes


def failure(kind: Kind, ref: ConversationRef | str, *platforms: Any, **options: Any) -> ConversasError:
    """Return the error that getting a conversation raises."""
    with pytest.raises(ConversasError) as raised:
        get(kind, ref, *platforms, **options)
    return raised.value


def stopped(kind: Kind, refs: Iterator[str], *platforms: Any, **options: Any) -> tuple[ConversasError, list[Any]]:
    """Return the error that a run ends with, and the outcomes before."""
    outcomes: list[Any] = []
    with pytest.raises(ConversasError) as raised:
        get_many(kind, refs, *platforms, into=outcomes, **options)
    return raised.value, outcomes
