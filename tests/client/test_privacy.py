"""No token and no word of a customer is in a log, an error, a repr or a pickle that comes of asking a platform."""

import contextlib
import logging
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import AsyncClient, Client, ConversasError, DecodeError, Failed, Fetched, Superagentes, TokenFile, Zild
from support.byte_server import Peer, Wire, answer
from support.client_kinds import Kind, each_client, each_sender, get, get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import superagentes, zild
from support.tracebacks import texts_of

pytestmark = pytest.mark.usefixtures("engine")  # once with libcurl, once with httpx


TOKEN = "token-canary"
PASSWORD = "password-canary"
WORDS = "words-canary"
CANARY = "canary"
HEADERS = {"WWW-Authenticate": f'Bearer error="{WORDS}"', "Set-Cookie": f"a={WORDS}", "X-Request-Id": "request-7"}
ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "conversation": (200, b'{"id": 1, "summary": "%b", "messages": [{"content": "%b"}]}' % ((WORDS.encode(),) * 2), {}),
    "drift": (200, b'{"id": "%b", "contactName": 5, "messages": [3]}' % WORDS.encode(), {}),
    "no json": (200, WORDS.encode(), {}),
    "cut off": (200, b'{"summary": "%b' % WORDS.encode(), {"Content-Length": "1000"}),
    "refused": (401, WORDS.encode(), HEADERS),
    "forbidden": (403, WORDS.encode(), HEADERS),
    "limited": (429, WORDS.encode(), {**HEADERS, "Retry-After": "100000"}),
    "failed": (503, WORDS.encode(), HEADERS),
    "odd cookie": (200, b'{"id": 1}', {"Set-Cookie": f"{WORDS}(@={WORDS}; Expires={WORDS}"}),
    "redirect": (302, WORDS.encode(), {"Location": f"http://127.0.0.1:9/{WORDS}"}),
}
each_answer = pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)


def platforms(server: HttpServer, folder: Path) -> Iterator[Any]:
    """Yield each platform, with a token from each kind of source."""
    file = folder / "token"
    file.write_text(TOKEN)
    sources: list[Any] = [TOKEN, lambda: TOKEN, TokenFile(file)]
    for source in sources:
        yield Zild(server.url, source)
        yield Superagentes(source, server.url)


@each_sender
@each_answer
def test_nothing_is_told(
    kind: Kind, answer: tuple[int, bytes, dict[str, str]], server: HttpServer, tmp_path: Path, caplog: Any
) -> None:
    for name in (None, "httpx", "httpcore", "conversas", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    server.answer(*answer)
    texts: list[str] = []
    for platform in platforms(server, tmp_path):
        texts += [repr(platform), repr(kind(platform))]
        try:
            texts.append(repr(get(kind, f"{platform.name}:1", platform)))
        except ConversasError as error:
            texts += texts_of(error)
    assert len(server.requests) >= 6
    ours = [str(vars(record)) for record in caplog.records if not record.name.startswith("httpcore")]
    theirs = [record.getMessage() for record in caplog.records if record.name.startswith("httpcore")]
    assert len(ours) >= 6
    assert [text for text in [*texts, *ours] if CANARY in text] == []
    assert [text for text in theirs if TOKEN in text] == []  # headers of answers are httpcore's to tell, at DEBUG


@each_client
@each_answer
def test_no_outcome_has_a_token(
    kind: Kind, answer: tuple[int, bytes, dict[str, str]], server: HttpServer, tmp_path: Path
) -> None:
    server.answer(*answer)
    for platform in platforms(server, tmp_path):
        outcomes: list[Fetched | Failed] = []
        with contextlib.suppress(ConversasError):
            get_many(kind, [f"{platform.name}:1"], platform, into=outcomes)
        for outcome in outcomes:
            assert CANARY not in repr(outcome)
            assert TOKEN.encode() not in pickle.dumps(outcome)
            if isinstance(outcome, Failed) and not isinstance(outcome.error, DecodeError):
                assert WORDS.encode() not in pickle.dumps(outcome)


@each_client
def test_the_log_has_method_ref_status_attempt_and_time_of_each_request_and_no_more(
    kind: Kind, server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "conversas")
    with Wire([answer(b"", 503), Peer.reset], answer(b'{"id": 7}')) as wire:
        get(kind, "zild:7", zild(wire))
    records = [record for record in caplog.records if record.name == "conversas"]
    told = [(record.levelname, re.sub(r"\d+ ms", "9 ms", record.getMessage())) for record in records]
    assert told == [
        ("INFO", "GET zild:7: 503, attempt 1, 9 ms"),
        ("INFO", "GET zild:7: reset, attempt 2, 9 ms"),
        ("DEBUG", "GET zild:7: 200, attempt 3, 9 ms"),
    ]
    assert [type(argument).__name__ for argument in records[0].args or ()] == ["ConversationRef", "int", "int", "float"]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_nothing_that_has_a_token_pickles(kind: Kind) -> None:
    platform = Zild("https://zild.example", TOKEN)
    for each in (platform, kind(platform)):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(each)
    assert CANARY not in repr(platform)


@each_client
def test_nothing_shows_the_token(kind: Kind, server: HttpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "conversas")
    server.first = [(503, b"", {}), (200, without_id("superagentes/sample"), {})]
    platform = superagentes(server)
    conversation = get(kind, "superagentes:a", platform)
    client = kind(platform, proxy=f"http://user:{PASSWORD}@127.0.0.1:9")
    shown = f"{platform} {platform!r} {conversation!r} {client} {client!r} {caplog.text}"
    shown += " ".join(str(vars(record)) for record in caplog.records)
    assert "superagentes:a" in shown
    assert TOKEN not in shown
    assert PASSWORD not in shown
