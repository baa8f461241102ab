"""Faults, and the rules that select requests for them."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen

from conversas.sandbox.platforms import get_platform

WITHOUT_BODY = (204, 304)
"""The statuses whose responses never have a body."""


class Fault(StrEnum):
    """A fault of one response. docs/sandbox.md describes each fault."""

    TOO_MANY_REQUESTS = "too-many-requests"
    INTERNAL_ERROR = "internal-error"
    BAD_GATEWAY = "bad-gateway"
    UNAVAILABLE = "unavailable"
    UNKNOWN_ERROR = "unknown-error"
    STATUS = "status"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    REDIRECT = "redirect"
    HTML_PAGE = "html-page"
    EMPTY_BODY = "empty-body"
    TRUNCATED_JSON = "truncated-json"
    RESET = "reset"
    PREMATURE_EOF = "premature-eof"
    SLOW_BODY = "slow-body"
    SLOW = "slow"
    HANG = "hang"
    GZIP = "gzip"
    HUGE = "huge"
    GZIP_BOMB = "gzip-bomb"
    UNKNOWN_ENUM_VALUE = "unknown-enum-value"
    UNKNOWN_FIELD = "unknown-field"
    UNEXPECTED_NULL = "unexpected-null"
    BOOLEAN_AS_TEXT = "boolean-as-text"
    NAIVE_DATE = "naive-date"
    CUT_EMOJI = "cut-emoji"
    OTHER_ID = "other-id"
    ERROR_BODY = "error-body"
    ENVELOPE = "envelope"
    PASCAL_CASE = "pascal-case"
    REFERENCES = "references"
    NEWEST_FIRST = "newest-first"
    MESSAGE_WITHOUT_TIME = "message-without-time"
    CLOCK_TURNED_BACK = "clock-turned-back"
    EPOCH_TIMES = "epoch-times"
    ZERO_DATES = "zero-dates"
    PERSON_TWICE = "person-twice"
    STAFF_REPLY = "staff-reply"
    UNKNOWN_STATUS = "unknown-status"
    OTHER_ADDRESS = "other-address"
    ADDRESS_PREFIX = "address-prefix"
    VOICE_ROLES = "voice-roles"
    UNEVALUATED = "unevaluated"


SETTINGS = {
    "status": {Fault.STATUS, Fault.HTML_PAGE},
    "seconds": {Fault.SLOW_BODY, Fault.SLOW, Fault.HANG},
    "location": {Fault.REDIRECT},
    "megabytes": {Fault.HUGE, Fault.GZIP_BOMB},
}
"""Settings of a rule that apply only to some faults."""


def _texts(ids: Collection[str | int] | None) -> frozenset[str] | None:
    if isinstance(ids, str):
        raise ValueError("ids must be a collection, got one string; pass ids=['123']")  # noqa: TRY004  # as other settings
    return None if ids is None else frozenset(map(str, ids))


def _within(lowest: float, highest: float) -> Any:
    """Return a validator that accepts None and the numbers in a range, but not NaN."""

    def validate(_rule: object, attribute: "Attribute[Any]", value: float | None) -> None:
        if value is not None and not lowest <= value <= highest:
            raise ValueError(f"{attribute.name} must be a number from {lowest:g} to {highest:g}, got {value}")

    return validate


def _known(_rule: object, _attribute: "Attribute[Any]", provider: str | None) -> None:
    if provider is not None:
        get_platform(provider)


def _sendable(_rule: object, attribute: "Attribute[Any]", value: object) -> None:
    """Raise ValueError for a value that a header cannot contain."""
    if isinstance(value, str) and not (value.isascii() and value.isprintable()):
        raise ValueError(f"{attribute.name} must be a string of printable ASCII characters")
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise ValueError(f"{attribute.name} must be a time with an offset")
    if isinstance(value, int | float) and not 0 <= value < float("inf"):
        raise ValueError(f"{attribute.name} must be 0 seconds or more, got {value}")


@frozen
class Rule:
    """A fault, and the requests that it applies to.

    Raises:
        ValueError: A setting is out of range, or does not apply to the fault.
    """

    fault: Fault = field(converter=Fault)
    probability: float = field(default=1.0, kw_only=True, validator=_within(0, 1))
    """The share of the selected requests to which the fault applies, from 0 to 1."""
    provider: str | None = field(default=None, kw_only=True, validator=_known)
    """The provider whose requests are selected; None for all."""
    ids: frozenset[str] | None = field(default=None, kw_only=True, converter=_texts)
    """The ids of the conversations that are selected; None for all."""
    times: int | None = field(default=None, kw_only=True, validator=_within(1, float("inf")))
    """Number of requests for each conversation that the rule selects, counted from the first; None means all."""
    status: int | None = field(default=None, kw_only=True, validator=_within(200, 599))
    """The status of the response, from 200 to 599: required for `status`, by default 502 for `html-page`."""
    retry_after: float | datetime | str | None = field(default=None, kw_only=True, validator=_sendable)
    """A `Retry-After` header: seconds, an aware time (sent as an HTTP date), or a string (sent as it is)."""
    seconds: float | None = field(default=None, kw_only=True, validator=_within(0, 1e6))
    """The wait in seconds: for `slow` before the response (by default 1.0), for `slow-body` between pieces (by default
    0.1), for `hang` until the connection is closed (by default without limit).
    """
    location: str | None = field(default=None, kw_only=True, validator=_sendable)
    """The `Location` header of `redirect`, sent as it is (by default `/login`)."""
    megabytes: float | None = field(default=None, kw_only=True, validator=_within(0.001, 1e6))
    """The length of the body of `huge` and `gzip-bomb` before compression, in millions of bytes (by default 100)."""

    def __attrs_post_init__(self) -> None:
        for name, faults in SETTINGS.items():
            if getattr(self, name) is not None and self.fault not in faults:
                raise ValueError(f"{name} does not apply to {self.fault}, only to {', '.join(sorted(faults))}")
        if self.fault is Fault.STATUS and self.status is None:
            raise ValueError("the fault status needs a status, for example Rule(Fault.STATUS, status=418)")
        if self.fault is Fault.HTML_PAGE and self.status in WITHOUT_BODY:
            raise ValueError(f"a response with the status {self.status} has no page")

    def matches(self, request: "Attempt") -> bool:
        """Return whether the rule selects this request. The probability is not considered."""
        return (
            self.provider in (None, request.provider)
            and (self.ids is None or request.id in self.ids)
            and (self.times is None or request.number < self.times)
        )


@frozen
class Attempt:
    """The facts about a request that rules depend on."""

    provider: str
    id: str
    number: int
    """The number of earlier requests for the same conversation."""


def rule_for(request: Attempt, rules: Iterable[Rule], *, seed: int) -> Rule | None:
    """Return the first rule that applies to a request. The result is always the same for the same request."""
    for index, rule in enumerate(rules):
        if rule.matches(request) and (rule.probability == 1.0 or _draw(seed, index, request) < rule.probability):
            return rule
    return None


def _draw(seed: int, index: int, request: Attempt) -> float:
    """Return a number from 0 to 1 that depends only on the arguments, so the order of requests does not matter."""
    text = f"{seed}:{index}:{request.number}:{request.provider}:{request.id}"
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=7).digest()) / 2**56
