"""Responses that break off, stall, or do not speak HTTP, as plays of the byte server."""

from support.byte_server import Peer, Play, bytes_then, head
from support.examples import without_id

SAMPLE = without_id("superagentes/sample")
WHOLE = head(content_length=len(SAMPLE)) + SAMPLE
CHUNKED = head(transfer_encoding="chunked")

BROKEN: dict[str, Play] = {
    "closed without a word": bytes_then(b""),
    "reset before the headers": Peer.reset,
    "closed in the headers": bytes_then(WHOLE[:25]),
    "reset in the headers": bytes_then(WHOLE[:25], Peer.reset),
    "closed after the headers": bytes_then(head(content_length=len(SAMPLE))),
    "closed in the body": bytes_then(WHOLE[:-1]),
    "reset in the body": bytes_then(WHOLE[:-1], Peer.reset),
    "reset in a body without a length": bytes_then(head() + SAMPLE, Peer.reset),
    "cut off in a chunk": bytes_then(CHUNKED + b"ffff\r\n" + SAMPLE),
    "cut off between chunks": bytes_then(CHUNKED + f"{len(SAMPLE):x}\r\n".encode() + SAMPLE + b"\r\n"),
    "cut off before the last line": bytes_then(CHUNKED + b"0\r\n"),
    "no chunks": bytes_then(CHUNKED + SAMPLE),
    "two lengths": bytes_then(head(content_length=len(SAMPLE)).replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n")),
    "another protocol": bytes_then(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "bytes": bytes_then(bytes(range(256))),
    "a body alone": bytes_then(SAMPLE),
    "a status that is no number": bytes_then(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a status below 100": bytes_then(b"HTTP/1.1 042 OK\r\n\r\n"),
    "a header that is none": bytes_then(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"),
    "headers without end": bytes_then(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000),
    "stalled before the headers": lambda peer: peer.stall(),
    "stalled in the headers": bytes_then(WHOLE[:25], lambda peer: peer.stall()),
    "stalled in the body": bytes_then(WHOLE[:-1], lambda peer: peer.stall()),
}
