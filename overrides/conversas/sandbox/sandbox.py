"""The sandbox: a local server that imitates the providers, with faults on request."""

from collections import deque
from collections.abc import Iterable, Mapping
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conversas.records.ref import ConversationRef
from conversas.sandbox.app import RequestHandler
from conversas.sandbox.auth import TokenIssuer
from conversas.sandbox.bodies import body, canonical_ref, custom_bodies
from conversas.sandbox.dialogues.phrases import preload
from conversas.sandbox.faults import Rule
from conversas.sandbox.platforms import get_platform, platforms
from conversas.sandbox.request_log import Counts, Request, RequestLog
from conversas.sandbox.server import HOST, Server
from conversas.sandbox.token_bucket import TokenBucket

if TYPE_CHECKING:
    from conversas.providers.base import ProviderConfig
    from conversas.providers.superagentes import Superagentes
    from conversas.providers.zild import Zild

HOUR = 3_600.0


class Sandbox:
    """A server on 127.0.0.1 that responds like Zild and Superagentes. It runs inside a `with` block, in its own thread.

    Args:
        seed: The same seed makes the same conversations and the same faults, in any order of requests.
        bodies: Custom bodies by ref, such as `zild:123`, served unchanged. All other conversations are made up.
        rules: The faults; see `Rule`.
        requests_per_second: The rate limit of each provider; requests over it get a 429.
        burst: The maximum number of requests at once after a pause; by default `requests_per_second`, and at least 1.
        retry_after: Whether a 429 over the rate limit has a `Retry-After`.
        port: The port to serve on; 0 for a free port.
        token_lifetime_seconds: The lifetime of the tokens in `zild`, `provider` and `env`, if they expire.

    Raises:
        ConfigurationError: A ref in `bodies` is invalid, or a provider of another package cannot be used.
        ValueError: `requests_per_second` is not above 0, `burst` is below 1 or set without `requests_per_second`, or a
            ref in `bodies` has an unknown provider or an invalid id.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        bodies: Mapping[str, bytes] | None = None,
        rules: Iterable[Rule] = (),
        requests_per_second: float | None = None,
        burst: float | None = None,
        retry_after: bool = False,
        port: int = 0,
        token_lifetime_seconds: float = HOUR,
    ) -> None:
        self._seed, self._port, self._token_lifetime_seconds = seed, port, token_lifetime_seconds
        self._custom_bodies = custom_bodies(bodies or {})
        self._issuers, self._log = {name: TokenIssuer() for name in platforms()}, RequestLog()
        self._tokens: dict[str, str] = {}
        self._server: Server | None = None
        self._handler = RequestHandler(
            seed=seed,
            platforms=platforms(),
            custom_bodies=self._custom_bodies,
            issuers=self._issuers,
            log=self._log,
            buckets=_buckets(requests_per_second, burst),
            sends_retry_after=retry_after,
            rules=list(rules),
        )

    def __enter__(self) -> Self:
        """Start the server.

        Raises:
            OSError: The port is in use, or not permitted.
            RuntimeError: The sandbox is already serving.
        """
        if self._server is not None:
            raise RuntimeError("the sandbox is already serving")
        preload()  # here: in the server's event loop, it would delay every connection
        self._server = Server.start(self._port, self._handler.handle)
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Close all connections, even in the middle of a response, and end the thread."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    @property
    def url(self) -> str:
        """The address of the server, for example `http://127.0.0.1:43117`.

        Raises:
            RuntimeError: The sandbox is not serving.
        """
        if self._server is None:
            raise RuntimeError("the sandbox is not serving; use it in a block `with Sandbox() as sandbox:`")
        return f"http://{HOST}:{self._server.port}"

    @property
    def zild(self) -> "Zild":
        """The configuration with which a client uses this sandbox as Zild, always with the same token."""
        from conversas.providers.zild import Zild

        config = self.provider(Zild.name)
        assert isinstance(config, Zild)
        return config

    @property
    def superagentes(self) -> "Superagentes":
        """The configuration with which a client uses this sandbox as Superagentes, always with the same key."""
        from conversas.providers.superagentes import Superagentes

        config = self.provider(Superagentes.name)
        assert isinstance(config, Superagentes)
        return config

    def provider(self, name: str) -> "ProviderConfig":
        """Return the configuration with which a client uses this sandbox as a provider, always with the same token.

        Raises:
            RuntimeError: The sandbox is not serving.
            ValueError: The provider is unknown.
        """
        return get_platform(name).config(self.url, self._token(name))

    @property
    def env(self) -> dict[str, str]:
        """Environment variables with which a client uses this sandbox, such as `ZILD_BASE_URL`, with the same tokens.

        Raises:
            RuntimeError: The sandbox is not serving.
        """
        return {
            name: value
            for provider, platform in platforms().items()
            for name, value in platform.env(self.url, self._token(provider)).items()
        }

    @property
    def rules(self) -> list[Rule]:
        """The rules for faults. The first rule that applies to a request wins.

        The list may be changed at any time. A new list resets the number of requests for each conversation.
        """
        return self._handler.rules

    @rules.setter
    def rules(self, rules: Iterable[Rule]) -> None:
        self._handler.replace_rules(list(rules))

    @property
    def counts(self) -> Counts:
        """Counts of requests, responses and faults up to now, which do not change later."""
        return self._log.counts()

    @property
    def requests(self) -> deque[Request]:
        """The last 1,000 requests up to now, the oldest first."""
        return self._log.requests()

    def wait_for_requests(self, count: int, *, timeout_seconds: float = 60.0) -> bool:
        """Wait until `count` requests have been received in total. Return False after a timeout."""
        return self._log.wait_for_requests(count, timeout_seconds)

    def issue_token(self, provider: str, *, lifetime_seconds: float = HOUR) -> str:
        """Return a new token: a JWT for Zild, whose lifetime may be negative; a key without expiry for Superagentes.

        Raises:
            ValueError: The provider is unknown.
        """
        platform = get_platform(provider)
        return platform.issue_token(self._issuers[provider], lifetime_seconds)

    def revoke(self, token: str) -> None:
        """Reject a token from now on."""
        for issuer in self._issuers.values():
            issuer.revoke(token)

    def body(self, ref: ConversationRef | str, *, messages: int | None = None) -> bytes:
        """Return the body that the sandbox serves, without faults, for a conversation such as `zild:123`.

        Raises:
            ConfigurationError: The ref is invalid.
            ValueError: The provider is unknown, the id is invalid, or `messages` is negative or set for a custom body.
        """
        canonical = canonical_ref(ref)
        custom = self._custom_bodies.get(canonical)
        if custom is None:
            return body(canonical.provider, canonical.id, seed=self._seed, messages=messages)
        if messages is not None:
            raise ValueError("messages cannot be set for a custom body")
        return custom

    def _token(self, provider: str) -> str:
        if provider not in self._tokens:
            self._tokens[provider] = self.issue_token(provider, lifetime_seconds=self._token_lifetime_seconds)
        return self._tokens[provider]

    def __repr__(self) -> str:
        return f"<Sandbox {self.url if self._server else 'not serving'}, seed {self._seed}, {len(self.rules)} rules>"


def _buckets(per_second: float | None, burst: float | None) -> dict[str, TokenBucket]:
    if per_second is None:
        if burst is not None:
            raise ValueError("burst needs requests_per_second")
        return {}
    if not 0 < per_second < float("inf"):
        raise ValueError(f"requests_per_second must be a positive number, got {per_second}")
    size = max(1.0, per_second) if burst is None else burst
    if not 1 <= size < float("inf"):
        raise ValueError(f"burst must be 1 or more, got {burst}")
    return {provider: TokenBucket.full(per_second, size, monotonic()) for provider in platforms()}
