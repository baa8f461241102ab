"""Circuit breaker of one provider in a run. It decides whether a failure concerns one ref or the whole provider.

A failure that may concern the whole provider is a suspect, and is held. An answer to a later request refutes the
suspect: the failure concerns its ref alone. If no answer comes, the control is fetched again: a ref that the provider
answered before. The result decides.
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

MAX_INITIAL_FAILURES = 50  # a run that has fetched no conversation stops after this many failures
MAX_SUSPECTS = 4  # suspects in a row; with 32 requests at a time, a dead token stops a run within 40 requests
MAX_REFUTATIONS = 2  # after this many, a failure is reported; before, its ref is fetched again
PATIENCE_SECONDS = 1.0  # time for which a suspect is held if neither answers nor refs come
MAX_PROBE_SECONDS = 5.0  # longest wait between two probes of an outage


class Doubt(Enum):
    """Possible meanings of a failure for the whole provider."""

    TOKEN = auto()
    """The provider rejects the token."""
    WAIT = auto()
    """The provider asks for a longer wait than `Retry` allows."""
    OUTAGE = auto()
    """The provider cannot be reached or answers with transient errors, or the source of the token fails for now."""


class Decision(Enum):
    """Decisions about a failed fetch."""

    FAILED = auto()
    """Report the failure: it concerns the ref alone."""
    HELD = auto()
    """Keep the failure until it is clear whether the provider or the ref caused it."""
    AGAIN = auto()
    """Fetch the ref again: the provider was failing, but answers again."""
    LEFT_OUT = auto()
    """Leave the ref to a later run: the breaker has tripped."""


@define(eq=False)
class Suspect:
    """Failure that may concern the whole provider."""

    fetch: Fetch
    error: Exception
    """The error: a ConversasError, unless the source of the token raised it."""
    doubt: Doubt
    since: float
    """Time of the failure, by `time.monotonic()`."""
    is_confirmed: bool
    """Whether the fetch failed during an outage."""


def doubt_of(error: Exception, fetch: Fetch) -> Doubt | None:
    """Return what a failure may mean for the whole provider; None if it concerns the ref alone."""
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
    """Return whether a failure shows that the provider accepts the token and answers."""
    match error:
        case NotFoundError() | DriftError() | BodyTooLargeError():
            return True
        case PermissionDeniedError():
            return not fetch.state.provider.forbidden_may_mean_bad_token
        case _:
            return isinstance(error, DecodeError) and error.reason is DecodeErrorReason.ID_MISMATCH


@define
class CircuitBreaker:
    """Circuit breaker that trips when all refs fail.

    It trips at once if a token or a long wait is the cause, and after `outage_seconds` if the provider is down.
    """

    name: str
    """Name of the provider."""
    retry: Retry
    outage_seconds: float
    """Maximum duration of an outage that the run waits out."""
    suspects: list[Suspect] = field(factory=list[Suspect], init=False)
    control: ConversationRef | None = field(default=None, init=False)
    """A ref that the provider answered in this run."""
    tripped_by: Exception | None = field(default=None, init=False)
    """The error that tripped the breaker; None if it has not tripped."""
    in_a_row: int = field(default=0, init=False)
    """Number of suspects with the doubt TOKEN or WAIT since the last answer, even if they are no longer held."""
    _initial_failures: int | None = field(default=0, init=False)
    """Number of failures, except 404 and the doubts TOKEN and WAIT; None after the first conversation."""
    _last_connected_at: float = field(default=float("-inf"), init=False)
    """Time at which the last fetch with a connection ended."""
    _answered_at: float = field(default=float("-inf"), init=False)
    """Time at which the last answered request was sent."""
    _outage_since: float | None = field(default=None, init=False)
    _probes: int = field(default=0, init=False)
    """Number of probes in this outage: requests that ask whether it is over."""

    @property
    def holds_back(self) -> bool:
        """Whether other refs wait until the suspects are judged."""
        return self._outage_since is not None or self.in_a_row >= MAX_SUSPECTS

    def on_answer(self, fetch: Fetch, error: Exception | None = None) -> list[Suspect]:
        """Count an answer, and return the suspects that it refutes. These are no longer held."""
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
        """Return whether a refuted suspect is fetched again, and prepare its fetch. If not, the failure is reported."""
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
        )  # other failures have limits of their own
        if self._initial_failures is not None and counts:
            self._initial_failures += 1
        if self.tripped_by or is_hopeless:
            return self.trip(error)
        if self._initial_failures is not None and self._initial_failures >= MAX_INITIAL_FAILURES:
            return self.trip(error, ", because only failures came")
        if doubt is None:
            return Decision.FAILED
        is_confirmed = doubt is Doubt.OUTAGE and self._outage_since is not None
        suspect = Suspect(fetch, error, doubt, now, is_confirmed)
        if doubt is Doubt.OUTAGE and self._answered_at >= fetch.sent_at:  # the suspect is already refuted
            return Decision.AGAIN if self.is_worth_another_fetch(suspect) else Decision.FAILED
        self.in_a_row += doubt is not Doubt.OUTAGE
        self.suspects.append(suspect)
        return Decision.HELD

    def _is_hopeless(self, error: Exception, fetch: Fetch) -> bool:
        """Return whether a failure certainly concerns the whole provider: no usable token, or a host never reached."""
        if fetch.waits_for_token:
            return not fetch.state.tokens.has_worked
        if isinstance(error, TransportError) and self.control is None:
            return not fetch.connected and self._last_connected_at < fetch.started
        return isinstance(error, ConfigurationError)

    def needs_verdict(self, *, is_idle: bool, more_may_come: bool) -> bool:
        """Return whether the suspects must be judged now, with a control or without.

        Args:
            is_idle: Whether no request to the provider is under way.
            more_may_come: Whether refs of the provider wait, or may still be read.
        """
        if not self.suspects or self.tripped_by:
            return False
        if self.control:
            return self.holds_back or is_idle or any(each.doubt is Doubt.OUTAGE for each in self.suspects)
        lost_patience = self.suspects[-1].since + PATIENCE_SECONDS <= time.monotonic()
        return is_idle and (self.holds_back or not more_may_come or lost_patience)

    def on_failed_probe(self, error: Exception, fetch: Fetch) -> float | None:
        """Return the seconds to wait after a failed probe; None if the failure trips the breaker."""
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
        return min(left, longest * random.uniform(0.5, 1.0))  # noqa: S311  # jitter is not a secret

    def trip(self, error: Exception, why: str = "") -> Decision:
        """Trip the breaker, unless it has tripped. From now on, refs of the provider are left out."""
        if self.tripped_by is None:
            error.add_note(f"the run stopped for {self.name}{why}; a later run can fetch what is left")
            self.tripped_by = error
        return Decision.LEFT_OUT

    def release(self, suspect: Suspect) -> None:
        """Stop holding a suspect, because it is fetched again. It still counts until an answer comes."""
        self.suspects.remove(suspect)

    def take_suspects(self) -> list[Suspect]:
        """Return all suspects, and stop holding them."""
        suspects, self.suspects = self.suspects, []
        return suspects


def _is_outage(suspect: Suspect) -> bool:
    return suspect.doubt is Doubt.OUTAGE
