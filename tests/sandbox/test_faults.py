"""The faults of the sandbox: what each does on the wire."""

import gzip
import http.client
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import DecodeError, Drift, DriftKind, Note, NotFoundError, decode
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.sandbox.fault_responses import FaultContext, apply_fault
from conversas.sandbox.faults import SETTINGS
from conversas.sandbox.platforms import get_platform
from support.mapping_doc import source_of
from support.raw_http import (
    PATHS,
    ask,
    connected,
    credentials,
    each_provider,
    get,
    get_number,
    id_of,
    path_of,
    raw,
    received,
    ref_of,
    tokens,
)
from support.strategies import json_values
from support.written_times import WITH_TIMES

pytest_plugins = ["conversas.testing.fixtures"]
STATUSES = {
    Fault.TOO_MANY_REQUESTS: 429,
    Fault.INTERNAL_ERROR: 500,
    Fault.UNAVAILABLE: 503,
    Fault.BAD_GATEWAY: 502,
    Fault.UNKNOWN_ERROR: 520,
    Fault.HTML_PAGE: 502,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.REDIRECT: 302,
}
PAGES = {Fault.BAD_GATEWAY, Fault.UNKNOWN_ERROR, Fault.HTML_PAGE}


def settings(fault: Fault) -> dict[str, Any]:
    """Return what a rule needs to be quick, or to be a rule at all."""
    small = {"status": 418, "seconds": 0, "location": "/elsewhere", "megabytes": 0.3}
    return {name: value for name, value in small.items() if fault in SETTINGS[name]}


def at_once(fault: Fault) -> Rule:
    return Rule(fault, **settings(fault))


# Statuses


@each_provider
@pytest.mark.parametrize("fault", STATUSES)
def test_a_fault_of_the_platform_has_its_status(sandbox: Sandbox, provider: str, fault: Fault) -> None:
    sandbox.rules = [Rule(fault)]
    answer = get_number(sandbox, provider)
    assert answer.status == STATUSES[fault]
    assert sandbox.counts.statuses == {STATUSES[fault]: 1}
    assert sandbox.counts.faults == {fault: 1}
    if fault in PAGES:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.body.startswith(b"<!DOCTYPE html>")
    elif provider == "zild":
        assert answer.body == b""


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Fault.TOO_MANY_REQUESTS, "RATE_LIMIT"),
        (Fault.INTERNAL_ERROR, "INTERNAL_SERVER_ERROR"),
        (Fault.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
    ],
)
def test_superagentes_names_its_errors_in_json(sandbox: Sandbox, fault: Fault, name: str) -> None:
    sandbox.rules = [Rule(fault)]
    answer = get(sandbox, "superagentes", "1")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(answer.body) == {"error": name}


@each_provider
@pytest.mark.parametrize("status", [200, 204, 304, 408, 418, 499, 529, 599])
def test_any_status_comes_without_a_body(sandbox: Sandbox, provider: str, status: int) -> None:
    sandbox.rules = [Rule(Fault.STATUS, status=status)]
    answer = get_number(sandbox, provider)
    assert (answer.status, answer.body) == (status, b"")
    assert ("content-length" in answer.headers) == (status not in (204, 304))


def test_a_page_can_have_another_status(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.HTML_PAGE, status=200)]
    answer = get(sandbox, "zild", "1")
    assert (answer.status, answer.body[:9]) == (200, b"<!DOCTYPE")


@each_provider
def test_unauthorized_is_that_of_zild_for_all(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.UNAUTHORIZED)]
    assert get_number(sandbox, provider).headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_forbidden_is_empty_or_plain_text(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.FORBIDDEN)]
    assert [get(sandbox, provider, "1").body for provider in ("zild", "superagentes")] == [b"", b"Forbidden"]


def test_what_is_not_found_is_404_with_zild_and_null_with_superagentes(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND)]
    zild, superagentes = (get(sandbox, provider, "1") for provider in ("zild", "superagentes"))
    assert (zild.status, zild.headers["content-type"]) == (404, "application/problem+json; charset=utf-8")
    assert json.loads(zild.body)["status"] == 404
    assert (superagentes.status, superagentes.body) == (200, b"null")
    with pytest.raises(NotFoundError):
        decode("superagentes", superagentes.body)


@pytest.mark.parametrize("location", [None, "https://login.example/?back=%2F", "//elsewhere.example"])
def test_a_redirect_leads_where_the_rule_says(sandbox: Sandbox, location: str | None) -> None:
    sandbox.rules = [Rule(Fault.REDIRECT, location=location)]
    assert get(sandbox, "zild", "1").headers["location"] == (location or "/login")


@pytest.mark.parametrize(
    ("value", "header"),
    [
        (0, "0"),
        (30, "30"),
        (2.0, "2"),
        (1.5, "1.5"),
        ("soon", "soon"),
        (datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), "Wed, 02 Jan 2030 03:04:05 GMT"),
        (datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-3))), "Wed, 02 Jan 2030 06:04:05 GMT"),
    ],
)
def test_retry_after_is_seconds_a_date_or_as_it_is(sandbox: Sandbox, value: Any, header: str) -> None:
    sandbox.rules = [Rule(Fault.UNAVAILABLE, retry_after=value)]
    assert get(sandbox, "superagentes", "1").headers["retry-after"] == header


@pytest.mark.parametrize("fault", Fault)
def test_no_answer_says_when_to_come_back_unless_the_rule_does(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.rules = [at_once(fault)]
    with connected(sandbox) as client:
        client.sendall(raw(sandbox).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert b"retry-after" not in received(client).lower()


# Bodies that are no conversation


@each_provider
def test_an_empty_body_is_a_200(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.EMPTY_BODY)]
    answer = get_number(sandbox, provider)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


@each_provider
def test_truncated_json_is_a_whole_answer(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON)]
    answer, body = get_number(sandbox, provider), sandbox.body(ref_of(provider))
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body) == len(body) // 2
    assert body.startswith(answer.body)
    with pytest.raises(DecodeError):
        decode(provider, answer.body)


# Transport


@each_provider
def test_reset_breaks_the_connection_in_the_middle_of_the_body(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.RESET)]
    body = sandbox.body(ref_of(provider))
    with connected(sandbox) as client:
        client.sendall(raw(sandbox, provider))
        head, _, half = client.recv(len(body)).partition(b"\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert f"Content-Length: {len(body)}".encode() in head
    assert 0 < len(half) < len(body)
    assert body.startswith(half)


@each_provider
def test_premature_eof_ends_the_connection_in_the_middle_of_the_body(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.PREMATURE_EOF)]
    body = sandbox.body(ref_of(provider))
    with pytest.raises(http.client.IncompleteRead) as caught:
        get_number(sandbox, provider)
    assert caught.value.partial == body[: len(body) // 2]
    assert caught.value.expected == len(body) - len(body) // 2


@each_provider
def test_hang_gives_no_answer_and_then_closes(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.HANG, seconds=0.01)]
    with connected(sandbox) as client:
        client.sendall(raw(sandbox, provider))
        assert client.recv(1) == b""


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.PREMATURE_EOF, Fault.HANG])
def test_an_answer_that_does_not_end_is_counted_as_a_fault_alone(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.rules = [at_once(fault)]
    with connected(sandbox) as client:
        client.sendall(raw(sandbox))
        received(client)
    assert (sandbox.counts.statuses, sandbox.counts.faults) == ({}, {fault: 1})


@each_provider
@pytest.mark.parametrize("fault", [Fault.SLOW_BODY, Fault.SLOW])
def test_a_slow_answer_is_right_and_the_connection_can_be_used_again(
    sandbox: Sandbox, provider: str, fault: Fault
) -> None:
    sandbox.rules = [Rule(fault, seconds=0.001)]
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=60)
    headers = credentials(path_of(provider), tokens(sandbox)[provider])
    for number in (1, 2):
        connection.request("GET", path_of(provider, number), headers=headers)
        assert connection.getresponse().read() == sandbox.body(ref_of(provider, number))
    connection.close()


@each_provider
def test_gzip_is_the_right_answer_compressed(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.GZIP)]
    answer = get_number(sandbox, provider)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == sandbox.body(ref_of(provider))


@each_provider
def test_huge_is_a_conversation_of_so_many_megabytes(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.HUGE, megabytes=2.5)]
    answer = get_number(sandbox, provider, 7)
    assert int(answer.headers["content-length"]) == len(answer.body) == 2_500_000
    conversation = decode(provider, answer.body)
    assert (conversation.id, conversation.drift) == (id_of(provider, 7), ())


@each_provider
def test_a_gzip_bomb_is_small_on_the_wire(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.GZIP_BOMB, megabytes=2.5)]
    answer = get_number(sandbox, provider, 7)
    assert (answer.headers["content-encoding"], answer.headers["transfer-encoding"]) == ("gzip", "chunked")
    assert len(answer.body) < 25_000
    body = gzip.decompress(answer.body)
    assert len(body) == 2_500_000
    assert decode(provider, body).id == id_of(provider, 7)


def test_what_is_huge_is_made_in_small_pieces() -> None:
    answer = apply_fault(Rule(Fault.HUGE), FaultContext(get_platform("zild"), "1", lambda _: b""))
    assert answer.stream
    lengths = [len(piece) for piece in answer.stream()]
    assert sum(lengths) == answer.length == 100_000_000
    assert max(lengths) <= 65_536


def test_an_id_that_is_longer_than_what_is_huge_makes_it_longer() -> None:
    answer = apply_fault(
        Rule(Fault.HUGE, megabytes=0.001), FaultContext(get_platform("superagentes"), "x" * 2_000, lambda _: b"")
    )
    assert answer.stream
    body = b"".join(answer.stream())
    assert len(body) == answer.length
    assert json.loads(body)["id"] == "x" * 2_000


# Bodies that drift


def kinds(drift: tuple[Drift, ...]) -> set[DriftKind]:
    return {each.kind for each in drift}


@each_provider
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.UNKNOWN_ENUM_VALUE, DriftKind.UNKNOWN_VALUE),
        (Fault.UNKNOWN_FIELD, DriftKind.UNKNOWN_FIELD),
        (Fault.UNEXPECTED_NULL, DriftKind.UNEXPECTED_NULL),
    ],
)
def test_what_the_spec_does_not_allow_is_drift(sandbox: Sandbox, provider: str, fault: Fault, kind: DriftKind) -> None:
    sandbox.rules = [Rule(fault)]
    conversation = decode(provider, get_number(sandbox, provider).body)
    assert kinds(conversation.drift) == {kind}
    assert conversation.messages == decode(provider, sandbox.body(ref_of(provider))).messages


@pytest.mark.parametrize(
    ("provider", "path", "kind"),
    [
        ("zild", "/score", DriftKind.UNEXPECTED_NULL),
        ("superagentes", "/participantsVisitors/", DriftKind.UNEXPECTED_NULL),
    ],
)
def test_a_null_stands_where_the_spec_has_none(sandbox: Sandbox, provider: str, path: str, kind: DriftKind) -> None:
    sandbox.rules = [Rule(Fault.UNEXPECTED_NULL)]
    (drift,) = decode(provider, get(sandbox, provider, "1").body).drift
    assert drift.kind is kind
    assert drift.path.startswith(path)


@pytest.mark.parametrize(("provider", "field"), [("zild", "delivered"), ("superagentes", "read")])
def test_a_boolean_as_text_is_drift_and_its_field_is_none(sandbox: Sandbox, provider: str, field: str) -> None:
    sandbox.rules = [Rule(Fault.BOOLEAN_AS_TEXT)]
    conversation = decode(provider, get(sandbox, provider, "1").body)
    assert {(drift.kind, drift.found) for drift in conversation.drift} == {(DriftKind.WRONG_TYPE, "string")}
    assert {getattr(message, field) for message in conversation.messages} == {None}


@pytest.mark.parametrize("provider", WITH_TIMES)
def test_a_naive_date_has_lost_its_offset_and_nothing_else(sandbox: Sandbox, provider: str) -> None:
    sandbox.rules = [Rule(Fault.NAIVE_DATE)]
    body, right = get_number(sandbox, provider).body, decode(provider, sandbox.body(ref_of(provider)))
    conversation = decode(provider, body)
    assert Note.NAIVE_TIME in conversation.notes
    assert Note.NAIVE_TIME not in right.notes
    assert b'Z"' not in body
    assert conversation.messages == right.messages
    assert decode(provider, body, timezone="America/Sao_Paulo").created_at == right.created_at + timedelta(hours=3)


@each_provider
@pytest.mark.parametrize("has_messages", [True, False])
def test_a_cut_emoji_ends_the_newest_message(provider: str, *, has_messages: bool) -> None:
    whole = json.loads(Sandbox().body(ref_of(provider)))
    kept = {name: whole[name] for name in (source_of(provider, "id"), source_of(provider, "created_at"))}
    right = json.dumps(kept | {source_of(provider, "messages"): []}).encode()
    with Sandbox(rules=[Rule(Fault.CUT_EMOJI)]) as sandbox:
        body = (
            get_number(sandbox, provider).body
            if has_messages
            else apply_fault(sandbox.rules[0], FaultContext(get_platform(provider), "1", lambda _: right)).body
        )
    assert rb"\ud83d" in body
    conversation = decode(provider, body)
    assert (conversation.messages[-1].text or "").endswith("\N{REPLACEMENT CHARACTER}")
    assert Note.TEXT_REPAIRED in conversation.notes
    assert "last-message-differs" not in conversation.completeness.reasons


@each_provider
@pytest.mark.parametrize("number", [1, -1, 0, -2147483648, 2147483647])
def test_another_id_is_another_conversation(sandbox: Sandbox, provider: str, number: int) -> None:
    sandbox.rules = [Rule(Fault.OTHER_ID)]
    ref = ref_of(provider, number)
    conversation = decode(provider, get_number(sandbox, provider, number).body, ref=ref)
    assert conversation.id != id_of(provider, number)
    assert Note.ID_MISMATCH in conversation.notes
    assert conversation.drift == ()


# Any fault


@each_provider
@pytest.mark.parametrize("fault", Fault)
def test_no_fault_strikes_who_has_no_valid_token(sandbox: Sandbox, provider: str, fault: Fault) -> None:
    sandbox.rules = [Rule(fault, times=1, **settings(fault))]
    refused = ask(sandbox, path_of(provider)).status
    assert refused in (401, 403)
    assert refused == {"zild": 401, "superagentes": 403}.get(provider, refused)
    assert sandbox.counts.faults == {}
    with connected(sandbox) as client:
        client.sendall(raw(sandbox, provider).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        received(client)
    assert sandbox.counts.faults == {fault: 1}


EDITS = [Fault.UNKNOWN_ENUM_VALUE, Fault.UNKNOWN_FIELD, Fault.UNEXPECTED_NULL, Fault.NAIVE_DATE, Fault.CUT_EMOJI]
NAMES = st.sampled_from(["messages", "participantsVisitors", "createdAt", "updatedAt", "x"])


@given(provider=st.sampled_from([*PATHS]), fault=st.sampled_from(EDITS), value=json_values(NAMES))
def test_an_edit_takes_any_json_that_was_given(provider: str, fault: Fault, value: object) -> None:
    given = json.dumps(value).encode()
    answer = apply_fault(Rule(fault), FaultContext(get_platform(provider), "1", lambda _: given))
    assert answer.status == 200
    if not isinstance(value, dict):
        assert answer.body == given
    elif fault is not Fault.NAIVE_DATE:
        assert json.loads(answer.body) != value
