"""Tokens of a client: cached until they expire or are rejected, then refreshed once for all fetches that wait."""

import asyncio
import inspect
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from attrs import define, field, frozen

from conversas.errors import ConfigurationError
from conversas.providers.credentials import Secret, TokenFile, TokenSource, jwt_expiry, strip_scheme, validate_token

LEEWAY_SECONDS = 60.0  # clocks differ, so a token is still sent for this time after it expired

_COROUTINE_SOURCE = "token is a coroutine function, which AsyncClient accepts; pass a plain function to Client"


@frozen(eq=False)
class Token:
    """Token from its source, without `Bearer `. Tokens that were fetched separately are never equal."""

    value: str = field(repr=False)
    expires_at: float | None = None
    """Time of expiry, in seconds since 1970; None if unknown."""

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at + LEEWAY_SECONDS < time.time()


@define(repr=False)
class TokenCache:
    """The token of one provider, kept until it is rejected or expires."""

    provider: str
    source: TokenSource
    is_jwt: bool
    """Whether the tokens of this provider are JWTs, whose expiry can be read."""
    _token: Token | None = None

    def current(self, rejected: Token | None) -> Token | None:
        """Return the token to send; None if the source must be called, for example after a rejection."""
        if isinstance(self.source, str):
            return self._token
        return None if isinstance(self.source, TokenFile) and self.source.has_changed else self.unexpired(rejected)

    def unexpired(self, rejected: Token | None) -> Token | None:
        """Return the cached token if it is still usable.

        While another program writes the token file, this is the previous token.
        """
        token = self._token
        return None if token is None or token is rejected or token.has_expired else token

    def is_replaced(self, rejected: Token) -> bool:
        """Return whether another token is cached, or the token file has changed. No source is called."""
        if isinstance(self.source, TokenFile) and self.source.has_changed:
            return True
        return self._token is not None and self._token is not rejected

    @property
    def has_worked(self) -> bool:
        """Whether the source has ever returned a valid token."""
        return self._token is not None

    @property
    def renewable(self) -> bool:
        return not isinstance(self.source, str)

    def store(self, secret: Secret) -> Token:
        """Validate and cache what the source returned.

        Raises:
            ConfigurationError: The value cannot be sent as a token.
        """
        problem = validate_token(secret)
        if problem:
            raise ConfigurationError(f"{self.provider}: {problem}", provider=self.provider)
        text = strip_scheme(secret)
        self._token = Token(text, jwt_expiry(text) if self.is_jwt else None)
        return self._token


class TokenManager:
    """Manager that refreshes a token in the thread that needs it.

    Raises:
        ConfigurationError: The token of a provider is a coroutine function.
    """

    def __init__(self, caches: Mapping[str, TokenCache]) -> None:
        self._caches = caches
        self._locks = {name: Lock() for name in caches}
        for name, cache in caches.items():
            if _is_coroutine_function(cache.source):
                raise ConfigurationError(f"{name}: {_COROUTINE_SOURCE}", provider=name)

    def get_token(self, provider: str, rejected: Token | None) -> Token:
        """Return the provider's token, refreshing it at most once per rejected token.

        Raises:
            ConfigurationError: The source returned no valid token.
        """
        cache = self._caches[provider]
        with self._locks[provider]:
            try:
                return cache.current(rejected) or cache.store(self._call_source(cache))
            except ConfigurationError:
                if token := cache.unexpired(rejected):
                    return token
                raise

    def _call_source(self, cache: TokenCache) -> Secret:
        source: Any = cache.source
        secret = Secret(_called(source))
        if inspect.iscoroutine(secret.value):
            secret.value.close()
            raise ConfigurationError(f"{cache.provider}: {_COROUTINE_SOURCE}", provider=cache.provider)
        return secret


class AsyncTokenManager:
    """Manager that refreshes a token in the event loop that needs it. A plain function runs in a thread."""

    def __init__(self, caches: Mapping[str, TokenCache]) -> None:
        self._caches = caches
        self._locks = {name: asyncio.Lock() for name in caches}

    async def get_token(self, provider: str, rejected: Token | None) -> Token:
        """Return the provider's token, refreshing it at most once per rejected token.

        Raises:
            ConfigurationError: The source returned no valid token.
        """
        cache = self._caches[provider]
        async with self._locks[provider]:
            try:
                return cache.current(rejected) or cache.store(await self._call_source(cache))
            except ConfigurationError:
                if token := cache.unexpired(rejected):
                    return token
                raise

    async def _call_source(self, cache: TokenCache) -> Secret:
        source: Any = cache.source
        is_plain = not _is_coroutine_function(source)
        secret = Secret(await asyncio.to_thread(_called, source) if is_plain else await source())
        if inspect.isawaitable(secret.value):
            secret.value = await secret.value
        return secret


def _called(source: Callable[[], Any]) -> Any:
    """Call a source, and return the result.

    Raises:
        RuntimeError: The source raised StopIteration. It would end a generator, and a future cannot hold it.
    """
    try:
        return source()
    except StopIteration as error:
        raise RuntimeError("the function that returns the token raised StopIteration") from error


def _is_coroutine_function(source: object) -> bool:
    call: object = getattr(source, "__call__", None)  # noqa: B004  # an object may have a coroutine as its __call__
    return inspect.iscoroutinefunction(source) or inspect.iscoroutinefunction(call)
