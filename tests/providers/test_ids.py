"""Ids of conversations: which are refused before anything is sent, and how others are sent."""

from typing import Any

import pytest

from conversas import ConfigurationError, ConversationRef
from support.client_kinds import Kind, each_client, each_sender, failure, get
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import superagentes, zild

SAMPLE = without_id("superagentes/sample")
SAMPLE_OF_ZILD = without_id("zild/sample")
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
    kind: Kind, ref: ConversationRef, server: HttpServer
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
    kind: Kind, ref: Any, server: HttpServer
) -> None:
    assert type(failure(kind, ref, zild(server), superagentes(server))) is ConfigurationError
    assert server.requests == []


@each_client
def test_an_id_too_long_for_an_address_is_refused_before_anything_is_sent(kind: Kind, server: HttpServer) -> None:
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
def test_any_other_id_is_one_segment_of_the_path(kind: Kind, id_: str, segment: str, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    get(kind, ConversationRef("superagentes", id_), superagentes(server))
    assert server.request.target == f"/conversations/{segment}"


@each_client
@pytest.mark.parametrize("id_", ["0", "1", "-1", "2147483647", "-2147483648"])
def test_each_whole_number_of_32_bits_is_an_id_of_zild(kind: Kind, id_: str, server: HttpServer) -> None:
    server.answer(200, SAMPLE_OF_ZILD)
    get(kind, f"zild:{id_}", zild(server))
    assert server.request.target == f"/api/Conversation/{id_}"
