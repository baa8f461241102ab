"""Tokens of a function: when another is asked for, by whom, and what is refused."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import pytest

from conversas import AsyncClient, AuthenticationError, Client, ConfigurationError, Fetched, TokenFile, Zild
from support.client_kinds import Kind, each_client, failure, get, get_many
from support.http_server import GUARD_SECONDS, HttpServer, Request
from support.providers import superagentes
from support.tokens import jwt

BODY = b'{"messages": []}'


class Source:
    """A source of tokens that are numbered, and counted."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return f"token-{self.asked}"


@each_client
def test_a_source_is_asked_again_after_a_401_and_the_request_succeeds(kind: Kind, server: HttpServer) -> None:
    server.answer(200, BODY)
    server.first.append((401, b"", {}))
    source = Source()
    get(kind, "zild:1", Zild(server.url, source))
    assert server.tokens == ["token-1", "token-2"]
    assert source.asked == 2


@each_client
def test_a_fresh_token_that_is_refused_too_ends_it(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    with pytest.raises(AuthenticationError, match="the previous token was also rejected") as raised:
        get(kind, "zild:1", Zild(server.url, Source()))
    assert server.tokens == ["token-1", "token-2"]
    assert (raised.value.status, raised.value.attempts, raised.value.retryable) == (401, 2, False)


@each_client
def test_a_token_that_is_a_text_is_sent_once(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    with pytest.raises(AuthenticationError, match="the token is rejected"):
        get(kind, "zild:1", Zild(server.url, "Bearer token"))
    assert server.tokens == ["token"]


def refusing(*refused: str) -> HttpServer:
    """Return a server that refuses these tokens."""
    return HttpServer(lambda asked: (401 if asked.token in refused else 200, BODY, {}), keep_alive=True)


def test_one_refresh_serves_all_threads_that_wait() -> None:
    source = Source()
    with (
        refusing("token-1") as keeper,
        Client(Zild(keeper.url, source)) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        list(threads.map(client.get, ["zild:1"] * 64))
    assert source.asked == 2


def test_one_refresh_serves_all_threads_that_are_refused_at_the_same_time() -> None:
    source = Source()
    again = Event()

    def token() -> str:
        given = source()
        if source.asked == 2:
            again.wait(0.3)  # as long as others have to come, too, where nothing holds them back
        elif source.asked > 2:
            again.set()
        return given

    with (
        refusing("token-1") as keeper,
        Client(Zild(keeper.url, token)) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        keeper.hold()
        gets = [threads.submit(client.get, f"zild:{number}") for number in range(16)]
        keeper.wait_until(lambda: keeper.held == 16)
        keeper.release()
        assert [each.result(GUARD_SECONDS).provider for each in gets] == ["zild"] * 16
    assert source.asked == 2
    assert keeper.tokens == ["token-1"] * 16 + ["token-2"] * 16


def test_one_refresh_serves_all_tasks_that_wait() -> None:
    async def main(url: str) -> None:
        async with AsyncClient(Zild(url, source)) as client:
            await asyncio.gather(*(client.get("zild:1") for _ in range(64)))

    async def source() -> str:
        return plain()

    plain = Source()
    with refusing("token-1") as keeper:
        asyncio.run(main(keeper.url))
    assert plain.asked == 2


@each_client
def test_one_refresh_serves_a_whole_run(kind: Kind) -> None:
    source = Source()
    with refusing("token-1") as keeper:
        outcomes = get_many(kind, map("zild:{}".format, range(40)), Zild(keeper.url, source), concurrency=16)
    assert {type(outcome) for outcome in outcomes} == {Fetched}
    assert source.asked == 2


def test_an_awaiting_client_asks_a_plain_function_in_a_thread(server: HttpServer) -> None:
    server.answer(200, BODY)
    threads: list[int] = []
    get(AsyncClient, "zild:1", Zild(server.url, lambda: threads.append(get_ident()) or "token"))
    assert len(threads) == 1
    assert threads != [get_ident()]  # that of the event loop


@each_client
def test_a_source_that_is_at_its_end_is_an_error_of_its_own(kind: Kind, server: HttpServer) -> None:
    server.answer(200, BODY)
    server.first.append((401, b"", {}))
    source = iter(["token"]).__next__
    with pytest.raises(RuntimeError, match="the function that returns the token raised StopIteration") as raised:
        get(kind, "zild:1", Zild(server.url, source))
    assert isinstance(raised.value.__cause__, StopIteration)
    with pytest.raises(RuntimeError, match="StopIteration"):
        get_many(kind, ["zild:1"], Zild(server.url, source))


def test_a_client_refuses_a_source_that_is_awaited() -> None:
    async def source() -> str:
        return "token"

    with pytest.raises(ConfigurationError, match="AsyncClient"):
        Client(Zild("https://zild.example", source))


def test_a_plain_function_that_gives_a_coroutine_is_refused_when_it_is_asked(server: HttpServer) -> None:
    async def later() -> str:
        return "token"

    with pytest.raises(ConfigurationError, match="AsyncClient"):
        get(Client, "zild:1", Zild(server.url, lambda: later()))  # type: ignore[arg-type,return-value]
    get_token = Zild(server.url, lambda: later())  # type: ignore[arg-type,return-value]
    server.answer(200, BODY)
    get(AsyncClient, "zild:1", get_token)
    assert server.tokens == ["token"]


@each_client
@pytest.mark.parametrize("given", [None, b"token", "", "to\nken", "to ken", "tokén"], ids=repr)
def test_what_a_source_gives_is_checked_and_not_shown(kind: Kind, given: Any, server: HttpServer) -> None:
    with pytest.raises(ConfigurationError) as raised:
        get(kind, "zild:1", Zild(server.url, lambda: given))
    assert server.requests == []
    assert "ken" not in str(raised.value).replace("token", "")


@each_client
def test_an_error_of_a_source_arrives_unchanged(kind: Kind, server: HttpServer) -> None:
    def source() -> str:
        raise LookupError("no vault")

    with pytest.raises(LookupError, match="no vault"):
        get(kind, "zild:1", Zild(server.url, source))


@each_client
def test_a_token_file_that_has_changed_serves_after_a_401(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("token-1")

    def answer(asked: Request) -> tuple[int, bytes, dict[str, str]]:
        file.write_text("token-2")
        return (401 if asked.token == "token-1" else 200), BODY, {}

    with HttpServer(answer, keep_alive=True) as keeper:
        get(kind, "zild:1", Zild(keeper.url, TokenFile(file)))
        assert keeper.tokens == ["token-1", "token-2"]


@each_client
def test_an_expired_token_of_a_source_is_asked_for_again(kind: Kind, server: HttpServer) -> None:
    given = [jwt({"exp": 1}), jwt({"exp": 1})]
    with pytest.raises(AuthenticationError):
        get(kind, "zild:1", Zild(server.url, lambda: given.pop()))
    assert server.requests == []


def test_a_token_that_had_expired_is_asked_for_again_by_the_next_get(server: HttpServer) -> None:
    server.answer(200, BODY)
    given = [jwt({"exp": 1}), jwt({"exp": time.time() + 3600})]
    source = iter(given).__next__
    with Client(Zild(server.url, source)) as client:
        with pytest.raises(AuthenticationError, match="the token was not sent: it expired"):
            client.get("zild:1")
        client.get("zild:1")
    assert server.tokens == given[1:]


@each_client
@pytest.mark.parametrize("token", ["a\nb", "", "a b", "é", None, b"a"], ids=ascii)
def test_a_bad_token_of_a_callable_is_refused_before_anything_is_sent(
    kind: Kind, token: Any, server: HttpServer
) -> None:
    error = failure(kind, "superagentes:a", superagentes(server, lambda: token))
    assert type(error) is ConfigurationError
    assert server.requests == []
