"""Share of one provider in a run: refs that wait for their turn, fetches under way, and suspects that are judged."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from attrs import define, evolve, field

from conversas.client.circuit_breaker import PATIENCE_SECONDS, CircuitBreaker, Decision, Doubt, Suspect, is_answer
from conversas.client.fetch import Failed, Fetch, Outcome
from conversas.client.settings import ClientConfig
from conversas.errors import ConfigurationError, ConversasError
from conversas.records.ref import ConversationRef
from conversas.transport.messages import Response


class Sink(Protocol):
    """Receiver of the outcomes of a run."""

    async def wait_for_room(self) -> None:
        """Wait until the sink can accept another outcome. Until then, the run holds an undecoded body."""
        ...

    async def put(self, outcome: Outcome) -> None:
        """Accept an outcome."""
        ...

    async def acknowledge(self, refs: int) -> None:
        """Count refs that are done without an outcome, or that are set aside.

        A negative number counts refs that were set aside and are now resumed.
        """
        ...

    def answered_before(self, provider: str) -> ConversationRef | None:  # noqa: ARG002  # other sinks use it
        """Return a ref that the provider answered in an earlier run; None if no such ref is known."""
        return None


@define(eq=False)
class Lane:
    """Refs of one provider. While they wait, for example for the rate limit, refs of other providers are fetched."""

    breaker: CircuitBreaker
    concurrency: int
    """Maximum number of fetches at a time, including fetches that wait between two requests."""
    config: ClientConfig
    perform: Callable[[Fetch], Awaitable[Response]]
    """Function that performs the steps of a fetch."""
    sink: Sink
    on_change: Callable[[], object]
    """Function that is called when more refs may be due."""
    waiting: deque[ConversationRef | Fetch] = field(factory=deque["ConversationRef | Fetch"], init=False)
    """Refs that were read, and fetches that begin again."""
    in_progress: int = field(default=0, init=False)
    """Number of fetches without a response."""
    _fetching: set[ConversationRef] = field(factory=set[ConversationRef], init=False)
    """Refs without an outcome, except refs that are not started yet."""
    _is_judging: bool = field(default=False, init=False)
    """Whether the suspects are being judged."""
    _more_may_come: bool = field(default=True, init=False)
    """Whether more refs waited, or might still be read, when the verdict began."""
    _has_refreshed: bool = field(default=False, init=False)
    """Whether a suspect was fetched with a fresh token since the last answer."""

    @property
    def has_room(self) -> bool:
        """Whether a fetch may begin now."""
        return self.in_progress < self.concurrency and not self.breaker.holds_back

    @property
    def wants_refs(self) -> bool:
        """Whether another ref would be fetched at once."""
        return self.has_room and not self.waiting and not self.breaker.tripped_by

    @property
    def is_done(self) -> bool:
        """Whether all refs that were read are done."""
        return not (self.waiting or self.in_progress or self._is_judging or self.breaker.suspects)

    def next_due(self) -> ConversationRef | Fetch | None:
        """Return the next waiting ref to fetch, or to leave out if the breaker has tripped; None if no ref is due."""
        return self.waiting.popleft() if self.waiting and (self.has_room or self.breaker.tripped_by) else None

    def begin_verdict(self, *, may_get_refs: bool) -> bool:
        """Return whether the suspects must be judged now, with `judge`."""
        is_idle = self.in_progress == 0 and (not self.waiting or self.breaker.holds_back)
        more_may_come = may_get_refs or bool(self.waiting)
        if self._is_judging or not self.breaker.needs_verdict(is_idle=is_idle, more_may_come=more_may_come):
            return False
        self._is_judging, self._more_may_come = True, more_may_come
        return True

    async def fetch(self, due: ConversationRef | Fetch) -> Outcome | None:
        """Fetch a ref, and return its outcome; None if it has no outcome, or not yet."""
        try:
            fetch = due if isinstance(due, Fetch) else self._fetch_of(due)
        except ConfigurationError as error:
            self.in_progress -= 1
            return Failed(due if isinstance(due, ConversationRef) else due.ref, error.with_traceback(None))
        if fetch is None or self.breaker.tripped_by:
            self.in_progress -= 1
            return None
        return await self._outcome_of(fetch, self._perform_and_count)

    def _fetch_of(self, ref: ConversationRef) -> Fetch | None:
        """Return the fetch of a ref; None if it is being fetched already."""
        if ref in self._fetching:
            return None
        fetch = self.config.fetch(ref)
        fetch.may_refresh = False
        self._fetching.add(ref)
        return fetch

    async def _perform_and_count(self, fetch: Fetch) -> Response:
        try:
            return await self.perform(fetch)
        finally:
            self.in_progress -= 1
            self.on_change()

    async def _outcome_of(self, fetch: Fetch, perform: Callable[[Fetch], Awaitable[Response]]) -> Outcome | None:
        try:
            fetched = fetch.decode(await perform(fetch))
        except Exception as error:
            if not _is_ours(error, fetch):
                raise
            return await self._failed(fetch, error.with_traceback(None))
        await self._answered(fetch)
        self._fetching.discard(fetch.ref)
        return fetched

    async def _failed(self, fetch: Fetch, error: Exception) -> Failed | None:
        if is_answer(error, fetch):
            await self._answered(fetch, error)
        decision = self.breaker.on_failure(error, fetch)
        if decision is Decision.HELD:
            asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self.on_change)
            return None
        if decision is Decision.AGAIN:
            self.waiting.appendleft(fetch)
            return None
        self._fetching.discard(fetch.ref)
        if decision is Decision.LEFT_OUT:
            await self._drop_suspects()
            return None
        assert isinstance(error, ConversasError)  # any other error is from the source of the token, and is held
        return Failed(fetch.ref, error)

    # Suspects

    async def judge(self) -> None:
        """Decide whether the suspects are failures of their refs or of the provider."""
        while self.breaker.suspects and not self.breaker.tripped_by:
            suspect = self._suspect_to_fetch_again()
            if self.breaker.control:
                wait = await self._fetch_control(self.breaker.control)
            elif suspect:
                wait = await self._fetch_again(suspect)
            elif self._would_trip() and (earlier := self.sink.answered_before(self.breaker.name)):
                wait = await self._fetch_control(earlier)
            else:
                await self._judge_without_answer()
                break
            await asyncio.sleep(wait)
        self._is_judging = False

    async def _fetch_control(self, ref: ConversationRef) -> float:
        """Fetch a ref that was answered before, with one attempt. Return the seconds until the next probe."""
        control, refusal = self.config.fetch(ref), None
        control.options = evolve(control.options, retry=evolve(control.options.retry, attempts=1))
        try:
            control.decode(await self.perform(control))
        except Exception as error:
            if not _is_ours(error, control):
                raise
            refusal = error.with_traceback(None)
        if refusal and not is_answer(refusal, control):
            return await self._after_failed_probe(refusal, control)
        await self._answered(control, refusal)
        return 0.0

    def _suspect_to_fetch_again(self) -> Suspect | None:
        """Return a suspect that a fresh token may help; None without such a suspect."""
        for suspect in self.breaker.suspects:
            is_renewable = suspect.doubt is Doubt.TOKEN and suspect.fetch.state.tokens.renewable
            if suspect.fetch.waits_for_token or (is_renewable and not self._has_refreshed):
                return suspect
        return None

    async def _fetch_again(self, suspect: Suspect) -> float:
        """Fetch a suspect with a fresh token. Return the seconds until the next probe."""
        fetch, self._has_refreshed = suspect.fetch, True
        self.breaker.release(suspect)
        fetch.restart(may_refresh=True)
        outcome = await self._outcome_of(fetch, self.perform)
        if outcome:
            await self._report(outcome)
        again = [each for each in self.breaker.suspects if each.fetch is fetch and fetch.waits_for_token]
        return await self._after_failed_probe(again[0].error, fetch) if again else 0.0

    async def _after_failed_probe(self, error: Exception, fetch: Fetch) -> float:
        wait = self.breaker.on_failed_probe(error, fetch) if self.breaker.suspects else 0.0
        if wait is None:
            await self._drop_suspects()
        return wait or 0.0

    def _would_trip(self) -> list[Suspect]:
        """Return the suspects with the doubt TOKEN or WAIT, if no further ref can be fetched."""
        if not self.breaker.holds_back and self._more_may_come:
            return []
        return [each for each in self.breaker.suspects if each.doubt is not Doubt.OUTAGE]

    async def _judge_without_answer(self) -> None:
        """Trip the breaker or report the failures.

        If no further ref can be fetched, a rejected token or a long wait trips the breaker.
        """
        if serious := self._would_trip():
            self.breaker.trip(serious[0].error)
            await self._drop_suspects()
        for suspect in self.breaker.take_suspects():
            await self._report_failure(suspect)

    async def _answered(self, fetch: Fetch, error: Exception | None = None) -> None:
        """Clear the suspects that an answer refutes: each is fetched again, or its failure is reported."""
        self._has_refreshed = False
        for suspect in self.breaker.on_answer(fetch, error):
            if self.breaker.is_worth_another_fetch(suspect):
                self.waiting.appendleft(suspect.fetch)
            else:
                await self._report_failure(suspect)
        self.on_change()

    async def _drop_suspects(self) -> None:
        """Leave suspects to a later run. If the provider never answered, report the suspects of an outage."""
        for suspect in self.breaker.take_suspects():
            self._fetching.discard(suspect.fetch.ref)
            if suspect.doubt is Doubt.OUTAGE and self.breaker.control is None:
                await self._report_failure(suspect)

    async def _report_failure(self, suspect: Suspect) -> None:
        if isinstance(suspect.error, ConversasError):
            await self._report(Failed(suspect.fetch.ref, suspect.error))
        else:  # the source of the token raised it, so it is not a failure of a ref
            self.breaker.trip(suspect.error)

    async def _report(self, outcome: Outcome) -> None:
        """Report the outcome of a ref that was set aside."""
        self._fetching.discard(outcome.ref)
        await self.sink.acknowledge(-1)
        await self.sink.put(outcome)


def _is_ours(error: Exception, fetch: Fetch) -> bool:
    """Return whether an error comes from this package, or from a source of tokens that has worked before."""
    return isinstance(error, ConversasError) or (fetch.waits_for_token and fetch.state.tokens.has_worked)
