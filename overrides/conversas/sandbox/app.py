"""Decisions of the sandbox: the response to each request. Nothing is sent from here."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping

from attrs import Factory, define, evolve, field, frozen

from conversas.records.ref import ConversationRef
from conversas.sandbox.auth import TokenIssuer, TokenStatus, bearer
from conversas.sandbox.bodies import body
from conversas.sandbox.fault_responses import FaultContext, apply_fault
from conversas.sandbox.faults import Attempt, Fault, Rule, rule_for
from conversas.sandbox.request_log import Request, RequestLog
from conversas.sandbox.responses import Response, conversation, error, invalid_id, refused, retry_after
from conversas.sandbox.routes import Route, find_route, int32
from conversas.sandbox.token_bucket import TokenBucket

UNFINISHED = {Fault.RESET, Fault.CUT_SHORT, Fault.STALL}
"""The faults whose responses are not sent completely."""


@frozen
class PlannedResponse:
    """A response, and the rule whose fault applies to it."""

    response: Response
    rule: Rule | None = None


@define
class RequestHandler:
    """Responds by the token, the rate limit, the id and the rules, in this order."""

    seed: int
    custom_bodies: Mapping[ConversationRef, bytes] = field(repr=False)
    issuer: TokenIssuer
    log: RequestLog
    buckets: dict[str, TokenBucket]
    sends_retry_after: bool
    """Whether a 429 over the rate limit has a `Retry-After`."""
    rules: list[Rule]
    _numbers: Counter[str] = field(factory=Counter[str], repr=False)
    _clock: Callable[[], float] = Factory(lambda: time.monotonic)

    def replace_rules(self, rules: list[Rule]) -> None:
        self.rules, self._numbers = rules, Counter()

    def handle(self, request: Request) -> PlannedResponse:
        self.log.record_request(request)
        planned = self._plan(request)
        fault = planned.rule.fault if planned.rule else None
        self.log.record_outcome(None if fault in UNFINISHED else planned.response.status, fault)
        return planned

    def _plan(self, request: Request) -> PlannedResponse:
        route = find_route(request.target)
        if route is None:
            return PlannedResponse(Response(404))
        if request.method != "GET":
            response = error(route.provider, 405)
            body_ = b"" if request.method == "HEAD" else response.body
            return PlannedResponse(evolve(response, body=body_, headers=(*response.headers, ("Allow", "GET"))))
        number = int32(route.id) if route.provider == "zild" else None
        route = route if number is None else evolve(route, id=str(number))
        self.log.record_ref(f"{route.provider}:{route.id}")
        refusal = self._refusal(route, bearer(request.headers.get("authorization"))) or self._throttle(route.provider)
        if refusal is None and route.provider == "zild" and number is None:
            refusal = invalid_id()
        return PlannedResponse(refusal) if refusal else self._conversation(route)

    def _refusal(self, route: Route, token: str | None) -> Response | None:
        if route.provider == "zild":
            status, expires_at = self.issuer.check_jwt(token)
        else:
            status, expires_at = self.issuer.check_key(token), 0.0
        return None if status is TokenStatus.VALID else refused(route.provider, status, expires_at)

    def _throttle(self, provider: str) -> Response | None:
        """Return the 429 for a request over the rate limit; None within it."""
        bucket = self.buckets.get(provider)
        seconds = bucket.acquire(self._clock()) if bucket else 0.0
        if not seconds:
            return None
        response = error(provider, 429)
        extra = retry_after(max(1, math.ceil(seconds))) if self.sends_retry_after else ()
        return evolve(response, headers=(*response.headers, *extra))

    def _conversation(self, route: Route) -> PlannedResponse:
        ref = f"{route.provider}:{route.id}"
        attempt = Attempt(route.provider, route.id, self._numbers[ref])
        self._numbers[ref] += 1
        rule = rule_for(attempt, tuple(self.rules), seed=self.seed)

        def body_of(id_: str) -> bytes:
            custom = self.custom_bodies.get(ConversationRef(route.provider, id_))
            return custom if custom is not None else body(route.provider, id_, seed=self.seed, cursor=route.cursor)

        if rule is None:
            return PlannedResponse(conversation(body_of(route.id)))
        return PlannedResponse(apply_fault(rule, FaultContext(route.provider, route.id, body_of)), rule)
