"""What a client refuses to send and to read, where a token goes, and how a platform is reached."""

import gzip
import http.server
import socket
import ssl
import sys
import traceback
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from conversas import (
    ApiError,
    AsyncClient,
    BodyTooLargeError,
    Client,
    ConfigurationError,
    ConversationRef,
    DecodeError,
    Failed,
    Fetched,
    Retry,
    Superagentes,
    Timeout,
    TransportError,
    Zild,
    __version__,
)
from support.byte_server import Peer, Wire, bytes_then, head
from support.client_kinds import Kind, each_client, each_sender, failure, get, get_each, get_many
from support.examples import body_of
from support.http_server import Loopback
from support.providers import TOKEN, each_kind_of_platform, platform_of, superagentes, zild
from support.tracebacks import texts_of

SAMPLE = body_of("superagentes/sample")
SAMPLE_OF_ZILD = body_of("zild/sample")
PASSWORD = "password-canary"
LONG = b'{"id": "' + b"a" * 10_000 + b'"}'


# How long a body may be


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
def test_a_body_of_the_longest_length_is_read(kind: Kind, way: Callable[[bytes], bytes], server: Loopback) -> None:
    with Wire([bytes_then(way(LONG))]) as wire:
        conversation = get(kind, "superagentes:a", superagentes(wire), max_body_bytes=len(LONG))
        assert conversation.raw == LONG


@each_sender
@each_way
def test_a_body_of_one_byte_more_is_an_error_and_not_asked_for_again(
    kind: Kind, way: Callable[[bytes], bytes], server: Loopback
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
def test_a_body_that_would_fill_the_memory_does_not(kind: Kind, play: Any, server: Loopback) -> None:
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
def test_the_longest_body_has_64_mebibytes_unless_another_limit_is_given(kind: Kind, server: Loopback) -> None:
    longest = gzip.compress(b"{}" + b" " * (LONGEST - 2), 1)
    server.first = [(200, longest, {"Content-Encoding": "gzip"}), (200, BOMB, {"Content-Encoding": "gzip"})]
    fetched, failed = get_many(kind, ["superagentes:a", "superagentes:b"], superagentes(server), concurrency=1)
    assert isinstance(fetched, Fetched)
    assert len(fetched.conversation.raw) == LONGEST
    assert isinstance(failed, Failed)
    assert type(failed.error) is BodyTooLargeError


@each_client
@pytest.mark.parametrize("limit", [0, -1, 1.5, "5", None, True], ids=repr)
def test_a_limit_that_is_none_is_refused(kind: Kind, limit: Any, server: Loopback) -> None:
    assert type(failure(kind, "superagentes:a", superagentes(server), max_body_bytes=limit)) is ConfigurationError
    assert server.requests == []


# How a body may be packed

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
    kind: Kind, encoding: str, body: bytes, server: Loopback
) -> None:
    server.answer(200, body, {"Content-Encoding": encoding})
    error = failure(kind, "superagentes:a", superagentes(server), retry=Retry(attempts=2, first_wait_seconds=0.001))
    assert type(error) is TransportError
    assert (error.attempts, error.retryable, len(server.requests)) == (2, True, 2)
    assert "canary" not in str(error)


@each_sender
def test_a_packed_body_that_was_broken_is_read_the_next_time(kind: Kind, server: Loopback) -> None:
    server.first = [(200, GZIPPED[:-9], {"Content-Encoding": "gzip"})]
    server.answer(200, GZIPPED, {"Content-Encoding": "gzip"})
    assert get(kind, "superagentes:a", superagentes(server)).raw == SAMPLE


@each_sender
def test_an_empty_body_said_to_be_packed_is_an_empty_body(kind: Kind, server: Loopback) -> None:
    server.answer(200, b"", {"Content-Encoding": "gzip"})
    error = failure(kind, "superagentes:a", superagentes(server))
    assert isinstance(error, DecodeError)
    assert error.body == b""


# Ids

BAD_IDS_OF_SUPERAGENTES = [
    *("..", ".", "../..", "a/..", "a/../b", "./a", "a/./b", "a\\..\\b", "..\\a", "\\", "/", "a/", "/a", "a//b"),
    *("a\\\\b", "a/\\b", "a\0", "\0", "a\nb", "a\r\nX: y", "a\tb", "\x1b[31m", "\x7f", "\x80", "\u2028", "\u200b"),
    *("\u202e", "\ufeff", "\xa0", "\ud800", "a\udfffb", "\ud83d\ude00"),
]
BAD_IDS_OF_ZILD = [
    *("007", "00", "-0", "+1", " 1", "1 ", "1\n", "1_0", "1.0", "1e3", "0x10", "0b1", "-", "--1", "1/", "../1", "a"),
    *("2147483648", "-2147483649", "9" * 10, "9" * 5000, "\u0661\u0662", "\uff11", "\u00b9", "\ud800", "1\0", "True"),
]
BAD_REFS = [ConversationRef("superagentes", id_) for id_ in BAD_IDS_OF_SUPERAGENTES]
BAD_REFS += [ConversationRef("zild", id_) for id_ in BAD_IDS_OF_ZILD]


@each_client
@pytest.mark.parametrize("ref", BAD_REFS, ids=lambda ref: f"{ref.provider}-{ref.id[:12]!a}")
def test_an_id_that_could_lead_elsewhere_is_refused_before_anything_is_sent(
    kind: Kind, ref: ConversationRef, server: Loopback
) -> None:
    error = failure(kind, ref, zild(server), superagentes(server))
    assert type(error) is ConfigurationError
    assert (error.provider, error.ref, error.attempts) == (ref.provider, ref, 0)
    assert str(error).isprintable()
    assert server.requests == []


@each_client
@pytest.mark.parametrize(
    "ref", ["", "zild", "zild:", ":1", "nowhere:1", "Zild:1", " zild:1", None, 1, ("zild", "1")], ids=repr
)
def test_what_is_no_ref_of_the_client_is_refused_before_anything_is_sent(
    kind: Kind, ref: Any, server: Loopback
) -> None:
    assert type(failure(kind, ref, zild(server), superagentes(server))) is ConfigurationError
    assert server.requests == []


@each_client
def test_an_id_too_long_for_an_address_is_refused_before_anything_is_sent(kind: Kind, server: Loopback) -> None:
    error = failure(kind, "superagentes:" + "a" * 70_000, superagentes(server))
    assert type(error) is ConfigurationError
    assert server.requests == []


SEGMENTS = {
    "a b": "a%20b",
    "50%": "50%25",
    "%2e%2e": "%252e%252e",
    "%2F": "%252F",
    "a?b=c": "a%3Fb%3Dc",
    "a#b": "a%23b",
    "a/b": "a%2Fb",
    "a\\b": "a%5Cb",
    "a:b@c": "a%3Ab%40c",
    "a;b=c": "a%3Bb%3Dc",
    "a&b+c": "a%26b%2Bc",
    "...": "...",
    "a..b": "a..b",
    "~-_.": "~-_.",
    "ação": "a%C3%A7%C3%A3o",
    "日本": "%E6%97%A5%E6%9C%AC",
    "\U0001f600": "%F0%9F%98%80",
    '"<>{}|^`[]': "%22%3C%3E%7B%7D%7C%5E%60%5B%5D",
    "http://127.0.0.1": None,
}


@each_sender
@pytest.mark.parametrize(("id_", "segment"), [pair for pair in SEGMENTS.items() if pair[1]])
def test_any_other_id_is_one_segment_of_the_path(kind: Kind, id_: str, segment: str, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    get(kind, ConversationRef("superagentes", id_), superagentes(server))
    assert server.request.target == f"/conversations/{segment}"


@each_client
@pytest.mark.parametrize("id_", ["0", "1", "-1", "2147483647", "-2147483648"])
def test_each_whole_number_of_32_bits_is_an_id_of_zild(kind: Kind, id_: str, server: Loopback) -> None:
    server.answer(200, SAMPLE_OF_ZILD)
    get(kind, f"zild:{id_}", zild(server))
    assert server.request.target == f"/api/Conversation/{id_}"


# Tokens


@each_kind_of_platform
@pytest.mark.parametrize(
    "token",
    [
        "",
        "Bearer ",
        " ",
        "a b",
        "a\n",
        "a\r\nX: canary",
        "\n",
        "a\tb",
        "a\0b",
        "\x7f",
        "ção",
        "\u2028",
        "\ud800",
        "Bearer a b",
    ],
    ids=ascii,
)
def test_a_token_that_no_header_can_carry_is_refused(platform: type[Zild] | type[Superagentes], token: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "https://api.example.com", f"{token}")
    assert raised.value.provider == platform.name


@each_kind_of_platform
@pytest.mark.parametrize("token", [None, 1, b"token", ["token"]], ids=repr)
def test_a_token_that_is_no_text_is_refused(platform: type[Zild] | type[Superagentes], token: Any) -> None:
    with pytest.raises(ConfigurationError):
        platform_of(platform, "https://api.example.com", token)


@each_kind_of_platform
@pytest.mark.parametrize("token", ["token-canary\n", "token-canary x", "token-canary\u00e9"], ids=ascii)
def test_a_refused_token_is_not_shown(platform: type[Zild] | type[Superagentes], token: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "https://api.example.com", token)
    assert [text for text in texts_of(raised.value) if TOKEN in text] == []


@each_client
@pytest.mark.parametrize("token", ["a\nb", "", "a b", "é", None, b"a"], ids=ascii)
def test_a_bad_token_of_a_callable_is_refused_before_anything_is_sent(kind: Kind, token: Any, server: Loopback) -> None:
    error = failure(kind, "superagentes:a", superagentes(server, lambda: token))
    assert type(error) is ConfigurationError
    assert server.requests == []


@each_client
@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer ", "BEARER  "])
def test_a_pasted_prefix_is_dropped(kind: Kind, prefix: str, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server, prefix + TOKEN))
    assert server.request.headers.get_all("Authorization") == [f"Bearer {TOKEN}"]


@each_client
def test_nothing_shows_the_token(kind: Kind, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "conversas")
    server.first = [(503, b"", {}), (200, SAMPLE, {})]
    platform = superagentes(server)
    conversation = get(kind, "superagentes:a", platform)
    client = kind(platform, proxy=f"http://user:{PASSWORD}@127.0.0.1:9")
    shown = f"{platform} {platform!r} {conversation!r} {client} {client!r} {caplog.text}"
    shown += " ".join(str(vars(record)) for record in caplog.records)
    assert "superagentes:a" in shown
    assert TOKEN not in shown
    assert PASSWORD not in shown


# Addresses

BAD_URLS: dict[str, list[Any]] = {
    "begins with http://": [
        *("http://api.example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0"),
        *("http://10.0.0.1", "http://169.254.169.254", "http://[fe80::1]", "http://2130706433", "http://0x7f000001"),
        *("http://127.1", "http://0177.0.0.1", "http://localhost.", "HTTP://example.com", "http://[::]"),
    ],
    "has credentials": [
        f"https://user:{PASSWORD}@api.example.com",
        f"https://{PASSWORD}@api.example.com",
        f"https://:{PASSWORD}@api.example.com",
        f"http://user:{PASSWORD}@127.0.0.1",
        f"http://127.0.0.1:80{PASSWORD}@api.example.com",
        f"https://api.example.com%40{PASSWORD}@127.0.0.1",
    ],
    "begins with https://": ["", "ftp://a.com", "file:///etc", "api.example.com", "//a.com", "javascript:1"],
    "no host": [
        *("https://", "https:///a", "https://:443", "https://a.com:", "https://a.com:0", "https://a,b"),
        *("https://a.com\\@b.com", "https://a.com\\.b.com", "https://[::1", "https://[zz]", "https://%61.com"),
        *("https://a.com;b", "https://a.com:99999", "https://a.com:-1", "https://a.com:8O"),
        *("https://a..b", "https://.", "https://..", "https://.a.com", f"https://{'a' * 64}.com"),
    ],
    "query": [
        *(
            "https://a.com?x=1",
            "https://a.com/#a",
            "https://a.com/..",
            "https://a.com/a/../b",
            "https://a.com/%2e%2E/b",
        ),
        *("https://a.com/.", "https://a.com?", "https://a.com#", "https://a.com/.%2e/a", "https://a.com/<>"),
    ],
    "in ASCII": [
        *(
            " https://a.com",
            "https://a.com ",
            "https://a.com\n",
            "https://a\nb.com",
            "https://a.com/a b",
            "https://á.com",
        ),
        *("https://a.com\0", "https://a.com\t", "https://\u2025.com", "https://a\u3002com", "https://\ud800.com"),
        *(None, 1, b"https://a.com", ["https://a.com"]),
    ],
}
EACH_BAD_URL = [url for urls in BAD_URLS.values() for url in urls]


@each_kind_of_platform
@pytest.mark.parametrize("url", EACH_BAD_URL, ids=lambda url: ascii(url)[:40])
def test_an_address_that_is_not_safe_is_refused_and_not_shown(
    platform: type[Zild] | type[Superagentes], url: Any
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, url)
    assert raised.value.provider == platform.name
    texts = list(texts_of(raised.value))
    assert [text for text in texts if PASSWORD in text or TOKEN in text] == []


@each_kind_of_platform
def test_a_refusal_can_be_printed_with_its_locals(platform: type[Zild] | type[Superagentes]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        platform_of(platform, "http://example.com")
    trace = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "base_url begins with http://" in "".join(trace.format())


@each_kind_of_platform
@pytest.mark.parametrize("problem", ["begins with http://", "has credentials", "in ASCII", "query"])
def test_the_message_says_what_is_wrong_with_an_address(
    platform: type[Zild] | type[Superagentes], problem: str
) -> None:
    for url in BAD_URLS[problem]:
        with pytest.raises(ConfigurationError, match=problem):
            platform_of(platform, url)


@each_kind_of_platform
@pytest.mark.parametrize(
    "url",
    [
        *("https://api.example.com", "https://api.example.com:8443/v1", "https://a_b.example.com", "https://10.0.0.1"),
        *(
            "https://[2001:db8::1]:443",
            "http://127.0.0.1:80",
            "http://localhost:80",
            "http://LOCALHOST",
            "http://[::1]",
        ),
        *("http://127.8.8.8", "https://a.com/a%20b", "HTTPS://a.com", "https://xn--c1yn36f.com", "https://a.com."),
    ],
)
def test_other_addresses_are_taken(platform: type[Zild] | type[Superagentes], url: str) -> None:
    assert platform_of(platform, url).base_url == url
    assert platform_of(platform, url + "/").base_url == url


@each_sender
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/a%20b/v1", "/a//b", "/conversations"])
def test_the_path_of_an_address_is_kept(kind: Kind, path: str, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", Superagentes(TOKEN, server.url + path))
    assert server.request.target == f"{path.rstrip('/')}/conversations/a"


# What is sent, and to whom


@each_sender
def test_a_request_has_these_headers_and_no_others(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server))
    headers = {name.lower(): value for name, value in server.request.headers.items()}
    assert headers == {
        "host": server.url.removeprefix("http://"),
        "authorization": f"Bearer {TOKEN}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": f"conversas/{__version__}",
    }


@each_client
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_not_followed_and_no_token_reaches_another_host(
    kind: Kind, status: int, server: Loopback
) -> None:
    with Loopback(body=SAMPLE) as other:
        server.answer(status, b"", {"Location": f"{other.url}/conversations/a"})
        error = failure(kind, "superagentes:a", superagentes(server))
        (outcome,) = get_many(kind, ["superagentes:a"], superagentes(server))
        assert other.requests == []
    assert type(error) is ApiError
    assert (error.status, error.retryable) == (status, False)
    assert isinstance(outcome, Failed)
    assert type(outcome.error) is ApiError
    assert len(server.requests) == 2


@each_sender
def test_a_redirect_to_the_same_host_is_not_followed_either(kind: Kind, server: Loopback) -> None:
    server.first = [(307, b"", {"Location": "/conversations/b"})]
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server))) is ApiError
    assert len(server.requests) == 1


@each_client
def test_headers_that_ask_for_another_address_are_not_heeded(kind: Kind, server: Loopback) -> None:
    with Loopback(body=SAMPLE) as other:
        server.answer(
            200, SAMPLE, {"Refresh": f"0; url={other.url}", "Content-Location": other.url, "Alt-Svc": "clear"}
        )
        get_each(kind, ["superagentes:a", "superagentes:b"], superagentes(server))
        assert other.requests == []


@each_client
def test_a_cookie_is_not_sent_back(kind: Kind, server: Loopback) -> None:
    server.first = [(503, b"", {"Set-Cookie": "session=canary; Path=/", "Retry-After": "0"})]
    server.answer(200, SAMPLE, {"Set-Cookie": "session=canary; Path=/"})
    get_each(kind, ["superagentes:a", "superagentes:b"], superagentes(server))
    get_many(kind, ["superagentes:c", "superagentes:d"], superagentes(server), concurrency=1)
    assert len(server.requests) == 5
    assert [request.headers["Cookie"] for request in server.requests] == [None] * 5


@each_sender
def test_a_netrc_file_is_not_heeded(
    kind: Kind, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("default login user password password-canary\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", superagentes(server))
    assert server.request.headers.get_all("Authorization") == [f"Bearer {TOKEN}"]


@each_client
def test_each_platform_gets_its_own_token(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE_OF_ZILD)
    with Loopback(body=SAMPLE) as other:
        platforms = zild(server, "token-of-zild"), superagentes(other, "token-of-superagentes")
        get_many(kind, ["zild:1", "superagentes:a", "zild:2", "superagentes:b"], *platforms)
        assert {request.headers["Authorization"] for request in other.requests} == {"Bearer token-of-superagentes"}
    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer token-of-zild"}


# Proxies


ELSEWHERE = "http://127.0.0.1:9"  # nothing is ever sent there
PROXIED = f"{ELSEWHERE}/conversations/a"


@each_client
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_heeded(
    kind: Kind, variable: str, server: Loopback, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, server.url)
    server.answer(200, SAMPLE)
    get(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE))
    assert server.request.target == PROXIED
    get_many(kind, ["superagentes:b"], Superagentes(TOKEN, ELSEWHERE))
    assert len(server.requests) == 2


@each_sender
def test_a_host_in_no_proxy_is_asked_directly(
    kind: Kind, server: Loopback, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.answer(200, SAMPLE)
    with Loopback() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        get(kind, "superagentes:a", superagentes(server))
        assert proxy.requests == []
    assert server.request.target == "/conversations/a"


@each_sender
def test_a_proxy_that_is_given_is_used_with_its_password(kind: Kind, server: Loopback, no_proxies: None) -> None:
    server.answer(200, SAMPLE)
    proxy = server.url.replace("http://", f"http://user:{PASSWORD}@")
    get(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=proxy)
    assert server.request.target == PROXIED
    assert server.request.headers["Proxy-Authorization"].startswith("Basic ")
    assert server.request.headers["Authorization"] == f"Bearer {TOKEN}"


@each_sender
def test_a_proxy_that_refuses_is_an_error_without_its_password(kind: Kind, server: Loopback, no_proxies: None) -> None:
    server.answer(407, b"", {"Proxy-Authenticate": "Basic"})
    proxy = server.url.replace("http://", f"http://user:{PASSWORD}@")
    for platform in (Superagentes(TOKEN, ELSEWHERE), Superagentes(TOKEN, "https://api.example.com")):
        error = failure(kind, "superagentes:a", platform, proxy=proxy, retry=Retry(attempts=1))
        assert isinstance(error, ApiError | TransportError)
        assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
def test_a_tunnel_hides_the_token_from_the_proxy(kind: Kind, server: Loopback, no_proxies: None) -> None:
    with Wire() as proxy:
        platform = Superagentes(TOKEN, "https://api.example.com")
        failure(kind, "superagentes:a", platform, proxy=proxy.url, retry=Retry(attempts=1))
        assert [request.target for request in proxy.requests] == ["api.example.com:443"]
        assert "authorization" not in proxy.requests[0].headers


@each_client
@pytest.mark.parametrize(
    "proxy",
    [
        f"ftp://user:{PASSWORD}@127.0.0.1",
        f"127.0.0.1:9?{PASSWORD}",
        f"http://user:{PASSWORD}@127.0.0.1:99999",
        f"http://user:{PASSWORD}@127.0.0.1:port",
        f"http://user:{PASSWORD}@a\n",
        f"http://user:{PASSWORD}@",
        "http://[",
        "",
        5,
        b"http://127.0.0.1:9",
    ],
    ids=ascii,
)
def test_what_is_no_proxy_is_a_configuration_error_without_its_password(
    kind: Kind, proxy: Any, server: Loopback, no_proxies: None
) -> None:
    error = failure(kind, "superagentes:a", superagentes(server), proxy=proxy)
    assert type(error) is ConfigurationError
    assert [text for text in texts_of(error) if PASSWORD in text] == []
    assert server.requests == []


@each_client
def test_what_is_no_proxy_is_not_shown_by_a_client_of_the_environment(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERAGENTES_TOKEN", TOKEN)
    with pytest.raises(ConfigurationError, match="proxy is the address") as raised:
        kind.from_env(proxy=f"ftp://user:{PASSWORD}@127.0.0.1")
    assert [text for text in texts_of(raised.value) if PASSWORD in text] == []


@each_sender
def test_what_is_no_proxy_in_the_environment_is_not_shown(
    kind: Kind, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"ftp://user:{PASSWORD}@127.0.0.1")
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, "https://api.example.com"))
    assert type(error) is ConfigurationError
    assert "HTTPS_PROXY" in str(error)
    assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
def test_a_proxy_that_speaks_socks_needs_a_library(
    kind: Kind, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, ELSEWHERE), proxy=f"socks5://user:{PASSWORD}@127.0.0.1")
    assert type(error) is ConfigurationError
    assert "httpx[socks]" in str(error)
    assert [text for text in texts_of(error) if PASSWORD in text] == []


@each_sender
@pytest.mark.parametrize("exempt", ["*", "example.com, *"])
def test_a_star_in_no_proxy_means_no_proxy_at_all(
    kind: Kind, exempt: str, server: Loopback, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer(200, SAMPLE)
    with Loopback() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", exempt)
        get(kind, "superagentes:a", superagentes(server))
        assert proxy.requests == []
    assert server.request.target == "/conversations/a"


@each_client
def test_each_platform_is_reached_its_own_way(
    kind: Kind, server: Loopback, no_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(body=SAMPLE_OF_ZILD) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        server.answer(200, SAMPLE)
        platforms = Zild("http://localhost:9", TOKEN), superagentes(server)
        get_each(kind, ["zild:1", "superagentes:a"], *platforms)
        get_many(kind, ["zild:1", "superagentes:a"], *platforms)
        assert [request.target for request in proxy.requests] == ["http://localhost:9/api/Conversation/1"] * 2
    assert [request.target for request in server.requests] == ["/conversations/a"] * 2


# Certificates


class _Secret(http.server.BaseHTTPRequestHandler):
    """Answers with the sample, and notes the tokens that arrived."""

    tokens: list[str | None]

    def do_GET(self) -> None:
        self.tokens.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SAMPLE)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _SecretServer(http.server.ThreadingHTTPServer):
    connections = 0

    def verify_request(self, *_: Any) -> bool:
        self.connections += 1
        return True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that does not go on."""


@pytest.fixture
def secret_server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_SecretServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_Secret, "tokens", [], raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _SecretServer(("127.0.0.1", 0), _Secret) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@each_sender
def test_a_certificate_that_nobody_trusts_is_an_error_and_not_tried_again(
    kind: Kind, secret_server: _SecretServer
) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    error = failure(kind, "superagentes:a", platform, verify=True)
    assert type(error) is TransportError
    assert error.reason == "SSLCertVerificationError"
    assert "verify=" in str(error)
    assert (error.attempts, error.retryable, secret_server.connections) == (1, False, 1)
    assert _Secret.tokens == []


@each_client
def test_a_certificate_of_a_given_authority_is_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path
) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    trusting = ssl.create_default_context(cafile=certificate)
    assert get(kind, "superagentes:a", platform, verify=trusting).raw == SAMPLE
    (outcome,) = get_many(kind, ["superagentes:b"], platform, verify=trusting)
    assert isinstance(outcome, Fetched)
    assert _Secret.tokens == [f"Bearer {TOKEN}"] * 2
    address = ("127.0.0.1", secret_server.server_port)
    with trusting.wrap_socket(socket.create_connection(address), server_hostname="127.0.0.1") as ours:
        ours.settimeout(600)  # the context is the user's, and as good as before
        assert ours.gettimeout() == 600


@each_sender
def test_an_authority_of_the_environment_is_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get(kind, "superagentes:a", platform, verify=True).raw == SAMPLE
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("none")))
    assert type(failure(kind, "superagentes:a", platform, verify=True)) is ConfigurationError


@each_sender
def test_a_certificate_of_another_host_is_not_trusted(
    kind: Kind, secret_server: _SecretServer, certificate: Path
) -> None:
    platform = Superagentes(TOKEN, f"https://localhost:{secret_server.server_port}")
    error = failure(kind, "superagentes:a", platform, verify=ssl.create_default_context(cafile=certificate))
    assert isinstance(error, TransportError)
    assert (error.reason, error.attempts) == ("SSLCertVerificationError", 1)
    assert _Secret.tokens == []


@each_client
def test_a_certificate_that_nobody_trusts_stops_a_run(kind: Kind, secret_server: _SecretServer) -> None:
    platform = Superagentes(TOKEN, f"https://127.0.0.1:{secret_server.server_port}")
    outcomes: list[Any] = []
    with pytest.raises(TransportError):
        get_many(kind, (f"superagentes:{number}" for number in range(500)), platform, into=outcomes)
    assert outcomes == []
    assert secret_server.connections <= 4


@each_sender
def test_a_server_that_does_not_speak_tls_is_an_error(kind: Kind, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    platform = Superagentes(TOKEN, server.url.replace("http://", "https://"))
    error = failure(kind, "superagentes:a", platform, retry=Retry(attempts=1))
    assert type(error) is TransportError
    assert server.requests == []


@each_sender
@pytest.mark.parametrize("timeout", [0.3, Timeout(total_seconds=0.3), Timeout(connect_seconds=0.3)], ids=repr)
def test_a_handshake_that_stalls_is_given_up_and_its_connection_closed(
    kind: Kind, timeout: Any, server: Loopback
) -> None:
    with Wire() as wire:
        platform = Superagentes(TOKEN, wire.url.replace("http://", "https://"))
        error = failure(kind, "superagentes:a", platform, retry=Retry(attempts=1), timeout=timeout)
    assert type(error) is TransportError
    assert wire.without_request == ["closed"]


@each_client
@pytest.mark.parametrize("verify", ["certificate.pem", 0, 1, None, []], ids=repr)
def test_what_is_no_way_to_verify_is_a_configuration_error(kind: Kind, verify: Any, server: Loopback) -> None:
    server.answer(200, SAMPLE)
    assert type(failure(kind, "superagentes:a", superagentes(server), verify=verify)) is ConfigurationError
    assert server.requests == []


# Transports of the user


def respond(request: httpx.Request) -> httpx.Response:
    body = gzip.compress(SAMPLE) if request.url.path.endswith("packed") else SAMPLE
    return httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"} if body != SAMPLE else {})


def respond_bit_by_bit(request: httpx.Request) -> httpx.Response:
    """Answer with a body that is not there yet, as a transport of a network does."""
    return httpx.Response(200, stream=_Pieces())


class _Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield from (SAMPLE[:9], SAMPLE[9:])

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


@each_client
@pytest.mark.parametrize("handler", [respond, respond_bit_by_bit])
def test_a_transport_of_the_user_takes_the_place_of_the_network(
    kind: Kind, handler: Callable[[httpx.Request], httpx.Response], server: Loopback
) -> None:
    transport = httpx.MockTransport(handler)
    platform = Superagentes(TOKEN, "https://api.example.com")
    assert get(kind, "superagentes:a", platform, transport=transport).raw == SAMPLE
    refs = [f"superagentes:{number}" for number in range(40)]
    outcomes = get_many(kind, refs, platform, transport=transport)
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(40))
    assert {type(outcome) for outcome in outcomes} == {Fetched}


class _EqualTransport(httpx.MockTransport):
    """A transport without a hash, as a class with an `__eq__` of its own has none; it counts how often it is closed."""

    closed = 0
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.close()


@each_client
def test_a_transport_of_the_user_is_closed_once(kind: Kind) -> None:
    transport = _EqualTransport(respond)
    get(kind, "superagentes:a", Zild("https://zild.example", TOKEN), Superagentes(TOKEN), transport=transport)
    assert transport.closed == 1


@each_client
def test_a_packed_answer_of_a_transport_of_the_user_is_read(kind: Kind) -> None:
    platform = Superagentes(TOKEN, "https://api.example.com")
    assert get(kind, "superagentes:packed", platform, transport=httpx.MockTransport(respond)).raw == SAMPLE


@each_client
def test_an_error_of_a_transport_of_the_user_is_tried_again(kind: Kind) -> None:
    asked: list[httpx.Request] = []

    def fail_once(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) == 1:
            raise httpx.ReadError("broken")
        return respond_bit_by_bit(request)

    platform = Superagentes(TOKEN, "https://api.example.com")
    assert get(kind, "superagentes:a", platform, transport=httpx.MockTransport(fail_once)).raw == SAMPLE
    assert [request.headers["authorization"] for request in asked] == [f"Bearer {TOKEN}"] * 2


@each_client
def test_a_status_of_a_transport_of_the_user_is_its_error(kind: Kind) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404, text="content-canary"))
    error = failure(kind, "superagentes:a", Superagentes(TOKEN, "https://api.example.com"), transport=transport)
    assert isinstance(error, ApiError)
    assert error.status == 404


WRONG_TRANSPORTS: list[tuple[Kind, Any]] = [
    (Client, httpx.AsyncHTTPTransport),
    (AsyncClient, httpx.HTTPTransport),
    (Client, lambda: "transport"),
    (AsyncClient, lambda: respond),
    (Client, lambda: httpx.HTTPTransport),
]


@pytest.mark.parametrize(("kind", "make"), WRONG_TRANSPORTS)
def test_a_transport_of_the_other_kind_is_refused(kind: Kind, make: Callable[[], Any]) -> None:
    with pytest.raises(ConfigurationError, match="transport"):
        kind(Superagentes(TOKEN), transport=make())
