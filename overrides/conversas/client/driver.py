"""Does what the steps of a fetch say: blocking, and awaiting. The two differ by `await` and nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from conversas.client.fetch import Ask, Fetch, Pause, Step, Steps
from conversas.errors import ConversasError
from conversas.providers.credentials import Token
from conversas.transport.messages import Answer, NoAnswer, Request

Result = Answer | NoAnswer | Token | None


def _tell(steps: Steps, error: ConversasError) -> NoReturn:
    """Raise an error of a sender or an asker within the fetch, which puts into it what it knows."""
    steps.throw(error)
    raise error


class Driver:
    """Drives fetches, blocking."""

    def __init__(self, send: Callable[[Request], Answer | NoAnswer], ask: Callable[[str, Token | None], Token]) -> None:
        self._send, self._ask = send, ask

    def drive(self, fetch: Fetch) -> Answer:
        steps = fetch.steps()
        step = next(steps)
        while True:
            try:
                result = self._do(step, fetch)
            except ConversasError as error:
                _tell(steps, error)
            try:
                step = steps.send(result)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    def _do(self, step: Step, fetch: Fetch) -> Result:
        match step:
            case Request():
                return self._send(step)
            case Ask():
                return self._ask(fetch.ref.provider, step.refused)
            case Pause():
                time.sleep(step.seconds)
                return None


class AsyncDriver:
    """Drives fetches, awaiting."""

    def __init__(
        self,
        send: Callable[[Request], Awaitable[Answer | NoAnswer]],
        ask: Callable[[str, Token | None], Awaitable[Token]],
    ) -> None:
        self._send, self._ask = send, ask

    async def drive(self, fetch: Fetch) -> Answer:
        steps = fetch.steps()
        step = next(steps)
        while True:
            try:
                result = await self._do(step, fetch)
            except ConversasError as error:
                _tell(steps, error)
            try:
                step = steps.send(result)
            except StopIteration as end:
                answer: Answer = end.value
                return answer

    async def _do(self, step: Step, fetch: Fetch) -> Result:
        match step:
            case Request():
                return await self._send(step)
            case Ask():
                return await self._ask(fetch.ref.provider, step.refused)
            case Pause():
                await asyncio.sleep(step.seconds)
                return None
