"""Responses that servers send and standards do not foresee, as bytes."""

import gzip
import zlib

BODY = b'{"title":null,"status":"OPEN","channel":"whatsapp","messages":[]}'
LENGTH = len(BODY)
BARE_DEFLATE = zlib.compress(BODY)[2:-4]


def head(*headers: bytes, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([line, *headers, b"", b""])


def whole(body: bytes = BODY, *headers: bytes) -> bytes:
    return head(b"Content-Length: %d" % len(body), *headers) + body


def chunked(size: bytes = b"%x", end: bytes = b"0\r\n\r\n", *headers: bytes) -> bytes:
    start = head(b"Transfer-Encoding: chunked", *headers) + size % LENGTH
    return start + b"\r\n" + BODY + b"\r\n" + end


ODD: dict[str, bytes] = {
    "plain": whole(),
    "leading CRLF before the status line": b"\r\n" + whole(),
    "CRLF after the body (next on same connection)": whole() + b"\r\n",
    "same Content-Length twice": head(b"Content-Length: %d" % LENGTH, b"Content-Length: %d" % LENGTH) + BODY,
    "Content-Length: n, n": head(b"Content-Length: %d, %d" % (LENGTH, LENGTH)) + BODY,
    "two different Content-Lengths": head(b"Content-Length: %d" % LENGTH, b"Content-Length: %d" % (LENGTH - 1)) + BODY,
    "Content-Length: +n": head(b"Content-Length: +%d" % LENGTH) + BODY,
    "Content-Length with leading zeros": head(b"Content-Length: 000%d" % LENGTH) + BODY,
    "Content-Length: 0x": head(b"Content-Length: 0x%x" % LENGTH) + BODY,
    "empty Content-Length": head(b"Content-Length:") + BODY,
    "TE: chunked twice": head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked")
    + b"%x\r\n" % LENGTH
    + BODY
    + b"\r\n0\r\n\r\n",
    "TE: Chunked (capital)": head(b"Transfer-Encoding: Chunked") + b"%x\r\n" % LENGTH + BODY + b"\r\n0\r\n\r\n",
    "TE: identity + CL": head(b"Transfer-Encoding: identity", b"Content-Length: %d" % LENGTH) + BODY,
    "TE: identity": head(b"Transfer-Encoding: identity") + BODY,
    "TE: gzip, chunked": head(b"Transfer-Encoding: gzip, chunked") + b"%x\r\n" % LENGTH + BODY + b"\r\n0\r\n\r\n",
    "TE: xchunked + CL": head(b"Transfer-Encoding: xchunked", b"Content-Length: %d" % LENGTH) + BODY,
    "TE empty + CL": head(b"Transfer-Encoding:", b"Content-Length: %d" % LENGTH) + BODY,
    "TE chunked in HTTP/1.0": head(b"Transfer-Encoding: chunked", line=b"HTTP/1.0 200 OK")
    + b"%x\r\n" % LENGTH
    + BODY
    + b"\r\n0\r\n\r\n",
    "HTTP/1.0 keep-alive": head(b"Content-Length: %d" % LENGTH, b"Connection: keep-alive", line=b"HTTP/1.0 200 OK")
    + BODY,
    "HTTP/1.2": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.2 200 OK") + BODY,
    "HTTP/2 in the status line": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/2 200 OK") + BODY,
    "HTTP/2.0 in the status line": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/2.0 200 OK") + BODY,
    "lower case http/1.1": head(b"Content-Length: %d" % LENGTH, line=b"http/1.1 200 OK") + BODY,
    "ICY 200 OK": head(b"Content-Length: %d" % LENGTH, line=b"ICY 200 OK") + BODY,
    "two spaces before the status": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1  200 OK") + BODY,
    "status 0200": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 0200 OK") + BODY,
    "reason in latin-1": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 200 N\xe3o") + BODY,
    "reason with a tab": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 200 a\tb") + BODY,
    "Upgrade: h2c on a 200 (Apache)": head(
        b"Upgrade: h2,h2c", b"Connection: Upgrade, Keep-Alive", b"Content-Length: %d" % LENGTH
    )
    + BODY,
    "101 Switching Protocols": head(b"Upgrade: h2c", b"Connection: Upgrade", line=b"HTTP/1.1 101 Switching Protocols")
    + BODY,
    "102, 103, 199 before": b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: </a>\r\n\r\nHTTP/1.1 199 X\r\n\r\n"
    + whole(),
    "100 with a Content-Length": b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + whole(),
    "Connection: keep-alive, close": whole(BODY, b"Connection: keep-alive, close"),
    "Connection: close and more": whole(BODY, b"Connection: close") + b"garbage",
    "Keep-Alive: timeout=0": whole(BODY, b"Keep-Alive: timeout=0, max=0"),
    "space before the colon": head(b"X-Y : 1", b"Content-Length: %d" % LENGTH) + BODY,
    "space in a header's name": head(b"X Y: 1", b"Content-Length: %d" % LENGTH) + BODY,
    "header without a colon": head(b"garbage", b"Content-Length: %d" % LENGTH) + BODY,
    "header with an empty name": head(b": x", b"Content-Length: %d" % LENGTH) + BODY,
    "header name with ( )": head(b"X(1): x", b"Content-Length: %d" % LENGTH) + BODY,
    "header name in UTF-8": head("Não: x".encode(), b"Content-Length: %d" % LENGTH) + BODY,
    "NUL in a value": head(b"X: a\0b", b"Content-Length: %d" % LENGTH) + BODY,
    "bare CR in a value": head(b"X: a\rb", b"Content-Length: %d" % LENGTH) + BODY,
    "bare LF in a head": head(b"X: a\nY: b", b"Content-Length: %d" % LENGTH) + BODY,
    "fold in the first header": head(b" X: a", b"Content-Length: %d" % LENGTH) + BODY,
    "99 KB of one header": head(b"X: " + b"y" * 99_000, b"Content-Length: %d" % LENGTH) + BODY,
    "110 KB of one header": head(b"X: " + b"y" * 110_000, b"Content-Length: %d" % LENGTH) + BODY,
    "2,000 headers": head(*[b"X-%d: y" % n for n in range(2000)], b"Content-Length: %d" % LENGTH) + BODY,
    "chunks: capital hex": chunked(b"%X"),
    "chunks: leading zeros": chunked(b"00000000%x"),
    "chunks: 20 leading zeros": chunked(b"00000000000000000000%x"),
    "chunks: 0x": chunked(b"0x%x"),
    "chunks: negative": chunked(b"-%x"),
    "chunks: 17 digits": chunked(b"f0000000000000%x"),
    "chunks: tab after the size": chunked(b"%x\t"),
    "chunks: LF alone": head(b"Transfer-Encoding: chunked") + b"%x\n" % LENGTH + BODY + b"\n0\n\n",
    "chunks: no last CRLF, then the end": chunked(b"%x", b"0\r\n"),
    "chunks: no last chunk, then the end": chunked(b"%x", b""),
    "chunks: no CRLF after data": head(b"Transfer-Encoding: chunked") + b"%x\r\n" % LENGTH + BODY + b"0\r\n\r\n",
    "chunks: trailer Content-Length": chunked(b"%x", b"0\r\nContent-Length: 3\r\n\r\n"),
    "chunks: trailer Content-Encoding gzip": chunked(b"%x", b"0\r\nContent-Encoding: gzip\r\n\r\n"),
    "chunks: trailer without a colon": chunked(b"%x", b"0\r\ngarbage\r\n\r\n"),
    "chunks: quoted extension with CRLF": chunked(b'%x;a="b\r\nc"'),
    "gzip, two members": whole(gzip.compress(BODY[:20]) + gzip.compress(BODY[20:]), b"Content-Encoding: gzip"),
    "gzip, then zero padding": whole(gzip.compress(BODY) + bytes(8), b"Content-Encoding: gzip"),
    "gzip, then garbage": whole(gzip.compress(BODY) + b"garbage", b"Content-Encoding: gzip"),
    "gzip, wrong CRC": whole(gzip.compress(BODY)[:-8] + bytes(4) + gzip.compress(BODY)[-4:], b"Content-Encoding: gzip"),
    "gzip said, plain sent": whole(BODY, b"Content-Encoding: gzip"),
    "Content-Encoding: GZIP": whole(gzip.compress(BODY), b"Content-Encoding: GZIP"),
    "Content-Encoding: gzip, identity": whole(gzip.compress(BODY), b"Content-Encoding: gzip, identity"),
    "Content-Encoding: gzip, gzip": whole(gzip.compress(gzip.compress(BODY)), b"Content-Encoding: gzip, gzip"),
    "Content-Encoding: utf-8": whole(BODY, b"Content-Encoding: utf-8"),
    "Content-Encoding: none": whole(BODY, b"Content-Encoding: none"),
    "Content-Encoding: binary": whole(BODY, b"Content-Encoding: binary"),
    "Content-Encoding: , ": whole(BODY, b"Content-Encoding: , "),
    "Content-Encoding: br, not asked for": whole(b"\x0b\x02\x80{}\x03", b"Content-Encoding: br"),
    "deflate raw": whole(BARE_DEFLATE, b"Content-Encoding: deflate"),
    "204": head(line=b"HTTP/1.1 204 No Content"),
    "204 with a body": head(b"Content-Length: 2", line=b"HTTP/1.1 204 No Content") + b"{}",
    "205 with a body": head(b"Content-Length: 2", line=b"HTTP/1.1 205 Reset") + b"{}",
    "206": head(b"Content-Range: bytes 0-9/100", b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 206 Partial") + BODY,
    "304 chunked": head(b"Transfer-Encoding: chunked", line=b"HTTP/1.1 304 N"),
    "200 with Content-Length 0": head(b"Content-Length: 0"),
    "200 with nothing but the end": head(b"Connection: close"),
    "cut off without a length (JSON half)": head(b"Connection: close") + BODY[: LENGTH // 2],
    "HTML from a captive portal": whole(b"<html>log in</html>", b"Content-Type: text/html"),
    "a TLS alert instead of HTTP": b"\x15\x03\x01\x00\x02\x02\x16",
    "an SSH banner": b"SSH-2.0-OpenSSH_9.2\r\n",
    "FTP-like 220": b"220 ready\r\n",
    "nothing": b"",
    "408 unsolicited text": head(b"Content-Length: 0", b"Connection: close", line=b"HTTP/1.1 408 Request Timeout"),
    "431": head(b"Content-Length: 0", b"Connection: close", line=b"HTTP/1.1 431 Too Large"),
    "421": head(b"Content-Length: 0", line=b"HTTP/1.1 421 Misdirected"),
    "407": head(b"Content-Length: 0", b"Proxy-Authenticate: Basic", line=b"HTTP/1.1 407 Proxy"),
    "status 600": head(b"Content-Length: 0", line=b"HTTP/1.1 600 X"),
    "two gzip members, padded": whole(
        gzip.compress(BODY[:20]) + bytes(600) + gzip.compress(BODY[20:]) + bytes(9), b"Content-Encoding: gzip"
    ),
    "Content-Encoding: identity": whole(BODY, b"Content-Encoding: identity"),
    "Content-Encoding: zstd, not asked for": whole(b"\x28\xb5\x2f\xfd", b"Content-Encoding: zstd"),
    "Content-Encoding: unknown": whole(BODY, b"Content-Encoding: canary"),
    "deflate": whole(zlib.compress(BODY), b"Content-Encoding: deflate"),
    "gzip, cut off": whole(gzip.compress(BODY)[:-1], b"Content-Encoding: gzip"),
    "length and chunked": head(b"Content-Length: 5", b"Transfer-Encoding: chunked")
    + b"%x\r\n" % LENGTH
    + BODY
    + b"\r\n0\r\n\r\n",
    "HTTP/1.0 without a length": head(line=b"HTTP/1.0 200 OK") + BODY,
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % LENGTH) + BODY,
    "no reason": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 200") + BODY,
    "no reason, with a space": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 200 ") + BODY,
    "folded header": head(b"X: a\r\n b", b"Content-Length: %d" % LENGTH) + BODY,
    "folded length": head(b"Content-Length:\r\n %d" % LENGTH) + BODY,
    "body cut off": head(b"Content-Length: %d" % LENGTH) + BODY[:-1],
    "body longer than its length": head(b"Content-Length: %d" % LENGTH) + BODY + b"more",
    "204 with a long body": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 204 No Content") + BODY,
    "status 099": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 099 X") + BODY,
    "status 999": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 999 X") + BODY,
    "status abc": head(b"Content-Length: %d" % LENGTH, line=b"HTTP/1.1 abc X") + BODY,
    "only hints": b"HTTP/1.1 100 Continue\r\n\r\n",
    "negative length": head(b"Content-Length: -2") + BODY,
    "huge length": head(b"Content-Length: 1000000000000000000000000000000") + BODY,
    "two answers": whole() * 2,
    "HTTP/0.9, a body alone": BODY,
    "control characters in a value": head(b"X: \x01\x7f", b"Content-Length: %d" % LENGTH) + BODY,
    "1,000 hints": b"HTTP/1.1 103 E\r\nLink: </x>\r\n\r\n" * 1000 + whole(),
}
"""Each is followed by the end of the connection."""
