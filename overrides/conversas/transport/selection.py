"""What sends the requests of a run of many: connections of its own, where they can do it; else httpx."""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from conversas.transport.httpx_transport import Network
from conversas.transport.messages import Answer, NoAnswer, Request


class BulkSender(Protocol):
    """Sends requests in one event loop."""

    async def send(self, request: Request) -> Answer | NoAnswer: ...
    async def close(self) -> None: ...


def fast_sender(network: Network, base_urls: Iterable[str]) -> Callable[[], BulkSender] | None:
    """Give what makes a fast sender, to be called in its event loop; None where httpx has to do.

    That is without the extra `fast`, with a transport of the user's, which is one of httpx, and by way of a proxy.
    It is imported here, in the thread of the caller, as a process that forks during an import locks its child out.
    """
    if network.transport or find_spec("httptools") is None:
        return None
    if any(way.proxy for way in network.ways(base_urls).values()):
        return None
    return partial(import_module("conversas.transport.connection_pool").FastSender, network, base_urls)
