"""Decisions of the sandbox: the response to each request. This module sends nothing."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping

from attrs import Factory, define, evolve, field, frozen

from conversas.records.ref import ConversationRef
from conversas.sandbox.auth import TokenIssuer
from conversas.sandbox.bodies import body, list_body
from conversas.sandbox.fault_responses import FaultContext, apply_fault
from conversas.sandbox.faults import Attempt, Fault, Rule, rule_for
from conversas.sandbox.platforms.base import SandboxPlatform
from conversas.sandbox.request_log import Request, RequestLog
from conversas.sandbox.responses import Response, conversation, retry_after
from conversas.sandbox.routes import Route, find_route
from conversas.sandbox.token_bucket import TokenBucket

UNFINISHED = {Fault.RESET, Fault.PREMATURE_EOF, Fault.HANG}
"""The faults whose responses are not sent completely."""


@frozen
class PlannedResponse:
    """A response, and the rule whose fault applies to it."""

    response: Response
    rule: Rule | None = None


@define
class RequestHandler:
    """Handler of requests. It checks the token, the rate limit, the id and the rules, in this order."""

    seed: int
    platforms: Mapping[str, SandboxPlatform]
    custom_bodies: Mapping[ConversationRef, bytes] = field(repr=False)
    issuers: Mapping[str, TokenIssuer]
    log: RequestLog
    buckets: dict[str, TokenBucket]
    sends_retry_after: bool
    """Whether a 429 over the rate limit has a `Retry-After`."""
    rules: list[Rule]
    _attempts: Counter[str] = field(factory=Counter[str], repr=False)
    _clock: Callable[[], float] = Factory(lambda: time.monotonic)

    def replace_rules(self, rules: list[Rule]) -> None:
        self.rules, self._attempts = rules, Counter()

    def handle(self, request: Request) -> PlannedResponse:
        """Return the response to a request, and log both."""
        self.log.record_request(request)
        planned = self._plan(request)
        fault = planned.rule.fault if planned.rule else None
        self.log.record_outcome(None if fault in UNFINISHED else planned.response.status, fault)
        return planned

    def _plan(self, request: Request) -> PlannedResponse:
        route = find_route(request.target, self.platforms.values())
        if route is None:
            return PlannedResponse(Response(404))
        platform = route.platform
        if request.method != "GET":
            return PlannedResponse(_method_not_allowed(platform, request.method))
        if route.list_query is None:
            self.log.record_ref(route.ref)
        refusal = platform.authenticate(request.headers, self.issuers[platform.name]) or self._throttle(platform)
        if refusal is None and not route.is_valid:
            refusal = platform.invalid_id()
        return PlannedResponse(refusal) if refusal else self._conversation(route)

    def _throttle(self, platform: SandboxPlatform) -> Response | None:
        """Return a 429 if a request exceeds the rate limit; otherwise None."""
        bucket = self.buckets.get(platform.name)
        seconds = bucket.acquire(self._clock()) if bucket else 0.0
        if not seconds:
            return None
        response = platform.error(429)
        extra = retry_after(max(1, math.ceil(seconds))) if self.sends_retry_after else ()
        return evolve(response, headers=(*response.headers, *extra))

    def _conversation(self, route: Route) -> PlannedResponse:
        attempt = Attempt(route.platform.name, route.id, self._attempts[route.ref])
        self._attempts[route.ref] += 1
        rule = rule_for(attempt, tuple(self.rules), seed=self.seed)
        if rule is None:
            return PlannedResponse(conversation(self._body(route, route.id)))
        context = FaultContext(route.platform, route.id, lambda id_: self._body(route, id_))
        return PlannedResponse(apply_fault(rule, context), rule)

    def _body(self, route: Route, id_: str) -> bytes:
        if route.list_query is not None:
            return list_body(route.platform, route.list_query, self.custom_bodies, seed=self.seed)
        custom = self.custom_bodies.get(ConversationRef(route.platform.name, id_))
        return body(route.platform.name, id_, seed=self.seed, cursor=route.cursor) if custom is None else custom


def _method_not_allowed(platform: SandboxPlatform, method: str) -> Response:
    response = platform.error(405)
    body_ = b"" if method == "HEAD" else response.body
    return evolve(response, body=body_, headers=(*response.headers, ("Allow", "GET")))
