"""What goes out and what comes back: values between the decisions and the HTTP library.

Their reprs are silent, as a traceback may show them: requests hold a token, answers the words of customers.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

OK = 200
ACCEPTED_ENCODING = "gzip"
LONGEST_ERROR_BODY = 64 * 1024  # bytes; an error page is read as far as this, so that its connection can serve again
_TELLING = (ssl.SSLCertVerificationError, socket.gaierror, ConnectionRefusedError)


@frozen(repr=False, eq=False)
class Request:
    """One request, and how much time there is for it."""

    method: str
    base_url: str
    """That of the platform."""
    path: str
    """What follows the base URL."""
    headers: Mapping[str, str]
    connect_seconds: float
    read_seconds: float
    until: float
    """When the answer has to be there, by `time.monotonic()`."""
    max_body_bytes: int

    @property
    def url(self) -> str:
        return self.base_url + self.path


@frozen(repr=False, eq=False)
class Answer:
    """What the platform answered."""

    status: int
    headers: Mapping[str, str]
    """Found by names in lower case."""
    body: bytes = b""
    """The body of an answer with status 200. Of others it is not kept."""
    too_large: bool = False
    """Whether the body was longer than the limit; then it is not kept, either."""


@frozen
class NoAnswer:
    """Why no answer came."""

    reason: str
    """The name of the class of the error."""
    unreachable: bool = False
    """Whether there was no connection at all."""
    lasting: bool = False
    """Whether another attempt would end the same way."""


class BrokenBody(Exception):
    """The body ended too early, or is not packed as its headers say."""


class TooSlow(Exception):
    """The time for the answer is over."""


@define(repr=False)
class BodyReader:
    """Puts a body together from its pieces and unpacks it. It stops at a limit, however small the packed form is.

    Raises:
        BrokenBody: The packed form is none that was asked for, damaged, or cut off.
    """

    encoding: str
    """The header Content-Encoding; empty where there is none."""
    limit: int
    """How many bytes of the unpacked body there may be."""
    too_large: bool = field(default=False, init=False)
    _body: bytearray = field(factory=bytearray, init=False)  # a list of pieces takes much more where these are tiny
    _has_begun: bool = field(default=False, init=False)
    _unpacker: Any = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        encoding = self.encoding.strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):
            self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # it tells gzip from zlib by itself
        elif encoding not in ("", "identity"):
            raise BrokenBody

    def add(self, piece: bytes) -> bool:
        """Take the next piece. False where the limit is reached, and no more should be read."""
        self._has_begun = True
        self._body += self._unpack(piece) if self._unpacker else piece
        self.too_large = len(self._body) > self.limit
        return not self.too_large

    def _unpack(self, piece: bytes) -> bytes:
        if self._unpacker.eof and piece:  # zlib would keep all that follows the end
            raise BrokenBody
        try:
            return bytes(self._unpacker.decompress(piece, self.limit - len(self._body) + 1))
        except zlib.error:
            raise BrokenBody from None

    def whole(self) -> bytes:
        """Give the body; of one that is too large, nothing."""
        if self.too_large:
            return b""
        if self._unpacker and self._has_begun and (not self._unpacker.eof or self._unpacker.unused_data):
            raise BrokenBody
        return bytes(self._body)


class Incoming:
    """An answer while its body comes in. Of an error, the body is read for the sake of the connection, and dropped."""

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], encoding: str) -> None:
        self._status, self._headers = status, headers
        self._until = request.until
        self._dropped = 0
        self._reader = BodyReader(encoding, request.max_body_bytes) if status == OK else None

    def take(self, piece: bytes) -> bool:
        """Take the next piece. False where no more should be read."""
        if time.monotonic() > self._until:
            raise TooSlow
        if self._reader:
            return self._reader.add(piece)
        self._dropped += len(piece)
        return self._dropped < LONGEST_ERROR_BODY

    def ended_by(self, reason: NoAnswer) -> Answer | NoAnswer:
        """Give what is left after an error: the status of a refusal is enough, a conversation needs its body."""
        return reason if self._reader else self.answer()

    def answer(self) -> Answer:
        if self._reader is None:
            return Answer(self._status, self._headers)
        return Answer(self._status, self._headers, self._reader.whole(), self._reader.too_large)


def no_answer(error: BaseException, name: str, *, unreachable: bool) -> NoAnswer:
    """Give the reason for an error that has this name, unless one of its causes tells more."""
    telling = next((kind for cause in _causes(error) for kind in _TELLING if isinstance(cause, kind)), None)
    lasting = telling is ssl.SSLCertVerificationError
    return NoAnswer(telling.__name__ if telling else name, unreachable=unreachable, lasting=lasting)


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
