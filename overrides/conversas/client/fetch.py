"""The way to one conversation, without any I/O: a generator that says what to do next and is told what came of it.

It yields `Ask` for a token, `Pause`, or a `Request`, and is sent a Token, None, or an Answer or NoAnswer. What goes
wrong on the way is thrown into it. Whoever drives it, blocking or awaiting, decides nothing.
"""

import logging
import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, Literal

from attrs import Factory, define, field, frozen

from conversas._version import __version__
from conversas.client.outcomes import Fetched
from conversas.client.rate_limiter import Limiter
from conversas.client.response_errors import error_of, request_id
from conversas.client.retry import Retry, Timeout
from conversas.decoding.decoder import decode
from conversas.errors import AuthenticationError, ConfigurationError, ConversasError, NotFoundError, RateLimitedError
from conversas.providers.base import Platform
from conversas.providers.credentials import Token, Tokens
from conversas.records.ref import ConversationRef
from conversas.transport.messages import ACCEPTED_ENCODING, OK, Answer, NoAnswer, Request

logger = logging.getLogger("conversas")

OnDrift = Literal["keep", "raise"]

TOO_MANY_REQUESTS = 429

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED_ENCODING,
    "User-Agent": f"conversas/{__version__}",
}


@frozen
class Ask:
    """Ask for a token; `refused` is the one that the platform did not take."""

    refused: Token | None = None


@frozen
class Pause:
    """Wait."""

    seconds: float


Step = Ask | Pause | Request
Steps = Generator[Step, Any, Answer]


@frozen
class Settings:
    """What holds for all conversations of a client."""

    retry: Retry
    timeout: Timeout
    on_drift: OnDrift
    max_body_bytes: int


@frozen
class Source:
    """One platform, as a client uses it."""

    platform: Platform
    tokens: Tokens
    limiter: Limiter


@define
class Fetch:
    """One conversation on its way."""

    ref: ConversationRef
    source: Source
    settings: Settings
    timeout: Timeout
    endpoint: dict[str, Any] = field(repr=False)
    """Method and path of the request."""
    attempts: int = field(default=0, init=False)
    reached: bool = field(default=False, init=False)
    """Whether there was any connection."""
    started: float = field(default=Factory(time.monotonic), init=False)
    _renewals: int = field(default=0, init=False)
    _refused: Token | None = field(default=None, init=False)
    _held_back_seconds: float = field(default=0.0, init=False)
    """How long the shared limit made it wait, which spends no budget."""

    def steps(self) -> Steps:
        """Go the way to an answer with a body to decode.

        Raises:
            ConversasError: It knows the attempts and the time they took.
        """
        try:
            while True:
                token = yield from self._token()
                yield from self._wait_for_place()
                sent = time.monotonic()
                result = yield from self._sent(token)
                self.reached = self.reached or not (isinstance(result, NoAnswer) and result.unreachable)
                self._log(result, time.monotonic() - sent)
                self._tell_limiter(result)
                error = error_of(result, self.ref)
                if error:
                    yield from self._recover(error, token)
                elif isinstance(result, Answer):
                    return result
        except ConversasError as error:
            self._tell(error)
            raise

    def read(self, answer: Answer) -> Fetched:
        """Decode the body of the answer.

        Raises:
            ConversasError: It knows the attempts and the time they took.
        """
        zone, on_drift = self.source.platform.timezone, self.settings.on_drift
        try:
            conversation = decode(self.ref.provider, answer.body, ref=self.ref, timezone=zone, on_drift=on_drift)
        except ConversasError as error:
            if isinstance(error, NotFoundError):
                error.status, error.request_id = answer.status, request_id(answer)
            self._tell(error)
            raise
        elapsed = time.monotonic() - self.started
        return Fetched(self.ref, conversation, attempts=self.attempts, elapsed_seconds=elapsed)

    def _tell(self, error: ConversasError) -> None:
        """Put into an error what is known of the fetch."""
        error.attempts, error.elapsed_seconds = self.attempts, time.monotonic() - self.started
        error.provider, error.ref = self.ref.provider, self.ref

    def _token(self) -> Generator[Step, Any, Token]:
        refused, self._refused = self._refused, None
        token = self.source.tokens.usable(refused) or (yield Ask(refused))
        if token.has_expired:
            when = datetime.fromtimestamp(max(0.0, token.expires_at or 0.0), UTC)
            raise AuthenticationError(f"{self.ref}: nothing was sent; the token expired at {when:%Y-%m-%d %H:%M} UTC")
        return token

    def _wait_for_place(self) -> Generator[Step, Any, None]:
        while wait := self.source.limiter.wait_seconds(began := time.monotonic()):
            yield Pause(wait)
            self._held_back_seconds += time.monotonic() - began

    def _sent(self, token: Token) -> Generator[Step, Any, Answer | NoAnswer]:
        self.attempts += 1
        try:
            result: Answer | NoAnswer = yield self._request(token)
        except ConfigurationError:
            self.attempts -= 1  # nothing was sent
            raise
        return result

    @property
    def _until(self) -> float:
        return self.started + self._held_back_seconds + self.timeout.total_seconds

    def _request(self, token: Token) -> Request:
        return Request(
            method=self.endpoint["method"].upper(),
            base_url=self.source.platform.base_url,
            path=self.endpoint["url"],
            headers=_HEADERS | {"Authorization": f"Bearer {token.value}"},
            connect_seconds=self.timeout.connect_seconds,
            read_seconds=self.timeout.read_seconds,
            until=self._until,
            max_body_bytes=self.settings.max_body_bytes,
        )

    def _recover(self, error: ConversasError, token: Token) -> Generator[Step, Any, None]:
        """Do what may help before the next attempt; raise the error where nothing does."""
        if isinstance(error, AuthenticationError):
            self._renew(error, token)
            return
        wait = self.settings.retry.wait_seconds(error, self.attempts - self._renewals)
        now = time.monotonic()
        asked = error.retry_after if isinstance(error, RateLimitedError) else None
        if asked is not None and not self.settings.retry.is_hopeless(error):
            self.source.limiter.pause(now + asked)  # of all, also where this one is given up
        if wait is None or now + wait >= self._until:
            raise error
        yield Pause(wait)

    def _renew(self, error: AuthenticationError, token: Token) -> None:
        if self._renewals:
            error.args = (f"{error}; so was the one before it",)
        if self._renewals or not self.source.tokens.renewable:
            raise error
        self._renewals += 1
        self._refused = token

    def _tell_limiter(self, result: Answer | NoAnswer) -> None:
        if isinstance(result, NoAnswer):
            return
        if result.status == TOO_MANY_REQUESTS:
            self.source.limiter.note_refused(time.monotonic())
        else:
            self.source.limiter.note_taken()

    def _log(self, result: Answer | NoAnswer, seconds: float) -> None:
        status = result.status if isinstance(result, Answer) else result.reason
        level = logging.DEBUG if status == OK else logging.INFO
        logger.log(level, "GET %s: %s, attempt %d, %.0f ms", self.ref, status, self.attempts, seconds * 1e3)
