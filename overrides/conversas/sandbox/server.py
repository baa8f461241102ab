"""Server on 127.0.0.1, in a thread with its own event loop."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from attrs import define, field, frozen

from conversas.sandbox.app import PlannedResponse
from conversas.sandbox.connection import Connection
from conversas.sandbox.request_log import Request

HOST = "127.0.0.1"
WAITING = 1_024  # maximum number of connections that wait to be accepted


@frozen
class Server:
    """A running server, from `start` until `stop`."""

    port: int
    _loop: asyncio.AbstractEventLoop = field(repr=False)
    _stopping: asyncio.Event = field(repr=False)
    _thread: Thread = field(repr=False)

    @classmethod
    def start(cls, port: int, handle: Callable[[Request], PlannedResponse]) -> "Server":
        """Listen on a port; 0 selects a free port. `handle` is called in the server's thread, never concurrently.

        Raises:
            OSError: The port is in use, or not permitted.
        """
        listening = socket.create_server((HOST, port), backlog=WAITING)
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        thread = Thread(target=_run, args=(listening, handle, started), name="conversas-sandbox", daemon=True)
        thread.start()
        loop, stopping = started.result()
        return cls(listening.getsockname()[1], loop, stopping, thread)

    def stop(self) -> None:
        """Close all connections, even in the middle of a response, and end the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()


def _run(
    listening: socket.socket,
    handle: Callable[[Request], PlannedResponse],
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    try:
        asyncio.run(_Connections(handle).serve(listening, started))
    except Exception as error:
        if started.done():
            raise
        listening.close()
        started.set_exception(error)


@define
class _Connections:
    """The open connections."""

    handle: Callable[[Request], PlannedResponse]
    _open: dict[asyncio.Task[None], asyncio.WriteTransport] = field(
        factory=dict[asyncio.Task[None], asyncio.WriteTransport], init=False
    )

    async def serve(
        self, listening: socket.socket, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]
    ) -> None:
        stopping = asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=listening)
        started.set_result((asyncio.get_running_loop(), stopping))
        await stopping.wait()
        while accepting := asyncio.all_tasks() - {asyncio.current_task(), *self._open}:
            await asyncio.wait(accepting)  # close() would leave open a connection that asyncio has half accepted
        server.close()
        while self._open:
            for task, transport in self._open.items():
                transport.abort()
                task.cancel()
            await asyncio.wait(self._open)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(Connection(reader, writer, self.handle).serve())
        self._open[task] = writer.transport
        task.add_done_callback(self._open.pop)
