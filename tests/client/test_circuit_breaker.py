"""The circuit breaker of a run of many: refused connections, refusals, tokens, and nothing but failures stop it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from itertools import count
from threading import Event
from typing import Any

import httpx
import pytest

from conversas import (
    AsyncClient,
    AuthenticationError,
    Client,
    ConfigurationError,
    Failed,
    Fetched,
    PermissionDeniedError,
    RateLimitedError,
    Retry,
    ServerError,
    Superagentes,
    TransportError,
    Zild,
)
from conversas.client.circuit_breaker import MAX_INITIAL_FAILURES, MAX_SUSPECTS
from support.byte_server import LONGEST_STALL_SECONDS, Wire, answer
from support.client_kinds import Kind, each_client, get_many, quick, stopped
from support.examples import without_id
from support.http_server import GUARD_SECONDS, HttpServer, Reply, Request
from support.providers import superagentes, zild
from support.refs import alternating, refs_of

SAMPLE = without_id("superagentes/sample")
ONCE = Retry(attempts=1)
SAMPLE_OF_ZILD = without_id("zild/sample")


# Connections that are refused


class Scripted(httpx.BaseTransport):
    """A transport with a script for each conversation, whose last step stays; it refuses others."""

    def __init__(self, **does: list[Callable[[], httpx.Response]]) -> None:
        self._does = does

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        left = self._does.get(request.url.path.rpartition("/")[2])
        if not left:
            return refuse()
        return left.pop(0)() if len(left) > 1 else left[0]()


def refuse() -> httpx.Response:
    raise httpx.ConnectError("refused")


def responding(status: int) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(status, content=SAMPLE)


@pytest.mark.parametrize("status", [200, 404])
def test_a_refused_connection_does_not_stop_a_run_whose_platform_answered_meanwhile(status: int) -> None:
    answered = Event()

    def refuse_later() -> httpx.Response:
        answered.wait(GUARD_SECONDS)
        return refuse()

    transport = Scripted(a=[refuse_later], b=[responding(status)])
    with Client(Superagentes("key"), transport=transport, retry=ONCE) as client:
        run = client.get_many(["superagentes:a", "superagentes:b"], concurrency=2)
        first = next(run)
        answered.set()
        (second,) = run
    assert [first.ref.id, second.ref.id] == ["b", "a"]
    assert isinstance(second, Failed)
    assert type(second.error) is TransportError


def test_a_refused_connection_does_not_stop_a_run_where_an_attempt_before_it_was_answered() -> None:
    transport = Scripted(a=[responding(503), refuse], b=[responding(200)])
    with Client(
        Superagentes("key"), transport=transport, retry=Retry(attempts=2, initial_backoff_seconds=0.001)
    ) as client:
        outcomes = list(client.get_many(["superagentes:a", "superagentes:b"], concurrency=1))
    assert {outcome.ref.id: type(outcome) for outcome in outcomes} == {"a": Failed, "b": Fetched}


def test_a_platform_that_is_gone_in_the_middle_stops_a_run() -> None:
    transport = Scripted(a=[responding(200), refuse])
    with Client(Superagentes("key"), transport=transport, retry=ONCE) as client:
        run = client.get_many([f"superagentes:{name}" for name in "abc"], concurrency=1, outage_seconds=0)
        assert next(run).ref.id == "a"
        with pytest.raises(TransportError, match="unreachable") as raised:
            next(run)
    assert any("stopped for superagentes" in note for note in raised.value.__notes__)


@each_client
def test_a_proxy_that_refuses_stops_a_run(kind: Kind, server: HttpServer) -> None:
    outcomes: list[Fetched | Failed] = []
    with Wire(standing=answer(b"", 407)) as proxy:
        options: dict[str, Any] = {"proxy": proxy.url, "retry": ONCE}
        with pytest.raises(TransportError) as raised:
            get_many(kind, map("superagentes:{}".format, count()), Superagentes("key"), into=outcomes, **options)
    assert (raised.value.reason, outcomes) == ("proxy", [])


@each_client
def test_refused_connections_stop_a_run(kind: Kind, server: HttpServer) -> None:
    with Wire() as gone:
        platform = zild(gone)
    read: list[str] = []
    error, outcomes = stopped(kind, refs_of("zild", 500, read), platform)
    assert type(error) is TransportError
    assert error.reason == "refused"
    assert outcomes == []
    assert len(read) <= 20


# Refusals


@each_client
def test_a_key_that_is_always_forbidden_stops_a_run_of_superagentes(kind: Kind, server: HttpServer) -> None:
    server.answer(403)
    error, outcomes = stopped(kind, refs_of("superagentes", 500), superagentes(server))
    assert type(error) is PermissionDeniedError
    assert outcomes == []
    assert len(server.requests) <= MAX_SUSPECTS + 4


@each_client
@pytest.mark.parametrize("other", [200, 404])
def test_refusals_with_others_between_them_do_not_stop_a_run(kind: Kind, other: int, server: HttpServer) -> None:
    server.reply = lambda asked: (other if int(asked.id) % 2 else 403, SAMPLE, {})
    refs = [f"superagentes:{number}" for number in range(60)]
    outcomes = get_many(kind, refs, superagentes(server), concurrency=1)
    assert len(outcomes) == 60


@each_client
def test_refusals_in_a_row_do_not_stop_a_run_as_long_as_another_ref_is_answered(kind: Kind, server: HttpServer) -> None:
    server.reply = lambda asked: (200 if asked.id in ("1", "99") else 403, SAMPLE, {})
    outcomes = get_many(kind, refs_of("superagentes", 99), superagentes(server), concurrency=1)
    assert sorted(int(outcome.ref.id) for outcome in outcomes) == list(range(1, 100))
    assert [outcome.ref.id for outcome in outcomes if isinstance(outcome, Fetched)] == ["1", "99"]


@each_client
def test_refusals_of_all_refs_in_the_middle_stop_a_run(kind: Kind, server: HttpServer) -> None:
    outcomes: list[Fetched | Failed] = []
    server.first = [(200, SAMPLE, {})] * 3
    server.answer(403)
    refs = map("superagentes:{}".format, count())
    with pytest.raises(PermissionDeniedError):
        get_many(kind, refs, superagentes(server), concurrency=1, into=outcomes)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 3
    assert len(server.requests) <= 3 + MAX_SUSPECTS + 1


# Tokens


@each_client
def test_a_refused_token_stops_a_run(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    read: list[str] = []
    error, outcomes = stopped(kind, refs_of("zild", 500, read), zild(server))
    assert type(error) is AuthenticationError
    assert outcomes == []
    assert 1 <= len(server.requests) <= MAX_SUSPECTS + 4
    assert len(read) <= 20
    assert any("stopped for zild" in note for note in error.__notes__)


@each_client
def test_a_token_refused_in_the_middle_leaves_the_outcomes_before_it(kind: Kind, server: HttpServer) -> None:
    server.first = [(200, SAMPLE_OF_ZILD, {})] * 20
    server.answer(401)
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server))
    assert type(error) is AuthenticationError
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 20
    assert len(server.requests) <= 20 + MAX_SUSPECTS + 4 + 1


@pytest.mark.parametrize(("asked", "concurrency"), [(MAX_SUSPECTS, 1), (MAX_SUSPECTS, 3)])
def test_a_run_that_stops_waits_for_no_more_refs(asked: int, concurrency: int, server: HttpServer) -> None:
    server.answer(401)

    async def refs() -> AsyncIterator[str]:
        for number in range(1, asked + 1):
            yield f"zild:{number}"
        await asyncio.Event().wait()

    async def run() -> None:
        async with AsyncClient(zild(server)) as client:
            await asyncio.wait_for(anext(client.get_many(refs(), concurrency=concurrency)), LONGEST_STALL_SECONDS)

    with pytest.raises(AuthenticationError):
        asyncio.run(run())


@each_client
def test_a_token_that_is_refused_after_its_refresh_stops_a_run(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    tokens = map("token-{}".format, itertools.count())
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server, lambda: next(tokens)))
    assert type(error) is AuthenticationError
    assert outcomes == []
    assert MAX_SUSPECTS <= len(server.requests) <= MAX_SUSPECTS + 4


@each_client
def test_a_timeout_of_a_source_is_not_the_end_of_the_time_for_the_run(kind: Kind, server: HttpServer) -> None:
    def token() -> str:
        raise TimeoutError("no vault")

    with pytest.raises(TimeoutError, match="no vault"):
        get_many(kind, ["zild:1"], zild(server, token), total_seconds=60)


def test_an_error_of_a_source_ends_a_run_whose_other_answers_do_not_come(server: HttpServer) -> None:
    def token() -> str:
        keeper.wait_until(lambda: keeper.held == 1)
        raise LookupError("no vault")

    async def run() -> None:
        async with AsyncClient(zild(keeper), superagentes(server, token)) as client:
            await asyncio.wait_for(anext(client.get_many(["zild:1", "superagentes:1"])), GUARD_SECONDS)

    with HttpServer(keep_alive=True) as keeper:
        keeper.hold()
        with pytest.raises(LookupError, match="no vault"):
            asyncio.run(run())


def test_what_stopped_a_run_is_told_also_where_its_time_is_over() -> None:
    async def refuse_zild_alone(request: httpx.Request) -> httpx.Response:
        if request.url.host != "zild.example":
            await asyncio.Event().wait()
        return httpx.Response(401)

    async def run() -> None:
        platforms = [Zild("https://zild.example", "token"), Superagentes("key")]
        async with AsyncClient(*platforms, transport=httpx.MockTransport(refuse_zild_alone)) as client:
            await anext(client.get_many(["zild:1", "superagentes:1"], total_seconds=1))

    with pytest.raises(AuthenticationError) as raised:
        asyncio.run(run())
    assert any("the time for the run is over" in note for note in raised.value.__notes__)


# Waits


@each_client
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_above_the_cap_stops_a_run(kind: Kind, status: int, server: HttpServer) -> None:
    server.answer(status, b"", {"Retry-After": "3600"})
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server))
    assert isinstance(error, RateLimitedError | ServerError)
    assert error.retry_after == 3600
    assert outcomes == []
    assert len(server.requests) <= MAX_SUSPECTS + 4


# Both platforms, all conversations, every ref


@each_client
def test_two_platforms_that_stop_are_both_named(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    refs = alternating(refs_of("zild", 500), refs_of("superagentes", 500))
    error, outcomes = stopped(kind, refs, zild(server), superagentes(server))
    assert type(error) is AuthenticationError
    assert outcomes == []
    said = f"{error} {error.__notes__}"
    assert "zild:" in said
    assert "superagentes:" in said
    assert len(server.requests) <= 2 * (MAX_SUSPECTS + 4)


USELESS: dict[str, tuple[int, bytes]] = {
    "an outage": (503, b""),
    "a login page": (200, b"<html>"),
    "a redirect": (302, b""),
    "no permission": (403, b""),
}


@each_client
@pytest.mark.parametrize(("status", "body"), USELESS.values(), ids=USELESS)
def test_a_run_that_brings_nothing_but_failures_stops(kind: Kind, status: int, body: bytes, server: HttpServer) -> None:
    server.answer(status, body)
    error, outcomes = stopped(kind, refs_of("zild", 500), zild(server), retry=quick(1))
    assert error.__notes__ == [
        "the run stopped for zild, because only failures came; a later run can fetch what is left"
    ]
    assert [type(outcome) for outcome in outcomes] == [Failed] * (MAX_INITIAL_FAILURES - 1)
    assert len(server.requests) < MAX_INITIAL_FAILURES + 10


# One ref


def odd(answers: dict[str, list[Reply]], body: bytes = SAMPLE) -> Callable[[Request], Reply]:
    """Return replies: for some ids these, of which the last one stays; for all others a conversation."""
    left = {id_: list(replies) for id_, replies in answers.items()}

    def reply(asked: Request) -> Reply:
        replies = left.get(asked.id)
        if replies:
            return replies.pop(0) if len(replies) > 1 else replies[0]
        return 200, body, {}

    return reply


REFUSED: Reply = (401, b"", {})
WAIT_AN_HOUR: Reply = (429, b"", {"Retry-After": "3600"})
RIGHT: Reply = (200, SAMPLE, {})
PLACES = {"first": (1, 2, 3), "last": (48, 49, 50), "apart": (1, 25, 50), "in the middle": (30, 31, 32)}


@each_client
@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
@pytest.mark.parametrize("place", PLACES)
def test_what_one_ref_is_answered_does_not_stop_a_run(
    kind: Kind, place: str, order: tuple[int, ...], concurrency: int, keeper: HttpServer
) -> None:
    steady, spurious, waiting = (str(PLACES[place][each]) for each in order)
    keeper.reply = odd({steady: [REFUSED], spurious: [REFUSED, RIGHT], waiting: [WAIT_AN_HOUR]})
    refs = refs_of("superagentes", 50)
    outcomes = get_many(kind, refs, superagentes(keeper), concurrency=concurrency, outage_seconds=0)
    failed = {outcome.ref.id: type(outcome.error) for outcome in outcomes if isinstance(outcome, Failed)}
    assert failed == {steady: AuthenticationError, waiting: RateLimitedError}
    assert len(outcomes) == 50
    assert keeper.ids.count(waiting) == 1


@each_client
@pytest.mark.parametrize("concurrency", [1, 32])
def test_refs_that_are_refused_for_ever_refresh_no_token_that_serves_others(
    kind: Kind, concurrency: int, keeper: HttpServer
) -> None:
    tokens = map("token-{}".format, itertools.count())
    keeper.reply = odd({str(number): [REFUSED] for number in range(20, 40)})
    refs = refs_of("superagentes", 60)
    outcomes = get_many(kind, refs, superagentes(keeper, lambda: next(tokens)), concurrency=concurrency)
    assert sum(isinstance(outcome, Fetched) for outcome in outcomes) == 40
    assert sum(isinstance(outcome, Failed) for outcome in outcomes) == 20
    assert {*keeper.tokens} == {"token-0"}


@each_client
@pytest.mark.parametrize("lives", [0, 40], ids=["from the start", "in the middle"])
@pytest.mark.parametrize("renewable", [False, True], ids=["a text", "a source"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_dead_token_stops_a_run_within_40_requests(
    kind: Kind,
    lives: int,
    renewable: bool,  # noqa: FBT001  # a parameter of the test
    status: int,
    keeper: HttpServer,
) -> None:
    keeper.first = [RIGHT] * lives
    keeper.answer(status)
    tokens = map("token-{}".format, itertools.count())
    platform = superagentes(keeper, (lambda: next(tokens)) if renewable else "token")
    error, outcomes = stopped(kind, refs_of("superagentes", 5000), platform, concurrency=32)
    assert isinstance(error, AuthenticationError | PermissionDeniedError)
    assert len(keeper.requests) - lives <= 40
    assert [type(outcome) for outcome in outcomes] == [Fetched] * lives


@each_client
def test_a_single_ref_with_a_dead_token_raises(kind: Kind, server: HttpServer) -> None:
    server.answer(401)
    error, outcomes = stopped(kind, iter(["superagentes:1"]), superagentes(server))
    assert type(error) is AuthenticationError
    assert outcomes == []


def test_a_refused_ref_is_reported_if_the_next_ref_depends_on_it(server: HttpServer) -> None:
    server.reply = odd({"1": [REFUSED]})

    async def run() -> list[str]:
        found = asyncio.Queue[str]()

        async def refs() -> AsyncIterator[str]:
            yield "superagentes:1"
            yield await found.get()

        seen = list[str]()
        async with AsyncClient(superagentes(server)) as client:
            async with asyncio.timeout(GUARD_SECONDS):
                async for outcome in client.get_many(refs()):
                    seen.append(f"{type(outcome).__name__} {outcome.ref.id}")
                    found.put_nowait("superagentes:2")
        return seen

    assert asyncio.run(run()) == ["Failed 1", "Fetched 2"]


@each_client
def test_a_source_that_fails_for_a_moment_does_not_stop_a_run(kind: Kind, keeper: HttpServer) -> None:
    asked = itertools.count()

    def token() -> str:
        if (time := next(asked)) in (1, 2):
            raise OSError("the identity provider is away")
        return f"token-{time}"

    keeper.reply = lambda request: RIGHT if request.token == "token-3" or len(keeper.requests) <= 20 else REFUSED
    outcomes = get_many(kind, refs_of("superagentes", 60), superagentes(keeper, token), outage_seconds=GUARD_SECONDS)
    assert [type(outcome) for outcome in outcomes] == [Fetched] * 60


@each_client
@pytest.mark.parametrize("bad", ["", "superagentes", "superagentes:", ":a", None, 7, b"superagentes:a"], ids=repr)
def test_what_is_no_ref_ends_a_run(kind: Kind, bad: Any, server: HttpServer) -> None:
    server.answer(200, SAMPLE)
    error, outcomes = stopped(kind, iter(["superagentes:a", bad]), superagentes(server), concurrency=1)
    assert type(error) is ConfigurationError
    assert [type(outcome) for outcome in outcomes] == [Fetched]
