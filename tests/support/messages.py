"""Requests as a client hands them to its transport, and whole responses as bytes."""

import time
from typing import Any

from conversas.transport.messages import Request
from support.providers import TOKEN

BODY = b'{"id": 1}'


def request_to(base_url: str = "http://127.0.0.1:1", target: str = "/1", **limits: Any) -> Request:
    """Return a request with a deadline in two seconds, or in `total_seconds`."""
    deadline = time.monotonic() + limits.pop("total_seconds", 2)
    seconds: dict[str, Any] = {"connect_seconds": 2.0, "read_seconds": 2.0, **limits}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return Request("GET", base_url, target, headers, deadline=deadline, max_body_bytes=10**6, **seconds)


def whole_response(body: bytes = BODY) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
