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
    "gzip, identity": gzip.compress,
    "none": bytes,
    "UTF-8": bytes,
}


def compress_bare(body: bytes) -> bytes:
    """Compress as some servers do that call it deflate: without the header and the checksum of zlib."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


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


def is_no_gzip(more: bytes) -> bool:
    return bool(more.lstrip(b"\0")) and not more.lstrip(b"\0").startswith(b"\x1f")


@given(BODIES, CUTS)
def test_a_body_of_bare_deflate_is_read(body: bytes, cuts: list[int]) -> None:
    assert read("deflate", compress_bare(body), cuts, len(body) + 1).finish() == body


@given(st.sampled_from(["gzip", "x-gzip"]), st.lists(BODIES, min_size=1, max_size=3), CUTS, st.integers(0, 600))
def test_members_of_a_packed_body_are_read_as_one_with_zeros_between(
    encoding: str, bodies: list[bytes], cuts: list[int], zeros: int
) -> None:
    packed = b"".join(gzip.compress(body) + bytes(zeros) for body in bodies)
    whole = b"".join(bodies)
    assert read(encoding, packed, cuts, len(whole) + 1).finish() == whole
    if whole:
        assert read(encoding, packed, cuts, len(whole) - 1).too_large


@given(COMPRESSED, BODIES, CUTS, st.binary(min_size=1, max_size=9).filter(is_no_gzip))
def test_a_packed_body_with_more_after_it_is_broken(encoding: str, body: bytes, cuts: list[int], more: bytes) -> None:
    with pytest.raises(InvalidBody):
        read(encoding, PACKERS[encoding](body) + more, cuts, len(body) + 100).finish()


@given(COMPRESSED, BODIES, st.binary(min_size=1, max_size=9).filter(is_no_gzip))
def test_what_follows_a_packed_body_is_not_kept(encoding: str, body: bytes, more: bytes) -> None:
    reader = BodyReader(encoding, len(body) + 1)
    assert reader.feed(PACKERS[encoding](body))
    with pytest.raises(InvalidBody):
        reader.feed(more)


@given(st.text(max_size=12))
def test_any_other_encoding_is_broken(encoding: str) -> None:
    known = {"", "identity", "gzip", "x-gzip", "deflate", "none", "binary", "utf-8", "utf8"}
    assume("," not in encoding and encoding.strip().lower() not in known)
    with pytest.raises(InvalidBody):
        BodyReader(encoding, 1)


def test_a_body_reader_shows_nothing() -> None:
    reader = BodyReader("", 100)
    reader.feed(b"content-canary")
    assert "canary" not in repr(reader)
