"""Circuit breaker of one provider in a run: it decides if a failure is that of a ref, or of all refs.

A failure that may be the provider's is a suspect, and held. An answer to a later request refutes it: then it is that of
the ref. If no answer comes, a ref that was answered before, the control, is fetched again, and its result decides.
"""

import logging
import random
import time
from enum import Enum, auto

from attrs import define, field

from conversas.client.fetch import Fetch
from conversas.client.retry import Retry
from conversas.errors import (
    ApiError,
    AuthenticationError,
    BodyTooLargeError,
    ConfigurationError,
    DecodeError,
    DecodeErrorReason,
    DriftError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
)
from conversas.records.ref import ConversationRef

logger = logging.getLogger("conversas")

MAX_INITIAL_FAILURES = 50  # refs that fail before any of them gave a conversation
MAX_SUSPECTS = 4  # without an answer between them; at 32 requests at a time, a dead token stops a run within 40
MAX_REFUTATIONS = 2  # a ref whose failure is refuted for the first time is fetched once more
PATIENCE_SECONDS = 1.0  # how long a suspect is held if neither answers nor refs come
MAX_PROBE_SECONDS = 5.0  # between two requests of an outage


class Doubt(Enum):
    """Meanings of a failure for the provider."""

    TOKEN = auto()
    """It rejects the token."""
    WAIT = auto()
    """It asks for a longer wait than `Retry` allows."""
    OUTAGE = auto()
    """It cannot be reached, or answers with transient errors; or no token can be had for now."""


class Decision(Enum):
    """Decisions about a failed fetch."""

    FAILED = auto()
    """Report the failure: it is that of the ref."""
    HELD = auto()
    """Keep the failure until it is clear whether the provider or the ref caused it."""
    AGAIN = auto()
    """Fetch the ref again: the provider was failing, and answers by now."""
    LEFT_OUT = auto()
    """Leave the ref to a later run: the breaker has tripped."""


@define(eq=False)
class Suspect:
    """Failure that may be the provider's."""

    fetch: Fetch
    error: Exception
    """No ConversasError only if the source of the token raised it."""
    doubt: Doubt
    since: float
    """When it failed, by `time.monotonic()`."""
    is_confirmed: bool
    """Whether it failed in an outage."""


def doubt_of(error: Exception, fetch: Fetch) -> Doubt | None:
    """Return what a failure may say of the provider; None if it is about the ref alone."""
    if fetch.waits_for_token:
        return Doubt.OUTAGE
    match error:
        case AuthenticationError():
            return Doubt.TOKEN
        case PermissionDeniedError():
            return Doubt.TOKEN if fetch.state.provider.forbidden_may_mean_bad_token else None
        case ApiError() if fetch.options.retry.exceeds_retry_after_limit(error):
            return Doubt.WAIT
        case TransportError():
            return Doubt.OUTAGE
        case _:
            return Doubt.OUTAGE if isinstance(error, ApiError) and error.retryable else None


def is_answer(error: Exception, fetch: Fetch) -> bool:
    """Return whether a failure shows that the provider takes the token and serves."""
    match error:
        case NotFoundError() | DriftError() | BodyTooLargeError():
            return True
        case PermissionDeniedError():
            return not fetch.state.provider.forbidden_may_mean_bad_token
        case _:
            return isinstance(error, DecodeError) and error.reason is DecodeErrorReason.ID_MISMATCH


@define
class CircuitBreaker:
    """Trips when the provider fails for all refs: for a token or a wait at once, for an outage after some time."""

    name: str
    """Name of the provider."""
    retry: Retry
    outage_seconds: float
    """The longest outage that is waited out."""
    suspects: list[Suspect] = field(factory=list[Suspect], init=False)
    control: ConversationRef | None = field(default=None, init=False)
    """A ref that the provider answered in this run."""
    tripped_by: Exception | None = field(default=None, init=False)
    """The error that tripped it; None while it has not."""
    in_a_row: int = field(default=0, init=False)
    """Suspects about a token or a wait since the last answer, also those that are no longer held."""
    _initial_failures: int | None = field(default=0, init=False)
    """Refs that failed, except those not found; None once there was a conversation."""
    _last_connected_at: float = field(default=float("-inf"), init=False)
    """When the last fetch that had a connection ended."""
    _answered_at: float = field(default=float("-inf"), init=False)
    """When the last request that was answered was sent."""
    _outage_since: float | None = field(default=None, init=False)
    _probes: int = field(default=0, init=False)
    """Requests of this outage that asked if it is over."""

    @property
    def holds_back(self) -> bool:
        """Whether other refs wait until the suspects are judged."""
        return self._outage_since is not None or self.in_a_row >= MAX_SUSPECTS

    def on_answer(self, fetch: Fetch, error: Exception | None = None) -> list[Suspect]:
        """Count an answer. Return the suspects that it refutes; they are not held any more."""
        is_conversation = error is None or isinstance(error, DriftError)
        self._initial_failures = None if is_conversation else self._initial_failures
        self.control = fetch.ref if is_conversation else self.control or fetch.ref
        self._last_connected_at, self._answered_at = time.monotonic(), max(self._answered_at, fetch.sent_at)
        refuted = [each for each in self.suspects if each.since <= fetch.sent_at]
        self.suspects = [each for each in self.suspects if each.since > fetch.sent_at]
        self.in_a_row = sum(each.doubt is not Doubt.OUTAGE for each in self.suspects)
        if not self.tripped_by and self._outage_since is not None and self._outage_since <= fetch.sent_at:
            seconds = time.monotonic() - self._outage_since
            logger.warning("%s: the provider answers again, after %.0f s", self.name, seconds)
            self._outage_since, self._probes = None, 0
        return refuted

    def is_worth_another_fetch(self, suspect: Suspect) -> bool:
        """Return whether a refuted suspect is fetched again, and prepare that; if not, the failure is its ref's."""
        fetch = suspect.fetch
        if suspect.doubt is Doubt.WAIT:
            return False
        if suspect.is_confirmed or (suspect.doubt is Doubt.TOKEN and fetch.token_was_replaced):
            fetch.restart()
            return True
        fetch.refutations += 1
        fetch.restart(attempts=1)
        return fetch.refutations < MAX_REFUTATIONS

    def on_failure(self, error: Exception, fetch: Fetch) -> Decision:
        """Count a failure, and decide about it."""
        doubt, now = doubt_of(error, fetch), time.monotonic()
        is_hopeless = self._is_hopeless(error, fetch)
        self._last_connected_at = now if fetch.connected else self._last_connected_at
        counts = doubt in (None, Doubt.OUTAGE) and not isinstance(
            error, NotFoundError
        )  # others have limits of their own
        if self._initial_failures is not None and counts:
            self._initial_failures += 1
        if self.tripped_by or is_hopeless:
            return self.trip(error)
        if self._initial_failures is not None and self._initial_failures >= MAX_INITIAL_FAILURES:
            return self.trip(error, ", as nothing but failures came")
        if doubt is None:
            return Decision.FAILED
        is_confirmed = doubt is Doubt.OUTAGE and self._outage_since is not None
        suspect = Suspect(fetch, error, doubt, now, is_confirmed)
        if doubt is Doubt.OUTAGE and self._answered_at >= fetch.sent_at:  # refuted already
            return Decision.AGAIN if self.is_worth_another_fetch(suspect) else Decision.FAILED
        self.in_a_row += doubt is not Doubt.OUTAGE
        self.suspects.append(suspect)
        return Decision.HELD

    def _is_hopeless(self, error: Exception, fetch: Fetch) -> bool:
        """Return whether a failure is certainly no ref's: no usable token, or a host that was never reached."""
        if fetch.waits_for_token:
            return not fetch.state.tokens.has_worked
        if isinstance(error, TransportError) and self.control is None:
            return not fetch.connected and self._last_connected_at < fetch.started
        return isinstance(error, ConfigurationError)

    def needs_verdict(self, *, is_idle: bool, more_may_come: bool) -> bool:
        """Return whether the suspects are judged now: by a control, or without.

        Args:
            is_idle: No request to the provider is under way.
            more_may_come: Refs of the provider wait, or may still be read.
        """
        if not self.suspects or self.tripped_by:
            return False
        if self.control:
            return self.holds_back or is_idle or any(each.doubt is Doubt.OUTAGE for each in self.suspects)
        lost_patience = self.suspects[-1].since + PATIENCE_SECONDS <= time.monotonic()
        return is_idle and (self.holds_back or not more_may_come or lost_patience)

    def on_failed_probe(self, error: Exception, fetch: Fetch) -> float | None:
        """Decide about a probe that failed. Return the seconds until the next one; None if this trips the breaker."""
        doubt, now = doubt_of(error, fetch), time.monotonic()
        is_outage = doubt is Doubt.OUTAGE or (doubt is None and all(_is_outage(each) for each in self.suspects))
        if is_outage and self._outage_since is None:
            self._outage_since = now
            if self.outage_seconds:
                message = "%s: the provider does not answer; the run waits up to %.0f s for it"
                logger.warning(message, self.name, self.outage_seconds)
        left = self.outage_seconds - (now - self._outage_since) if is_outage and self._outage_since is not None else 0.0
        if left <= 0:
            alike = [each.error for each in self.suspects if each.doubt is doubt]
            self.trip(alike[0] if alike else error)
            return None
        for suspect in filter(_is_outage, self.suspects):
            suspect.is_confirmed = True
        longest = min(MAX_PROBE_SECONDS, self.retry.initial_backoff_seconds * 2.0 ** min(self._probes, 64))
        self._probes += 1
        return min(left, longest * random.uniform(0.5, 1.0))  # noqa: S311  # no secret

    def trip(self, error: Exception, why: str = "") -> Decision:
        """Trip, unless it has: refs of the provider are left out from now on."""
        if self.tripped_by is None:
            error.add_note(f"the run stopped for {self.name}{why}; a later run can fetch what is left")
            self.tripped_by = error
        return Decision.LEFT_OUT

    def release(self, suspect: Suspect) -> None:
        """Stop holding a suspect, since it is fetched again. It is counted until an answer comes."""
        self.suspects.remove(suspect)

    def take_suspects(self) -> list[Suspect]:
        """Return the suspects; they are not held any more."""
        suspects, self.suspects = self.suspects, []
        return suspects


def _is_outage(suspect: Suspect) -> bool:
    return suspect.doubt is Doubt.OUTAGE
