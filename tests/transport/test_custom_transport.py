"""Transports of the user in place of the network."""

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from conversas import (
    ApiError,
    AsyncClient,
    Client,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    Fetched,
    ServerError,
    Superagentes,
    Zild,
)
from support.client_kinds import Kind, each_client, failure, get, get_many
from support.examples import without_id
from support.http_server import HttpServer
from support.providers import TOKEN

SAMPLE = without_id("superagentes/sample")


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
    kind: Kind, handler: Callable[[httpx.Request], httpx.Response], server: HttpServer
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


@each_client
@pytest.mark.parametrize(("error", "attempts"), [(ServerError("full"), 1), (ConfigurationError("none"), 0)], ids=repr)
def test_an_error_of_a_transport_of_the_user_knows_the_conversation(
    kind: Kind, error: ConversasError, attempts: int
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    platform, transport = Superagentes(TOKEN), httpx.MockTransport(fail)
    assert failure(kind, "superagentes:a", platform, transport=transport) is error
    assert (error.provider, error.ref) == ("superagentes", ConversationRef("superagentes", "a"))
    assert error.attempts == attempts
    assert error.elapsed_seconds > 0


@each_client
def test_a_transport_of_the_user_that_is_at_its_end_is_an_error_of_its_own(kind: Kind) -> None:
    answers = iter([httpx.Response(200, content=SAMPLE)])
    platform, transport = Superagentes(TOKEN), httpx.MockTransport(lambda _: next(answers))
    assert get(kind, "superagentes:a", platform, transport=transport).raw == SAMPLE
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        get(kind, "superagentes:a", platform, transport=transport)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        get_many(kind, ["superagentes:a"], platform, transport=transport)
