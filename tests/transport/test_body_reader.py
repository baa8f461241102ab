"""Laws of how a body is read: in whatever pieces it comes, packed or not, up to a limit."""

import gzip
import itertools
import zlib
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversas.transport.body_reader import BodyReader, InvalidBody

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    " GZip ": gzip.compress,
    "deflate": zlib.compress,
}


ENCODINGS = st.sampled_from(list(PACKERS))
COMPRESSED = st.sampled_from(["gzip", "x-gzip", "deflate"])
BODIES = st.binary(max_size=300) | st.integers(0, 100_000).map(bytes)


def read(encoding: str, data: bytes, cuts: list[int], limit: int) -> BodyReader:
    """Read what comes in pieces, as a sender does."""
    reader = BodyReader(encoding, limit)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        if start < end and not reader.feed(data[start:end]):
            break
    return reader


CUTS = st.lists(st.integers(0, 10**6), max_size=8)


@given(ENCODINGS, BODIES, CUTS, st.integers(0, 1000))
def test_a_body_is_what_was_packed_however_it_is_cut(encoding: str, body: bytes, cuts: list[int], room: int) -> None:
    reader = read(encoding, PACKERS[encoding](body), cuts, max(1, len(body) + room))
    assert reader.finish() == body
    assert not reader.too_large


@given(ENCODINGS, BODIES, CUTS, st.data())
def test_a_body_over_the_limit_is_too_large_and_hardly_more_than_the_limit_is_kept(
    encoding: str, body: bytes, cuts: list[int], data: st.DataObject
) -> None:
    assume(len(body) > 1)
    limit = data.draw(st.integers(1, len(body) - 1))
    reader = read(encoding, PACKERS[encoding](body), cuts, limit)
    assert reader.too_large
    assert reader.finish() == b""
    if PACKERS[encoding] is not bytes:
        assert len(reader._body) == limit + 1


@given(COMPRESSED, BODIES, CUTS, st.data())
def test_a_packed_body_that_is_cut_off_is_broken(
    encoding: str, body: bytes, cuts: list[int], data: st.DataObject
) -> None:
    packed = PACKERS[encoding](body)
    packed = packed[: data.draw(st.integers(1, len(packed) - 1))]
    with pytest.raises(InvalidBody):
        read(encoding, packed, cuts, len(body) + 1).finish()


@given(COMPRESSED, BODIES, CUTS, st.integers(0, 10**6))
def test_a_damaged_packed_body_is_broken_or_too_large_or_the_same(
    encoding: str, body: bytes, cuts: list[int], bit: int
) -> None:
    packed = bytearray(PACKERS[encoding](body))
    packed[bit // 8 % len(packed)] ^= 1 << bit % 8
    try:
        reader = read(encoding, bytes(packed), cuts, len(body) + 1)
        assert reader.too_large or reader.finish() == body
    except InvalidBody:
        """The usual end."""


@given(COMPRESSED, BODIES, CUTS, st.binary(min_size=1, max_size=9))
def test_a_packed_body_with_more_after_it_is_broken(encoding: str, body: bytes, cuts: list[int], more: bytes) -> None:
    with pytest.raises(InvalidBody):
        read(encoding, PACKERS[encoding](body) + more, cuts, len(body) + 100).finish()


@given(COMPRESSED, BODIES, st.binary(min_size=1, max_size=9))
def test_what_follows_a_packed_body_is_not_kept(encoding: str, body: bytes, more: bytes) -> None:
    reader = BodyReader(encoding, len(body) + 1)
    assert reader.feed(PACKERS[encoding](body))
    with pytest.raises(InvalidBody):
        reader.feed(more)


@given(st.text(max_size=12))
def test_any_other_encoding_is_broken(encoding: str) -> None:
    assume(encoding.strip().lower() not in {"", "identity", "gzip", "x-gzip", "deflate"})
    with pytest.raises(InvalidBody):
        BodyReader(encoding, 1)


def test_a_body_reader_shows_nothing() -> None:
    reader = BodyReader("", 100)
    reader.feed(b"content-canary")
    assert "canary" not in repr(reader)
