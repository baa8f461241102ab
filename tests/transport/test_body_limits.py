"""Limits on the length of a body, and its content encodings."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from conversas import BodyTooLargeError, ConfigurationError, DecodeError, Failed, Fetched, Retry, TransportError
from support.byte_server import Peer, Wire, bytes_then, head
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import superagentes

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


SAMPLE = without_id("superagentes/sample")
LONG = b'{"title": "' + b"a" * 10_000 + b'"}'


# Limits


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
    chunks = b"".join(b"%x\r\n" % len(piece) + piece + b"\r\n" for piece in pieces)
    return head(transfer_encoding="chunked") + chunks + b"0\r\n\r\n"


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    data = zlib.compress(body) if encoding == "deflate" else gzip.compress(body)
    return head(content_encoding=encoding, content_length=len(data)) + data


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "with its length": lambda body: head(content_length=len(body)) + body,
    "without a length": lambda body: head() + body,
    "in chunks": chunked,
    "as gzip": packed,
    "as gzip in capitals": lambda body: packed(body, "GZIP"),
    "as x-gzip": lambda body: packed(body, "x-gzip"),
    "as deflate": lambda body: packed(body, "deflate"),
    "as identity": lambda body: head(content_encoding="identity", content_length=len(body)) + body,
}


each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@each_sender
@each_way
def test_a_body_of_the_longest_length_is_read(kind: Kind, way: Callable[[bytes], bytes], server: HttpServer) -> None:
    with Wire([bytes_then(way(LONG))]) as wire:
        conversation = get(kind, "superagentes:a", superagentes(wire), max_body_bytes=len(LONG))
        assert conversation.raw == LONG


@each_sender
@each_way
def test_a_body_of_one_byte_more_is_an_error_and_not_asked_for_again(
    kind: Kind, way: Callable[[bytes], bytes], server: HttpServer
) -> None:
    with Wire(standing=bytes_then(way(LONG))) as wire:
        error = failure(kind, "superagentes:a", superagentes(wire), max_body_bytes=len(LONG) - 1)
        assert type(error) is BodyTooLargeError
        assert "max_body_bytes" in str(error)
        assert (error.status, error.attempts, error.retryable) == (200, 1, False)
        assert len(wire.requests) == 1


def endless(peer: Peer) -> None:
    """Send, until the client hangs up."""
    while True:
        peer.send(b"[" * 65536)


def endless_chunks(peer: Peer) -> None:
    while True:
        peer.send(b"10000\r\n" + b"[" * 65536 + b"\r\n")


MEBIBYTE = 1024 * 1024
LONGEST = 64 * MEBIBYTE  # unless another limit is given
BOMB = gzip.compress(b"[" * (LONGEST + 1), 9)
BOMBS = {
    "gzip": bytes_then(head(content_encoding="gzip", content_length=len(BOMB)) + BOMB),
    "endless": bytes_then(head(), endless),
    "endless chunks": bytes_then(head(transfer_encoding="chunked"), endless_chunks),
    "a terabyte by its length": bytes_then(head(content_length=2**40), endless),
}


@each_sender
@pytest.mark.parametrize("play", BOMBS.values(), ids=BOMBS)
def test_a_body_that_would_fill_the_memory_does_not(kind: Kind, play: Any, server: HttpServer) -> None:
    with Wire([play]) as wire:
        tracemalloc.start()
        try:
            error = failure(kind, "superagentes:a", superagentes(wire), max_body_bytes=MEBIBYTE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert type(error) is BodyTooLargeError
    assert peak < 16 * MEBIBYTE


@each_client
def test_the_longest_body_has_64_mebibytes_unless_another_limit_is_given(kind: Kind, server: HttpServer) -> None:
    longest = gzip.compress(b'{"id": "a"}' + b" " * (LONGEST - 11), 1)
    server.first = [(200, longest, {"Content-Encoding": "gzip"}), (200, BOMB, {"Content-Encoding": "gzip"})]
    fetched, failed = get_many(kind, ["superagentes:a", "superagentes:b"], superagentes(server), concurrency=1)
    assert isinstance(fetched, Fetched)
    assert len(fetched.conversation.raw) == LONGEST
    assert isinstance(failed, Failed)
    assert type(failed.error) is BodyTooLargeError


@each_client
@pytest.mark.parametrize("limit", [0, -1, 1.5, "5", None, True], ids=repr)
def test_a_limit_that_is_none_is_refused(kind: Kind, limit: Any, server: HttpServer) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), max_body_bytes=limit)) is ConfigurationError
    assert server.requests == []


# Packing

GZIPPED = gzip.compress(SAMPLE)
DAMAGED: dict[str, tuple[str, bytes]] = {
    "not packed": ("gzip", SAMPLE),
    "cut off": ("gzip", GZIPPED[:-1]),
    "cut off in the middle": ("gzip", GZIPPED[: len(GZIPPED) // 2]),
    "its header alone": ("gzip", GZIPPED[:10]),
    "another checksum": ("gzip", GZIPPED[:-8] + b"\0\0\0\0" + GZIPPED[-4:]),
    "damaged": ("gzip", GZIPPED[:40] + bytes([GZIPPED[40] ^ 255]) + GZIPPED[41:]),
    "with more after it": ("gzip", GZIPPED + b"garbage"),
    "brotli": ("br", b"\x0b\x02\x80{}\x03"),
    "zstd": ("zstd", SAMPLE),
    "twice": ("gzip, gzip", gzip.compress(GZIPPED)),
    "unknown": ("canary", SAMPLE),
}


@each_sender
@pytest.mark.parametrize(("encoding", "body"), DAMAGED.values(), ids=DAMAGED)
def test_a_body_that_cannot_be_unpacked_is_a_broken_answer(
    kind: Kind, encoding: str, body: bytes, server: HttpServer
) -> None:
    server.answer(200, body, {"Content-Encoding": encoding})
    error = failure(
        kind, "superagentes:a", superagentes(server), retry=Retry(attempts=2, initial_backoff_seconds=0.001)
    )
    assert type(error) is TransportError
    assert (error.attempts, error.retryable, len(server.requests)) == (2, True, 2)
    assert "canary" not in str(error)


@each_sender
def test_a_packed_body_that_was_broken_is_read_the_next_time(kind: Kind, server: HttpServer) -> None:
    server.first = [(200, GZIPPED[:-9], {"Content-Encoding": "gzip"})]
    server.answer(200, GZIPPED, {"Content-Encoding": "gzip"})
    assert get(kind, "superagentes:a", superagentes(server)).raw == SAMPLE


@each_sender
def test_an_empty_body_said_to_be_packed_is_an_empty_body(kind: Kind, server: HttpServer) -> None:
    server.answer(200, b"", {"Content-Encoding": "gzip"})
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, DecodeError)
    assert error.body == b""
