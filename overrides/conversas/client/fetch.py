"""Fetch of one conversation without any I/O: a generator of steps, and its outcome.

The generator yields `GetToken`, `Sleep` or a `Request`, and is sent a Token, None, or a Response or TransportFailure.
Errors of a step are thrown into the generator. The driver performs the steps and decides nothing.
"""

import logging
import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, Literal

from attrs import Factory, define, field, frozen

from conversas._version import __version__
from conversas.client.auth import Token, TokenCache
from conversas.client.rate_limiter import AdaptiveRateLimiter
from conversas.client.response_errors import error_for, parse_request_id
from conversas.client.retry import Retry, Timeout
from conversas.decoding.decoder import decode
from conversas.errors import (
    AuthenticationError,
    ConfigurationError,
    ConversasError,
    DecodeError,
    DecodeErrorReason,
    NotFoundError,
    RateLimitedError,
)
from conversas.providers.base import Provider, ProviderConfig
from conversas.providers.credentials import Secret
from conversas.providers.request import ConversationRequest, validate_headers
from conversas.records.conversation import Conversation
from conversas.records.enums import Note
from conversas.records.ref import ConversationRef
from conversas.transport.body_reader import ACCEPTED_ENCODING
from conversas.transport.messages import OK, Request, Response, TransportFailure

logger = logging.getLogger("conversas")
retry_logger = logging.getLogger("conversas.retry")

OnDrift = Literal["keep", "raise"]

TOO_MANY_REQUESTS = 429

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED_ENCODING,
    "User-Agent": f"conversas/{__version__}",
}


@frozen
class Fetched:
    """Outcome of a ref whose conversation was fetched. It matches the pattern `Fetched(ref, conversation)`."""

    ref: ConversationRef
    """The ref."""
    conversation: Conversation
    """Its conversation."""
    attempts: int = field(default=1, kw_only=True)
    """Number of requests."""
    elapsed_seconds: float = field(default=0.0, kw_only=True, eq=False)
    """Duration of the requests, including the waits between them."""


@frozen
class Failed:
    """Outcome of a ref whose conversation could not be fetched. It matches the pattern `Failed(ref, error)`."""

    ref: ConversationRef
    """The ref."""
    error: ConversasError
    """The error, with the number of attempts, their duration, and whether another run may succeed."""


Outcome = Fetched | Failed


@frozen
class GetToken:
    """Step: get a token. `rejected` is the token that the provider rejected, if any."""

    rejected: Token | None = None


@frozen
class Sleep:
    """Step: wait."""

    seconds: float


Step = GetToken | Sleep | Request
Steps = Generator[Step, Any, Response]


@frozen
class FetchOptions:
    """Options of a client that apply to all conversations."""

    retry: Retry
    timeout: Timeout
    on_drift: OnDrift
    max_body_bytes: int


@frozen
class ProviderState:
    """One provider, as a client uses it."""

    config: ProviderConfig
    provider: Provider
    tokens: TokenCache
    rate_limiter: AdaptiveRateLimiter


@define
class Fetch:
    """Fetch of one conversation."""

    ref: ConversationRef
    state: ProviderState
    options: FetchOptions
    timeout: Timeout
    request: ConversationRequest
    attempts: int = field(default=0, init=False)
    connected: bool = field(default=False, init=False)
    """Whether a connection was ever made."""
    started: float = field(default=Factory(time.monotonic), init=False)
    """Time at which the fetch began, or began again, by `time.monotonic()`."""
    sent_at: float = field(default=float("-inf"), init=False)
    """Time at which the last request was sent."""
    may_refresh: bool = field(default=True, init=False)
    """Whether the fetch may replace a rejected token. In a run, only fetches that judge suspects may."""
    waits_for_token: bool = field(default=False, init=False)
    """Whether the fetch is waiting for the source of the token. It stays True if the source raises an error."""
    refutations: int = field(default=0, init=False)
    """Number of failures while the provider answered other requests."""
    _began: float = field(default=Factory(time.monotonic), init=False)
    _uncounted: int = field(default=0, init=False)
    """Number of requests that the retry policy does not count as attempts, for example before a token was replaced."""
    _has_retried_token: bool = field(default=False, init=False)
    _rejected: Token | None = field(default=None, init=False)
    """The token that the last 401 rejected."""
    _rate_limited_seconds: float = field(default=0.0, init=False)
    """Duration of all waits for the rate limiter, which count towards no timeout."""

    def steps(self) -> Steps:
        """Yield steps until there is a response with a body to decode, and return this response.

        Raises:
            ConversasError: The fetch failed. The error has the number of attempts and their duration.
        """
        try:
            while True:
                token = yield from self._get_token()
                yield from self._acquire_rate_limit()
                sent = time.monotonic()
                result = yield from self._send(token)
                self.connected = self.connected or not (isinstance(result, TransportFailure) and result.not_connected)
                self._log(result, time.monotonic() - sent)
                error = error_for(result, self.ref, self.state.provider.status_messages)
                self._update_rate_limiter(result, error)
                if error:
                    yield from self._handle_error(error, token)
                elif isinstance(result, Response):
                    return result
        except ConversasError as error:
            self._annotate(error)
            raise

    def restart(self, *, attempts: int | None = None, may_refresh: bool = False) -> None:
        """Prepare to fetch again, with `attempts` more attempts, or with all of them for None."""
        self.started, self._rate_limited_seconds = time.monotonic(), 0.0
        self._uncounted = self.attempts - (0 if attempts is None else self.options.retry.attempts - attempts)
        self.may_refresh, self._has_retried_token = may_refresh, may_refresh and self._rejected is not None
        self._rejected = self._rejected if may_refresh else None

    @property
    def token_was_replaced(self) -> bool:
        """Whether a token other than the rejected token is available."""
        return self._rejected is not None and self.state.tokens.is_replaced(self._rejected)

    def decode(self, response: Response) -> Fetched:
        """Return the outcome for a response with a body.

        Raises:
            ConversasError: The fetch failed. The error has the number of attempts and their duration.
        """
        timezone, on_drift = self.state.config.timezone, self.options.on_drift
        try:
            conversation = decode(self.ref.provider, response.body, ref=self.ref, timezone=timezone, on_drift=on_drift)
            self._check_id(conversation)
        except ConversasError as error:
            if isinstance(error, NotFoundError):
                error.status, error.request_id = response.status, parse_request_id(response)
            self._annotate(error)
            raise
        elapsed = time.monotonic() - self._began
        return Fetched(self.ref, conversation, attempts=self.attempts, elapsed_seconds=elapsed)

    def _check_id(self, conversation: Conversation) -> None:
        """Check that the body belongs to the requested conversation: a cache or a proxy may mix up bodies."""
        if Note.ID_MISMATCH in conversation.notes:
            message = f"{self.ref}: the body belongs to another conversation ({DecodeErrorReason.ID_MISMATCH})"
            error = DecodeError(message, body=conversation.raw, reason=DecodeErrorReason.ID_MISMATCH)
            error.retryable = True
            raise error

    def _annotate(self, error: ConversasError) -> None:
        """Add what is known of the fetch to an error."""
        error.attempts, error.elapsed_seconds = self.attempts, time.monotonic() - self._began
        error.provider, error.ref = self.ref.provider, self.ref

    def _get_token(self) -> Generator[Step, Any, Token]:
        token = self.state.tokens.current(self._rejected)
        self.waits_for_token = token is None
        if token is None:
            token = yield GetToken(self._rejected)
            self.waits_for_token = False
        if token.has_expired:
            when = datetime.fromtimestamp(max(0.0, token.expires_at or 0.0), UTC)
            raise AuthenticationError(f"{self.ref}: the token was not sent: it expired at {when:%Y-%m-%d %H:%M} UTC")
        return token

    def _acquire_rate_limit(self) -> Generator[Step, Any, None]:
        while wait := self.state.rate_limiter.acquire(began := time.monotonic()):
            yield Sleep(wait)
            self._rate_limited_seconds += time.monotonic() - began

    def _send(self, token: Token) -> Generator[Step, Any, Response | TransportFailure]:
        self.attempts, self.sent_at = self.attempts + 1, time.monotonic()
        try:
            result: Response | TransportFailure = yield self._request(token)
        except ConfigurationError:
            self.attempts -= 1  # nothing was sent
            raise
        return result

    @property
    def _deadline(self) -> float:
        return self.started + self._rate_limited_seconds + self.timeout.total_seconds

    def _request(self, token: Token) -> Request:
        return Request(
            method=self.request.method,
            base_url=self.state.config.base_url,
            path=self.request.path,
            headers={**_HEADERS, **self.request.headers, **self._authentication(token)},
            connect_seconds=self.timeout.connect_seconds,
            read_seconds=self.timeout.read_seconds,
            deadline=self._deadline,
            max_body_bytes=self.options.max_body_bytes,
        )

    def _authentication(self, token: Token) -> dict[str, str]:
        headers = dict(self.state.provider.authenticate(Secret(token.value)))
        validate_headers(headers)
        return headers

    def _handle_error(self, error: ConversasError, token: Token) -> Generator[Step, Any, None]:
        """Do what may help before the next attempt, or raise the error if nothing can help."""
        if isinstance(error, AuthenticationError):
            self._replace_token(error, token)
            return
        wait = self.options.retry.backoff_seconds(error, self.attempts - self._uncounted)
        now = time.monotonic()
        retry_after = error.retry_after if isinstance(error, RateLimitedError) else None
        if retry_after is not None and not self.options.retry.exceeds_retry_after_limit(error):
            self.state.rate_limiter.pause_until(now + retry_after)  # for all requests, even if this request is given up
        if wait is None or now + wait >= self._deadline:
            raise error
        known = {"wait_seconds": max(wait, retry_after or 0)}
        retry_logger.info("%s; attempt %d in %.1f s", error, self.attempts + 1, known["wait_seconds"], extra=known)
        yield Sleep(wait)

    def _replace_token(self, error: AuthenticationError, token: Token) -> None:
        """Allow one request with another token if there may be another token; otherwise raise the error."""
        self._rejected = token
        if self._has_retried_token:
            error.args = (f"{error}; the previous token was also rejected",)
            raise error
        if not (self.may_refresh and (self.state.tokens.is_replaced(token) or self.state.tokens.renewable)):
            raise error
        self._has_retried_token = True
        self._uncounted += 1

    def _update_rate_limiter(self, result: Response | TransportFailure, error: ConversasError | None) -> None:
        if isinstance(result, TransportFailure):
            return
        if error and self.options.retry.exceeds_retry_after_limit(error):
            return  # the wait may concern this conversation alone, so it slows down no other conversation
        if result.status == TOO_MANY_REQUESTS:
            self.state.rate_limiter.on_throttled(time.monotonic())
        else:
            self.state.rate_limiter.on_success()

    def _log(self, result: Response | TransportFailure, seconds: float) -> None:
        status = result.status if isinstance(result, Response) else result.reason
        level = logging.DEBUG if status == OK else logging.INFO
        logger.log(level, "GET %s: %s, attempt %d, %.0f ms", self.ref, status, self.attempts, seconds * 1e3)
