"""Reading of a body, with checks of its encoding, its size and its deadline."""

import time
import zlib
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from conversas.transport.messages import OK, Request, Response, TransportFailure

ACCEPTED_ENCODING = "gzip"
_NO_ENCODINGS = {"", "identity", "none", "binary", "utf-8", "utf8"}  # names that servers send for no encoding at all
_COMPRESSIONS = {"gzip", "x-gzip", "deflate"}
_GZIP, _GZIP_MAGIC, _HEADER_BYTES = zlib.MAX_WBITS | 16, b"\x1f\x8b", 2
MAX_ERROR_BODY_BYTES = 64 * 1024  # an error page is read up to this size, so that its connection can be reused


class InvalidBody(Exception):
    """The body ended too early, or is not encoded as its headers say."""


class DeadlineExceeded(Exception):
    """The deadline of the response has passed."""


@define(repr=False)
class BodyReader:
    """Reader that assembles a body and decompresses it. It stops at a limit, however small the compressed form is.

    Raises:
        InvalidBody: The encoding is not supported, or the body is damaged or cut off.
    """

    encoding: str
    """The header Content-Encoding; empty without this header."""
    limit: int
    """Maximum number of bytes of the decompressed body."""
    too_large: bool = field(default=False, init=False)
    _body: bytearray = field(factory=bytearray, init=False)  # a list of tiny pieces would take much more memory
    _is_compressed: bool = field(default=False, init=False)
    _start: bytes = field(default=b"", init=False)
    """First bytes of a compressed body, which show its format."""
    _decompressor: Any = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        names = [name for each in self.encoding.split(",") if (name := each.strip().lower()) not in _NO_ENCODINGS]
        self._is_compressed = bool(names)
        # a body with two names of encodings is seldom really compressed twice
        if names[1:] or not _COMPRESSIONS.issuperset(names):
            raise InvalidBody

    def feed(self, piece: bytes) -> bool:
        """Accept the next piece. Return False if the limit is exceeded and no more should be read."""
        if self._is_compressed:
            self._decompress(piece)
        else:
            self._body += piece
        self.too_large = len(self._body) > self.limit
        return not self.too_large

    def _decompress(self, data: bytes) -> None:
        if self._decompressor is None:
            self._start += data
            if len(self._start) < _HEADER_BYTES:
                return
            data, self._decompressor = self._start, zlib.decompressobj(_window_bits(self._start))
        try:
            while data and len(self._body) <= self.limit:
                if not self._decompressor.eof or (data := self._next_member(data)):
                    self._body += self._decompressor.decompress(data, self.limit - len(self._body) + 1)
                    data = self._decompressor.unused_data
        except zlib.error:
            raise InvalidBody from None

    def _next_member(self, data: bytes) -> bytes:
        """Begin the next member of a gzip body; zeros between and after members are padding."""
        data = data.lstrip(b"\0")
        if data and not (self._start.startswith(_GZIP_MAGIC) and _GZIP_MAGIC.startswith(data[:2])):
            raise InvalidBody
        if data:
            self._decompressor = zlib.decompressobj(_GZIP)
        return data

    def finish(self) -> bytes:
        """Return the whole body; no bytes if it is too large."""
        if self.too_large:
            return b""
        if self._start and not (self._decompressor and self._decompressor.eof):
            raise InvalidBody
        return bytes(self._body)


def _window_bits(start: bytes) -> int:
    """Return how zlib must read a compressed body: as gzip, as zlib, or as the raw form that some call deflate."""
    if start.startswith(_GZIP_MAGIC):
        return _GZIP
    is_zlib = start[0] & 15 == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS


class ResponseReader:
    """Reader of a response while its body arrives.

    The body of an error is read and dropped, so that its connection can be reused.
    """

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], encoding: str) -> None:
        self._status, self._headers = status, headers
        self._deadline = request.deadline
        self._dropped_bytes = 0
        self._body = BodyReader(encoding, request.max_body_bytes) if status == OK else None

    def feed(self, piece: bytes) -> bool:
        """Accept the next piece. Return False if no more should be read."""
        if time.monotonic() > self._deadline:
            raise DeadlineExceeded
        if self._body:
            return self._body.feed(piece)
        self._dropped_bytes += len(piece)
        return self._dropped_bytes < MAX_ERROR_BODY_BYTES

    def abort(self, failure: TransportFailure) -> Response | TransportFailure:
        """Return the response without the rest of its body if its status is an error, else the failure."""
        return failure if self._body else self.response()

    def response(self) -> Response:
        """Return the response, once its body has ended or no more should be read."""
        if self._body is None:
            return Response(self._status, self._headers)
        return Response(self._status, self._headers, self._body.finish(), self._body.too_large)
