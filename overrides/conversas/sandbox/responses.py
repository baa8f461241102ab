"""What each platform answers where it gives no conversation."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import orjson
from attrs import field, frozen

from conversas.sandbox.auth import TokenStatus

Headers = tuple[tuple[str, str], ...]

JSON: Headers = (("Content-Type", "application/json; charset=utf-8"),)
PROBLEM: Headers = (("Content-Type", "application/problem+json; charset=utf-8"),)
TEXT: Headers = (("Content-Type", "text/plain; charset=utf-8"),)
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)

# Inferred, by the names that its open-source relative has.
ERROR_NAMES = {405: "METHOD_NOT_ALLOWED", 429: "RATE_LIMIT", 500: "INTERNAL_SERVER_ERROR", 503: "SERVICE_UNAVAILABLE"}


@frozen
class Response:
    """A status, headers and a body; `Content-Length` and the like are added when it is sent."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Headers = field(default=(), repr=False)
    stream: Callable[[], Iterator[bytes]] | None = field(default=None, repr=False)
    """What makes the body while it is sent, where it is too long to hold."""
    length: int | None = None
    """The length of what is streamed, where it is known before."""


def conversation(body: bytes) -> Response:
    return Response(200, body, JSON)


def error(provider: str, status: int) -> Response:
    """Return an error: Zild's without a body, Superagentes' with a name in JSON."""
    if provider == "zild":
        return Response(status)
    return Response(status, orjson.dumps({"error": ERROR_NAMES.get(status, f"ERROR_{status}")}), JSON)


def refused(provider: str, status: TokenStatus, expires_at: float) -> Response:
    """Response a request without a valid token: Zild with 401, Superagentes with 403."""
    if provider == "superagentes":
        return forbidden(provider)
    challenge = {
        TokenStatus.ABSENT: "Bearer",
        TokenStatus.EXPIRED: 'Bearer error="invalid_token", error_description="The token expired at \'{at}\'"',
    }.get(status, 'Bearer error="invalid_token"')
    at = f"{datetime.fromtimestamp(expires_at, UTC):%m/%d/%Y %H:%M:%S}"
    return Response(401, headers=(("WWW-Authenticate", challenge.format(at=at)),))


def forbidden(provider: str) -> Response:
    return Response(403, b"Forbidden", TEXT) if provider == "superagentes" else Response(403)


def not_found(provider: str) -> Response:
    if provider == "superagentes":  # inferred: an unknown id is no error there
        return Response(200, b"null", JSON)
    return _problem(404, "https://tools.ietf.org/html/rfc9110#section-15.5.5", "Not Found", {})


def invalid_id() -> Response:
    errors = {"id": ["The value is not valid for an integer of 32 bits."]}
    about = "https://tools.ietf.org/html/rfc9110#section-15.5.1"
    return _problem(400, about, "One or more validation errors occurred.", errors)


def _problem(status: int, about: str, title: str, errors: dict[str, list[str]]) -> Response:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    problem = {"type": about, "title": title, "status": status, "traceId": trace, "errors": errors}
    return Response(status, orjson.dumps(problem), PROBLEM)


def retry_after(value: float | datetime | str) -> Headers:
    """Give a `Retry-After` header: seconds without a needless point, a time as an HTTP date, a text as it is."""
    if isinstance(value, datetime):
        return (("Retry-After", format_datetime(value.astimezone(UTC), usegmt=True)),)
    if isinstance(value, str):
        return (("Retry-After", value),)
    return (("Retry-After", str(int(value) if value == int(value) else value)),)
