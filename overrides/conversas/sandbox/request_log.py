"""Log of requests, and counts of responses and faults."""

from collections import Counter, deque
from collections.abc import Mapping
from threading import Condition

from attrs import Factory, define, field, frozen

from conversas.sandbox.faults import Fault

MAX_REQUESTS = 1_000


@frozen
class Request:
    """A request. Its repr shows neither headers nor the query, which may contain a token."""

    method: str
    target: str = field(repr=lambda target: repr(target.partition("?")[0]))
    """The path with the query, as sent."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers, by their names in lower case. If a name occurs several times, the last value."""


@frozen
class Counts:
    """Counts at one moment."""

    requests: int
    """The number of requests."""
    statuses: Counter[int]
    """The number of responses by status, without responses that a fault cut off."""
    faults: Counter[Fault]
    """The number of requests by fault."""
    refs: Counter[str]
    """The number of requests by conversation, for example `zild:123`, with or without a valid token."""


@define
class RequestLog:
    """Thread-safe log of the last requests, with counts of all requests."""

    _requests: deque[Request] = field(factory=lambda: deque(maxlen=MAX_REQUESTS), repr=False)
    _total: int = 0
    _statuses: Counter[int] = Factory(Counter[int])
    _faults: Counter[Fault] = Factory(Counter[Fault])
    _refs: Counter[str] = field(factory=Counter[str], repr=False)
    _lock: Condition = field(factory=Condition, repr=False)

    def record_request(self, request: Request) -> None:
        with self._lock:
            self._total += 1
            self._requests.append(request)
            self._lock.notify_all()

    def wait_for_requests(self, count: int, seconds: float) -> bool:
        with self._lock:
            return self._lock.wait_for(lambda: self._total >= count, seconds)

    def record_ref(self, ref: str) -> None:
        with self._lock:
            self._refs[ref] += 1

    def record_outcome(self, status: int | None, fault: Fault | None) -> None:
        """Count a response; `status` is None if it will not be sent completely."""
        with self._lock:
            if status is not None:
                self._statuses[status] += 1
            if fault is not None:
                self._faults[fault] += 1

    def counts(self) -> Counts:
        with self._lock:
            return Counts(self._total, self._statuses.copy(), self._faults.copy(), self._refs.copy())

    def requests(self) -> deque[Request]:
        with self._lock:
            return self._requests.copy()
