"""Throughput with a rate-limited provider, as a share of the limit, and the share of throttled requests."""

import time

from attrs import frozen

from conversas import Client
from conversas.sandbox import Sandbox

PER_SECOND = 50.0
REFS = 3_000
NOT_COUNTED_SECONDS = 5.0


@frozen
class Pace:
    """Measured pace after the first seconds, which are not counted."""

    share_of_limit: float
    share_refused: float


def pace(*, retry_after: bool) -> Pace:
    """Return the pace of `get_many` with a sandbox that has a rate limit."""
    with Sandbox(requests_per_second=PER_SECOND, retry_after=retry_after) as sandbox, Client(sandbox.zild) as client:
        began, settled = time.monotonic(), None
        for _ in client.get_many(f"zild:{number}" for number in range(1, REFS + 1)):
            if settled is None and time.monotonic() - began > NOT_COUNTED_SECONDS:
                settled = time.monotonic(), sandbox.counts
        assert settled
        seconds, before, after = time.monotonic() - settled[0], settled[1], sandbox.counts
        requests = after.requests - before.requests
        return Pace(
            (after.statuses[200] - before.statuses[200]) / seconds / PER_SECOND,
            (after.statuses[429] - before.statuses[429]) / requests,
        )
