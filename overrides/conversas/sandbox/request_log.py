"""What a sandbox was asked, and what it did."""

from collections import Counter, deque
from collections.abc import Mapping
from threading import Condition

from attrs import Factory, define, field, frozen

from conversas.sandbox.faults import Fault

KEPT = 1_000


@frozen
class Request:
    """What was asked. Its repr is silent about headers and the query, which may hold a token."""

    method: str
    target: str = field(repr=lambda target: repr(target.partition("?")[0]))
    """The path with the query, as sent."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers, by their names in lower case. Of several with one name, the last."""


@frozen
class Counts:
    """What had happened at one moment."""

    requests: int
    """How many requests came."""
    statuses: Counter[int]
    """How many answers were sent, by status. An answer that a fault lets never end is none."""
    faults: Counter[Fault]
    """How many requests each fault struck."""
    refs: Counter[str]
    """How many requests came for each conversation, such as `zild:123`, with a valid token or without."""


@define
class Ledger:
    """Keeps count. It can be read in any thread."""

    _requests: deque[Request] = field(factory=lambda: deque(maxlen=KEPT), repr=False)
    _total: int = 0
    _statuses: Counter[int] = Factory(Counter[int])
    _faults: Counter[Fault] = Factory(Counter[Fault])
    _refs: Counter[str] = field(factory=Counter[str], repr=False)
    _lock: Condition = field(factory=Condition, repr=False)

    def note_request(self, request: Request) -> None:
        with self._lock:
            self._total += 1
            self._requests.append(request)
            self._lock.notify_all()

    def wait_for_requests(self, count: int, seconds: float) -> bool:
        with self._lock:
            return self._lock.wait_for(lambda: self._total >= count, seconds)

    def note_ref(self, ref: str) -> None:
        with self._lock:
            self._refs[ref] += 1

    def note_outcome(self, status: int | None, fault: Fault | None) -> None:
        """Count an answer; `status` is None where it will not be sent to its end."""
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
