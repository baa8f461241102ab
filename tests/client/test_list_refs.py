"""Client.list_refs and AsyncClient.list_refs against the sandbox, and the refs that they give to an export."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from conversas import (
    AsyncClient,
    Client,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    DecodeError,
    DecodeErrorReason,
    DriftError,
    NotFoundError,
    PermissionDeniedError,
    Retry,
    Status,
    Superagentes,
    export,
)
from conversas.sandbox import Fault, Rule, Sandbox
from support.http_server import HttpServer, always

LISTED = Path(__file__).parents[2] / "openapi" / "examples" / "superagentes" / "lists" / "sample.json"
NO_WAIT = Retry(attempts=1)


def listed(answer: bytes, **options: object) -> list[ConversationRef]:
    """Return the refs in an answer to a blocking client."""
    with HttpServer(always(200, answer)) as server, client_of(server.url, **options) as client:
        return list(client.list_refs("superagentes"))


def client_of(url: str, **options: object) -> Client:
    return Client(Superagentes(token="k", base_url=url), retry=NO_WAIT, **options)  # type: ignore[arg-type]  # options


def test_the_refs_are_those_of_the_page_in_its_order() -> None:
    assert [str(ref) for ref in listed(LISTED.read_bytes())] == [
        "superagentes:conversation-id-1",
        "superagentes:conversation-id-2",
    ]


def test_both_clients_list_the_same() -> None:
    async def awaiting(config: Superagentes) -> list[ConversationRef]:
        async with AsyncClient(config) as client:
            return [ref async for ref in client.list_refs("superagentes", status="RESOLVED")]

    with Sandbox() as sandbox:
        with Client(sandbox.superagentes) as client:
            blocking = list(client.list_refs("superagentes", status="RESOLVED"))
        assert blocking == asyncio.run(awaiting(sandbox.superagentes))
    assert blocking


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, {}),
        ({"status": "UNRESOLVED"}, {"status": ["UNRESOLVED"]}),
        ({"status": Status.WAITING}, {"status": ["HUMAN_REQUESTED"]}),
        ({"status": "closed"}, {"status": ["RESOLVED"]}),
        ({"status": "of & a=fork"}, {"status": ["of & a=fork"]}),
        ({"status": "RESOLVED", "agent_id": "agent-id-1"}, {"status": ["RESOLVED"], "agentId": ["agent-id-1"]}),
    ],
)
def test_what_is_asked_for_is_sent_and_nothing_else(filters: dict[str, str], query: dict[str, list[str]]) -> None:
    with Sandbox() as sandbox, Client(sandbox.superagentes) as client:
        list(client.list_refs("superagentes", **filters))
        [request] = sandbox.requests
    assert parse_qs(urlsplit(request.target).query) == query
    assert urlsplit(request.target).path == "/api/conversations"


def test_an_export_takes_the_refs(tmp_path: Path) -> None:
    with Sandbox() as sandbox, Client(sandbox.superagentes) as client:
        refs = list(client.list_refs("superagentes", status="UNRESOLVED"))
        summary = export(client.list_refs("superagentes", status="UNRESOLVED"), to=tmp_path / "e", client=client)
    assert summary.fetched == len(refs) > 0


def test_nothing_is_sent_before_the_first_ref_is_asked_for() -> None:
    with Sandbox() as sandbox, Client(sandbox.superagentes) as client:
        refs = client.list_refs("superagentes")
        assert len(sandbox.requests) == 0
        next(refs)
        assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda client: client.list_refs("zild"), "has no operation that lists"),
        (lambda client: client.list_refs("other"), "no provider of that name"),
        (lambda client: client.list_refs("superagentes", status=""), "status must be a printable string"),
        (lambda client: client.list_refs("superagentes", agent_id=7), "agent_id must be a printable string"),
    ],
)
def test_a_wrong_argument_is_told_at_once(call: Callable[[Client], object], part: str) -> None:
    with Sandbox() as sandbox, Client(sandbox.superagentes, sandbox.zild) as client:
        with pytest.raises(ConfigurationError, match=part):
            call(client)
        assert len(sandbox.requests) == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"null", DecodeErrorReason.NOT_A_LIST),
        (b'{"error": "X"}', DecodeErrorReason.NOT_A_LIST),
        (b"<html>", DecodeErrorReason.NOT_JSON),
        (b"", DecodeErrorReason.NOT_JSON),
    ],
)
def test_an_answer_that_is_no_list_is_an_error_without_a_ref(answer: bytes, reason: DecodeErrorReason) -> None:
    with pytest.raises(DecodeError) as found:
        listed(answer)
    assert (found.value.reason, found.value.ref, found.value.provider) == (reason, None, "superagentes")


def test_a_conversation_without_an_id_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    items = [{"id": "a"}, {"title": "secret"}, {"id": None}, 7, {"id": 12.0}, {"id": " b "}]
    with caplog.at_level(logging.WARNING, "conversas"):
        refs = listed(json.dumps(items).encode())
    assert [ref.id for ref in refs] == ["a", "12", "b"]
    [record] = caplog.records
    assert "3 listed conversations have no id" in record.getMessage()


def test_drift_of_a_list_is_kept_or_raised() -> None:
    answer = json.dumps([{"id": "a", "unheard": 1, "status": 5}]).encode()
    assert [ref.id for ref in listed(answer)] == ["a"]
    with pytest.raises(DriftError) as found:
        listed(answer, on_drift="raise")
    assert {drift.path for drift in found.value.drift} == {"/0/unheard", "/0/status"}
    assert listed(LISTED.read_bytes(), on_drift="raise")


@pytest.mark.parametrize(("fault", "error"), [(Fault.FORBIDDEN, PermissionDeniedError), (Fault.STATUS, NotFoundError)])
def test_a_status_says_what_it_means_for_a_list(fault: Fault, error: type[ConversasError]) -> None:
    rule = Rule(fault, status=404) if fault is Fault.STATUS else Rule(fault)
    with (
        Sandbox(rules=[rule]) as sandbox,
        Client(sandbox.superagentes, retry=NO_WAIT) as client,
        pytest.raises(error, match="list of conversations") as found,
    ):
        list(client.list_refs("superagentes"))
    assert found.value.ref is None


def test_a_failure_that_may_pass_is_retried() -> None:
    with Sandbox(rules=[Rule(Fault.UNAVAILABLE, times=1)]) as sandbox:
        with Client(sandbox.superagentes, retry=Retry(attempts=2, initial_backoff_seconds=0.01)) as client:
            assert list(client.list_refs("superagentes"))
        assert len(sandbox.requests) == 2
