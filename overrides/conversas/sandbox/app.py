"""The desk: takes one request at a time, and says how to answer it. Nothing is sent from here."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping

from attrs import Factory, define, evolve, field, frozen

from conversas.records.ref import ConversationRef
from conversas.sandbox.auth import Issuer, Standing, bearer
from conversas.sandbox.bodies import body
from conversas.sandbox.fault_responses import Asked, spoiled
from conversas.sandbox.faults import Attempt, Fault, Rule, rule_for
from conversas.sandbox.request_log import Ledger, Request
from conversas.sandbox.responses import Answer, conversation, failed, no_integer, refused, retry_after
from conversas.sandbox.routes import Route, int32, route
from conversas.sandbox.token_bucket import Bucket

UNENDED = {Fault.RESET, Fault.CUT_SHORT, Fault.STALL}
"""The faults whose answer does not come to its end."""


@frozen
class Plan:
    """An answer, and the rule by which it goes wrong."""

    answer: Answer
    rule: Rule | None = None


@define
class Desk:
    """Decides by the token, the limit, the id and the rules, in this order."""

    seed: int
    given: Mapping[ConversationRef, bytes] = field(repr=False)
    issuer: Issuer
    ledger: Ledger
    buckets: dict[str, Bucket]
    tells_wait: bool
    """Whether an answer over the limit has a `Retry-After`."""
    rules: list[Rule]
    _numbers: Counter[str] = field(factory=Counter[str], repr=False)
    _clock: Callable[[], float] = Factory(lambda: time.monotonic)

    def replace_rules(self, rules: list[Rule]) -> None:
        self.rules, self._numbers = rules, Counter()

    def plan(self, request: Request) -> Plan:
        self.ledger.note_request(request)
        plan = self._plan(request)
        fault = plan.rule.fault if plan.rule else None
        self.ledger.note_outcome(None if fault in UNENDED else plan.answer.status, fault)
        return plan

    def _plan(self, request: Request) -> Plan:
        asked = route(request.target)
        if asked is None:
            return Plan(Answer(404))
        if request.method != "GET":
            answer = failed(asked.provider, 405)
            body_ = b"" if request.method == "HEAD" else answer.body
            return Plan(evolve(answer, body=body_, headers=(*answer.headers, ("Allow", "GET"))))
        number = int32(asked.id) if asked.provider == "zild" else None
        asked = asked if number is None else evolve(asked, id=str(number))
        self.ledger.note_ref(f"{asked.provider}:{asked.id}")
        refusal = self._refusal(asked, bearer(request.headers.get("authorization"))) or self._wait(asked.provider)
        if refusal is None and asked.provider == "zild" and number is None:
            refusal = no_integer()
        return Plan(refusal) if refusal else self._conversation(asked)

    def _refusal(self, asked: Route, token: str | None) -> Answer | None:
        if asked.provider == "zild":
            standing, expires_at = self.issuer.standing_of_jwt(token)
        else:
            standing, expires_at = self.issuer.standing_of_key(token), 0.0
        return None if standing is Standing.VALID else refused(asked.provider, standing, expires_at)

    def _wait(self, provider: str) -> Answer | None:
        """Answer a request over the limit; None for one within it."""
        bucket = self.buckets.get(provider)
        seconds = bucket.take(self._clock()) if bucket else 0.0
        if not seconds:
            return None
        answer = failed(provider, 429)
        extra = retry_after(max(1, math.ceil(seconds))) if self.tells_wait else ()
        return evolve(answer, headers=(*answer.headers, *extra))

    def _conversation(self, asked: Route) -> Plan:
        ref = f"{asked.provider}:{asked.id}"
        attempt = Attempt(asked.provider, asked.id, self._numbers[ref])
        self._numbers[ref] += 1
        rule = rule_for(attempt, tuple(self.rules), seed=self.seed)

        def body_of(id_: str) -> bytes:
            given = self.given.get(ConversationRef(asked.provider, id_))
            return given if given is not None else body(asked.provider, id_, seed=self.seed, cursor=asked.cursor)

        if rule is None:
            return Plan(conversation(body_of(asked.id)))
        return Plan(spoiled(rule, Asked(asked.provider, asked.id, body_of)), rule)
