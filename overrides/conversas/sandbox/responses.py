"""HTTP responses, and the parts that all providers share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from attrs import field, frozen

Headers = tuple[tuple[str, str], ...]

JSON: Headers = (("Content-Type", "application/json; charset=utf-8"),)
TEXT: Headers = (("Content-Type", "text/plain; charset=utf-8"),)
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)


@frozen
class Response:
    """A status, headers and a body. Headers such as `Content-Length` are added when the response is sent."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Headers = field(default=(), repr=False)
    stream: Callable[[], Iterator[bytes]] | None = field(default=None, repr=False)
    """The source of a body that is too large for memory. It is read while the response is sent."""
    length: int | None = None
    """The length of a streamed body, if it is known in advance."""


def conversation(body: bytes) -> Response:
    """Return the response with the body of a conversation."""
    return Response(200, body, JSON)


def retry_after(value: float | datetime | str) -> Headers:
    """Return a `Retry-After` header: seconds without a trailing `.0`, a time as an HTTP date, a string as it is."""
    if isinstance(value, datetime):
        return (("Retry-After", format_datetime(value.astimezone(UTC), usegmt=True)),)
    if isinstance(value, str):
        return (("Retry-After", value),)
    return (("Retry-After", str(int(value) if value == int(value) else value)),)
