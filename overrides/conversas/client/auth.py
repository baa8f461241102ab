"""Asks for tokens, once for all who wait for one: blocking, and awaiting."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from conversas.errors import ConfigurationError
from conversas.providers.credentials import Given, Token, Tokens

_GIVE_A_PLAIN_ONE = "the token is a coroutine function, which AsyncClient takes; give Client a plain function"


class Asker:
    """Asks in the thread that needs a token.

    Raises:
        ConfigurationError: The token of a platform is a coroutine function.
    """

    def __init__(self, tokens: Mapping[str, Tokens]) -> None:
        self._tokens = tokens
        self._locks = {name: Lock() for name in tokens}
        for name, each in tokens.items():
            if _is_coroutine_function(each.source):
                raise ConfigurationError(f"{name}: {_GIVE_A_PLAIN_ONE}", provider=name)

    def ask(self, provider: str, refused: Token | None) -> Token:
        """Give the token of a platform; the source is asked only where nobody did since `refused` was refused.

        Raises:
            ConfigurationError: What the source gives is no token.
        """
        tokens = self._tokens[provider]
        with self._locks[provider]:
            try:
                return tokens.usable(refused) or tokens.take(self._given(tokens))
            except ConfigurationError:
                if token := tokens.at_hand(refused):
                    return token
                raise

    def _given(self, tokens: Tokens) -> Given:
        source: Any = tokens.source
        given = Given(_called(source))
        if inspect.iscoroutine(given.value):
            given.value.close()
            raise ConfigurationError(f"{tokens.provider}: {_GIVE_A_PLAIN_ONE}", provider=tokens.provider)
        return given


class AsyncAsker:
    """Asks in the event loop that needs a token; a plain function runs in a thread."""

    def __init__(self, tokens: Mapping[str, Tokens]) -> None:
        self._tokens = tokens
        self._locks = {name: asyncio.Lock() for name in tokens}

    async def ask(self, provider: str, refused: Token | None) -> Token:
        """Give the token of a platform; the source is asked only where nobody did since `refused` was refused.

        Raises:
            ConfigurationError: What the source gives is no token.
        """
        tokens = self._tokens[provider]
        async with self._locks[provider]:
            try:
                return tokens.usable(refused) or tokens.take(await self._given(tokens))
            except ConfigurationError:
                if token := tokens.at_hand(refused):
                    return token
                raise

    async def _given(self, tokens: Tokens) -> Given:
        source: Any = tokens.source
        is_plain = not _is_coroutine_function(source)
        given = Given(await asyncio.to_thread(_called, source) if is_plain else await source())
        if inspect.isawaitable(given.value):
            given.value = await given.value
        return given


def _called(source: Callable[[], Any]) -> Any:
    """Ask a source.

    Raises:
        RuntimeError: It raised StopIteration, which in a generator looks like its end, and which no future takes.
    """
    try:
        return source()
    except StopIteration as error:
        raise RuntimeError("the function that gives the token raised StopIteration") from error


def _is_coroutine_function(source: object) -> bool:
    call: object = getattr(source, "__call__", None)  # noqa: B004  # an object may have a coroutine as its __call__
    return inspect.iscoroutinefunction(source) or inspect.iscoroutinefunction(call)
