"""Drivers that perform the steps of a fetch, blocking and asynchronous.

They differ by `await`, and by the context that the asynchronous driver enters while it waits.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import NoReturn

from conversas.client.auth import Token
from conversas.client.fetch import Fetch, GetToken, Sleep, Step, Steps
from conversas.errors import ConversasError
from conversas.transport.messages import Request, Response, TransportFailure

StepResult = Response | TransportFailure | Token | None


def _throw(steps: Steps, error: ConversasError) -> NoReturn:
    """Raise the error of a step inside the fetch, which adds what it knows to the error."""
    steps.throw(error)
    raise error


class Driver:
    """Blocking driver of fetches."""

    def __init__(
        self,
        send: Callable[[Request], Response | TransportFailure],
        get_token: Callable[[str, Token | None], Token],
    ) -> None:
        self._send, self._get_token = send, get_token

    def run(self, fetch: Fetch) -> Response:
        """Perform all steps, and return the response to decode."""
        steps = fetch.steps()
        step = next(steps)
        while True:
            try:
                result = self._perform(step, fetch)
            except ConversasError as error:
                _throw(steps, error)
            try:
                step = steps.send(result)
            except StopIteration as end:
                response: Response = end.value
                return response

    def _perform(self, step: Step, fetch: Fetch) -> StepResult:
        match step:
            case Request():
                return self._send(step)
            case GetToken():
                return self._get_token(fetch.ref.provider, step.rejected)
            case Sleep():
                time.sleep(step.seconds)
                return None


class AsyncDriver:
    """Asynchronous driver of fetches."""

    def __init__(
        self,
        send: Callable[[Request], Awaitable[Response | TransportFailure]],
        get_token: Callable[[str, Token | None], Awaitable[Token]],
        waiting: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
    ) -> None:
        self._send, self._get_token, self._waiting = send, get_token, waiting

    def with_waiting(self, waiting: Callable[[], AbstractAsyncContextManager[object]]) -> "AsyncDriver":
        """Return a driver that enters this context for each step that sends nothing."""
        return AsyncDriver(self._send, self._get_token, waiting)

    async def run(self, fetch: Fetch) -> Response:
        """Perform all steps, and return the response to decode."""
        steps = fetch.steps()
        step = next(steps)
        while True:
            try:
                result = await self._perform(step, fetch)
            except ConversasError as error:
                _throw(steps, error)
            try:
                step = steps.send(result)
            except StopIteration as end:
                response: Response = end.value
                return response

    async def _perform(self, step: Step, fetch: Fetch) -> StepResult:
        match step:
            case Request():
                return await self._send(step)
            case GetToken():
                async with self._waiting():
                    return await self._get_token(fetch.ref.provider, step.rejected)
            case Sleep():
                async with self._waiting():
                    await asyncio.sleep(step.seconds)
                return None
