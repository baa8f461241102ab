"""MappingContext of a body within limits: its encoding, its size, its deadline."""

import time
import zlib
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from conversas.transport.messages import OK, Request, Response, TransportFailure

ACCEPTED_ENCODING = "gzip"
MAX_ERROR_BODY_BYTES = 64 * 1024  # an error page is read as far as this, so that its connection can serve again


class InvalidBody(Exception):
    """The body ended too early, or is not encoded as its headers say."""


class DeadlineExceeded(Exception):
    """The deadline of the response has passed."""


@define(repr=False)
class BodyReader:
    """Assembles a body from its pieces and decompresses it. Stops at a limit, however small the compressed form is.

    Raises:
        InvalidBody: The encoding was not asked for, or the body is damaged or cut off.
    """

    encoding: str
    """The header Content-Encoding; empty if there is none."""
    limit: int
    """The largest number of bytes of the decompressed body."""
    too_large: bool = field(default=False, init=False)
    _body: bytearray = field(factory=bytearray, init=False)  # a list of pieces takes much more if these are tiny
    _has_begun: bool = field(default=False, init=False)
    _decompressor: Any = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        encoding = self.encoding.strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):
            self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)  # it tells gzip from zlib by itself
        elif encoding not in ("", "identity"):
            raise InvalidBody

    def feed(self, piece: bytes) -> bool:
        """Take the next piece. Return False if the limit is reached and no more should be read."""
        self._has_begun = True
        self._body += self._decompress(piece) if self._decompressor else piece
        self.too_large = len(self._body) > self.limit
        return not self.too_large

    def _decompress(self, piece: bytes) -> bytes:
        if self._decompressor.eof and piece:  # zlib would keep all that follows the end
            raise InvalidBody
        try:
            return bytes(self._decompressor.decompress(piece, self.limit - len(self._body) + 1))
        except zlib.error:
            raise InvalidBody from None

    def finish(self) -> bytes:
        """Return the whole body; nothing of one that is too large."""
        if self.too_large:
            return b""
        decompressor = self._decompressor
        if decompressor and self._has_begun and (not decompressor.eof or decompressor.unused_data):
            raise InvalidBody
        return bytes(self._body)


class ResponseReader:
    """A response while its body comes in.

    The body of an error is read so that its connection can serve again, and dropped.
    """

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], encoding: str) -> None:
        self._status, self._headers = status, headers
        self._deadline = request.deadline
        self._dropped_bytes = 0
        self._body = BodyReader(encoding, request.max_body_bytes) if status == OK else None

    def feed(self, piece: bytes) -> bool:
        """Take the next piece. Return False if no more should be read."""
        if time.monotonic() > self._deadline:
            raise DeadlineExceeded
        if self._body:
            return self._body.feed(piece)
        self._dropped_bytes += len(piece)
        return self._dropped_bytes < MAX_ERROR_BODY_BYTES

    def abort(self, failure: TransportFailure) -> Response | TransportFailure:
        """Return the response without the rest of its body if it is an error status, else the failure."""
        return failure if self._body else self.response()

    def response(self) -> Response:
        """Return the response, once its body has ended or no more of it should be read."""
        if self._body is None:
            return Response(self._status, self._headers)
        return Response(self._status, self._headers, self._body.finish(), self._body.too_large)
