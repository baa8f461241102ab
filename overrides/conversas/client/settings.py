"""The platforms of one client, and how it asks them."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from attrs import evolve, frozen

from conversas.client.fetch import Fetch, OnDrift, Settings, Source
from conversas.client.rate_limiter import Limiter
from conversas.client.retry import Retry, Timeout
from conversas.errors import ConfigurationError
from conversas.providers import adapter_of
from conversas.providers.base import Platform
from conversas.providers.credentials import Given, Tokens
from conversas.records.ref import ConversationRef

MAX_BODY_BYTES = 64 * 1024 * 1024


@frozen
class Sources:
    """Each platform of a client by its name, and the options of the client."""

    by_name: dict[str, Source]
    settings: Settings

    @classmethod
    def of(
        cls, platforms: Sequence[Platform], *, retry: Retry, timeout: Timeout | float, on_drift: OnDrift, limit: int
    ) -> "Sources":
        """Check what a client was given.

        Raises:
            ConfigurationError: No platform, one of them twice, or an option that is none.
        """
        _check_options(retry, on_drift, limit)
        settings = Settings(retry, Timeout.of(timeout, Timeout()), on_drift, limit)
        by_name: dict[str, Source] = {}
        for platform in platforms:
            if platform.name in by_name:
                raise ConfigurationError(f"{platform.name} is given twice: make a client for each of the two")
            by_name[platform.name] = Source(platform, _tokens(platform), Limiter())
            _import_what_requests_need(platform.name)
        if not by_name:
            raise ConfigurationError("a client needs a platform: Client(Zild(...), Superagentes(...))")
        return cls(by_name, settings)

    @property
    def base_urls(self) -> list[str]:
        return [source.platform.base_url for source in self.by_name.values()]

    def at_rate(self, requests_per_second: float | None) -> "Sources":
        """Give the same platforms with a rate of their own; None keeps the one that all calls of the client share."""
        if requests_per_second is None:
            return self
        return evolve(
            self,
            by_name={
                name: evolve(source, limiter=Limiter(requests_per_second)) for name, source in self.by_name.items()
            },
        )

    def fetch(self, ref: ConversationRef, timeout: Timeout | float | None = None) -> Fetch:
        """Begin to fetch a conversation. Nothing is sent yet.

        Raises:
            ConfigurationError: The ref is of no platform of this client, or no id there; or the timeout is none.
        """
        source = self.by_name.get(ref.provider)
        if source is None:
            message = f"{ref}: this client has no platform of that name; it has {', '.join(self.by_name)}"
            raise ConfigurationError(message, provider=ref.provider, ref=ref)
        endpoint = adapter_of(ref.provider).endpoint(ref)
        return Fetch(ref, source, self.settings, Timeout.of(timeout, self.settings.timeout), endpoint)

    def forget_locks(self) -> None:
        """Make new locks, after a fork."""
        for source in self.by_name.values():
            source.limiter.forget_lock()

    def __str__(self) -> str:
        return ", ".join(self.by_name)


def _import_what_requests_need(provider: str) -> None:
    """Import before there are threads: a process that forks while a thread imports leaves the lock to its child."""
    import_module("encodings.idna")  # the first name of a host that is looked up brings it
    adapter_of(provider).endpoint(ConversationRef(provider, "1"))


def _tokens(platform: Platform) -> Tokens:
    tokens = Tokens(platform.name, platform.token, platform.token_tells_expiry)
    if isinstance(platform.token, str):
        tokens.take(Given(platform.token))
    return tokens


def _check_options(retry: Any, on_drift: Any, limit: Any) -> None:
    if not isinstance(retry, Retry):
        raise ConfigurationError("retry is a Retry, such as Retry(attempts=3)")
    if on_drift not in ("keep", "raise"):
        raise ConfigurationError('on_drift is "keep" or "raise"')
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigurationError("max_body_bytes is a whole number above 0")
