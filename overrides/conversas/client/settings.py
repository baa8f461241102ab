"""Configuration of a client: its providers, and its options."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from attrs import evolve, frozen

from conversas.client.auth import TokenCache
from conversas.client.fetch import Fetch, FetchOptions, OnDrift, ProviderState
from conversas.client.list_fetch import ListFetch
from conversas.client.rate_limiter import AdaptiveRateLimiter
from conversas.client.retry import Retry, Timeout, harmless
from conversas.errors import ConfigurationError
from conversas.providers import get_provider
from conversas.providers.base import ProviderConfig
from conversas.providers.credentials import Secret
from conversas.records.ref import ConversationRef

MAX_BODY_BYTES = 64 * 1024 * 1024


@frozen
class ClientConfig:
    """The providers of a client by name, and its options."""

    by_name: dict[str, ProviderState]
    options: FetchOptions

    @classmethod
    def from_providers(
        cls, configs: Sequence[ProviderConfig], *, retry: Retry, timeout: Timeout | float, on_drift: OnDrift, limit: int
    ) -> "ClientConfig":
        """Validate the arguments of a client.

        Raises:
            ConfigurationError: No provider is passed, a provider is passed twice, or an option is invalid.
        """
        _check_options(retry, on_drift, limit)
        options = FetchOptions(retry, Timeout.resolve(timeout, Timeout()), on_drift, limit)
        import_module("encodings.idna")  # the first look-up of a host would import it; see _state
        by_name: dict[str, ProviderState] = {}
        for config in configs:
            if config.name in by_name:
                raise ConfigurationError(f"{config.name} is passed twice; create a separate client for each account")
            by_name[config.name] = _state(config)
        if not by_name:
            raise ConfigurationError("a client must have a provider, got none; pass one, for example Client(Zild(...))")
        return cls(by_name, options)

    @property
    def base_urls(self) -> list[str]:
        return [state.config.base_url for state in self.by_name.values()]

    @property
    def token_caches(self) -> dict[str, TokenCache]:
        return {name: state.tokens for name, state in self.by_name.items()}

    def with_rate_limit(self, requests_per_second: float | None) -> "ClientConfig":
        """Return the same providers with separate rate limiters; None keeps the rate limiters that all calls share."""
        if requests_per_second is None:
            return self
        limited = {
            name: evolve(state, rate_limiter=AdaptiveRateLimiter(requests_per_second))
            for name, state in self.by_name.items()
        }
        return evolve(self, by_name=limited)

    def fetch(self, ref: ConversationRef, timeout: Timeout | float | None = None) -> Fetch:
        """Return the fetch of a conversation. Nothing is sent yet.

        Raises:
            ConfigurationError: The client has no such provider, or the id or the timeout is invalid.
        """
        state = self.by_name.get(ref.provider)
        if state is None:
            raise ConfigurationError(f"{ref}: {self._no_provider}", provider=ref.provider, ref=ref)
        request = state.provider.build_request(ref)
        return Fetch(ref, state, self.options, Timeout.resolve(timeout, self.options.timeout), request)

    def list_fetch(self, provider: str, status: str | None, agent_id: str | None) -> ListFetch:
        """Return the fetch of a list of conversations. Nothing is sent yet.

        Raises:
            ConfigurationError: The client has no such provider, its spec has no list, or a filter is invalid.
        """
        state = self.by_name.get(provider)
        if state is None:
            raise ConfigurationError(self._no_provider)
        return ListFetch.of(state, self.options, status, agent_id)

    @property
    def _no_provider(self) -> str:
        return f"this client has no provider of that name; it has {self}"

    def reset_locks(self) -> None:
        """Create new locks after a fork."""
        for state in self.by_name.values():
            state.rate_limiter.reset_lock()

    def __str__(self) -> str:
        return ", ".join(self.by_name)


def _state(config: ProviderConfig) -> ProviderState:
    """Return the state of a provider in a new client.

    Modules that requests need are imported now: after a fork during an import, the child has a lock that stays locked.
    """
    provider = get_provider(config.name)
    provider.load_endpoint()
    tokens = TokenCache(config.name, config.token, provider.token_is_jwt)
    if isinstance(config.token, str):
        tokens.store(Secret(config.token))
    return ProviderState(config, provider, tokens, AdaptiveRateLimiter())


def _check_options(retry: Any, on_drift: Any, limit: Any) -> None:
    if not isinstance(retry, Retry):
        raise ConfigurationError(f"`retry` must be a Retry, got {harmless(retry)}; for example Retry(attempts=3)")
    if on_drift not in ("keep", "raise"):
        raise ConfigurationError('`on_drift` must be "keep" or "raise"')
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigurationError(f"`max_body_bytes` must be a positive integer, got {harmless(limit)}")
