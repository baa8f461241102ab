"""The sandbox: what it serves, and how it starts and stops."""

import http.client
import json
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from conversas import ConfigurationError
from conversas.sandbox import Fault, Rule, Sandbox
from support.processes import ROOT, run
from support.raw_http import (
    ask,
    connected,
    each_provider,
    get,
    get_number,
    path_of,
    port_of,
    raw,
    received,
    ref_of,
    tokens,
)

pytest_plugins = ["conversas.testing.fixtures"]


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline


@each_provider
@pytest.mark.parametrize("number", [1, 2147483647])
def test_it_serves_the_body_of_a_conversation(sandbox: Sandbox, provider: str, number: int) -> None:
    answer = get_number(sandbox, provider, number)
    assert (answer.status, answer.body) == (200, sandbox.body(ref_of(provider, number)))
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert not {"retry-after", "x-request-id"} & answer.headers.keys()


GIVEN = {"zild:7": b"not JSON", "zild:8": b'{"messages": [null]}', "zild:9": b"", "superagentes:a/b": b"null"}


def test_a_body_that_is_given_is_served_as_it_is() -> None:
    with Sandbox(bodies=GIVEN) as sandbox:
        assert get(sandbox, "zild", "007").body == b"not JSON"
        assert get(sandbox, "zild", "9").body == b""
        assert get(sandbox, "superagentes", "a%2Fb?cursor=m1").body == b"null"
        assert get(sandbox, "zild", "6").body == Sandbox().body("zild:6") == sandbox.body("zild:6")
        assert {ref: sandbox.body(ref) for ref in GIVEN} == GIVEN
        with pytest.raises(ValueError, match="custom body"):
            sandbox.body("zild:7", messages=1)


def test_faults_strike_bodies_that_are_given_too() -> None:
    with Sandbox(bodies=GIVEN, rules=[Rule(Fault.UNKNOWN_FIELD)]) as sandbox:
        assert get(sandbox, "zild", "7").body == b"not JSON"
        assert json.loads(get(sandbox, "zild", "8").body).keys() == {"messages", "schemaRevision"}
        sandbox.rules = [Rule(Fault.TRUNCATED_JSON)]
        assert get(sandbox, "zild", "7").body == b"not "


@pytest.mark.parametrize(
    ("ref", "error"), [("zild", ConfigurationError), ("zild:a", ValueError), ("elsewhere:1", ValueError)]
)
def test_a_ref_of_a_given_body_is_checked(ref: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Sandbox(bodies={ref: b""})


def test_the_platforms_lead_to_it(sandbox: Sandbox) -> None:
    assert sandbox.zild.base_url == sandbox.url
    assert sandbox.superagentes.base_url == f"{sandbox.url}/api"
    assert sandbox.zild == sandbox.zild


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/conversation/1", 200),
        ("/API/CONVERSATION/1?verbose=1", 200),
        ("/api/Conversation/%31", 200),
        ("/api/Conversation/-5", 200),
        ("/api/Conversation/007", 200),
        ("/api/Conversation/2147483648", 400),
        ("/api/Conversation/1_0", 400),
        ("/api/Conversation/%D9%A1", 400),
        ("/api/Conversation/abc", 400),
        ("/api/Conversation/", 404),
        ("/api/Conversation/1/messages", 404),
        ("/Conversation/1", 404),
        ("/", 404),
    ],
)
def test_zild_serves_integers_at_a_path_in_any_case(sandbox: Sandbox, target: str, status: int) -> None:
    assert ask(sandbox, target, tokens(sandbox)["zild"]).status == status


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/conversations/a%2Fb%20c", 200),
        ("/api/Conversations/a", 404),
        ("/api/conversations/", 404),
        ("/api/conversations/..", 404),
        ("/api/conversations/%2e%2E", 404),
    ],
)
def test_superagentes_serves_any_text_at_a_path_in_lower_case(sandbox: Sandbox, target: str, status: int) -> None:
    assert ask(sandbox, target, tokens(sandbox)["superagentes"]).status == status


def test_an_encoded_id_is_decoded(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "/api/conversations/a%2Fb%20c", tokens(sandbox)["superagentes"])
    assert json.loads(answer.body)["id"] == "a/b c"
    assert sandbox.counts.refs == {"superagentes:a/b c": 1}


def test_an_id_of_zild_that_is_no_integer_is_a_problem_in_json(sandbox: Sandbox) -> None:
    answer = get(sandbox, "zild", "abc")
    problem = json.loads(answer.body)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem.keys() == {"type", "title", "status", "traceId", "errors"}
    assert problem["status"] == 400
    assert "id" in problem["errors"]


@each_provider
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_not_allowed(sandbox: Sandbox, provider: str, method: str) -> None:
    answer = ask(sandbox, path_of(provider), tokens(sandbox)[provider], method=method, body=b"x" * 300_000)
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_older_messages_of_superagentes_come_by_a_cursor(sandbox: Sandbox) -> None:
    id_ = next(str(n) for n in range(1_000) if len(json.loads(sandbox.body(f"superagentes:{n}"))["messages"]) == 50)
    pages, cursor = [], ""
    while page := json.loads(get(sandbox, "superagentes", f"{id_}{cursor}").body)["messages"]:
        pages.append(page)
        cursor = f"?cursor={page[-1]['id']}"
    messages = [message for page in pages for message in page]
    times = [message["createdAt"] for message in messages]
    assert [len(page) for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert times == sorted(times, reverse=True)
    assert len({message["id"] for message in messages}) == len(messages) >= 50


def test_nothing_is_older_than_an_unknown_cursor(sandbox: Sandbox) -> None:
    assert json.loads(get(sandbox, "superagentes", "1?cursor=m1").body)["messages"] == []


# HTTP


def test_a_connection_serves_one_request_after_another(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=60)
    used = set()
    for number in range(3):
        connection.request(
            "GET", f"/api/Conversation/{number}", headers={"Authorization": f"Bearer {tokens(sandbox)['zild']}"}
        )
        assert connection.getresponse().read() == sandbox.body(f"zild:{number}")
        used.add(connection.sock.getsockname())
    connection.close()
    assert len(used) == 1


def test_requests_sent_at_once_are_answered_in_their_order(sandbox: Sandbox) -> None:
    closing = raw(sandbox, id_="2").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connected(sandbox) as client:
        client.sendall(raw(sandbox, id_="1") + closing)
        answers = received(client)
    first, second = sandbox.body("zild:1"), sandbox.body("zild:2")
    assert answers.count(b"HTTP/1.1 200 ") == 2
    assert answers.index(first) < answers.index(second)


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_http_is_a_bad_request(sandbox: Sandbox, garbage: bytes) -> None:
    with connected(sandbox) as client:
        client.sendall(garbage)
        assert received(client).startswith(b"HTTP/1.1 400 ")
    assert get(sandbox, "zild", "1").status == 200


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(sandbox: Sandbox) -> None:
    with connected(sandbox) as client:
        client.sendall(
            b"POST /api/Conversation/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert client.recv(65_536).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"{}")
        assert client.recv(65_536).startswith(b"HTTP/1.1 405 ")


# Start and stop


def test_it_listens_on_127_0_0_1_alone(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port_of(sandbox)), timeout=60)


def test_a_port_that_is_taken_is_an_error_of_the_caller(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="in use"), Sandbox(port=port_of(sandbox)):
        pass


def test_it_can_serve_again_on_the_port_of_before() -> None:
    with Sandbox() as first:
        port = port_of(first)
        get(first, "zild", "1")
    again = Sandbox(port=port)
    for _ in range(2):
        with again:
            assert again.url.endswith(f":{port}")
            assert get(again, "zild", "1").status == 200


def test_two_sandboxes_serve_at_once_and_share_nothing(sandbox: Sandbox) -> None:
    with Sandbox(seed=1, rules=[Rule(Fault.FORBIDDEN, ids=["2"])]) as other:
        assert get(other, "zild", "1").body != get(sandbox, "zild", "1").body
        assert [get(each, "zild", "2").status for each in (sandbox, other)] == [200, 403]
        assert ask(other, "/api/Conversation/1", tokens(sandbox)["zild"]).status == 401
        assert (sandbox.counts.requests, other.counts.requests) == (2, 3)


def test_it_has_no_address_unless_it_serves() -> None:
    sandbox = Sandbox()
    with sandbox, pytest.raises(RuntimeError, match="already serving"):
        sandbox.__enter__()
    for use in (lambda: sandbox.url, lambda: sandbox.zild, lambda: sandbox.superagentes):
        with pytest.raises(RuntimeError, match="not serving"):
            use()
    assert repr(sandbox) == "<Sandbox not serving, seed 0, 0 rules>"


def test_leaving_it_closes_every_connection_whatever_is_on_its_way() -> None:
    rules = [
        Rule(Fault.HANG, ids=["1"]),
        Rule(Fault.SLOW_BODY, seconds=1e6, ids=["2"]),
        Rule(Fault.SLOW, seconds=1e6, ids=["3"]),
        Rule(Fault.HUGE, ids=["4"]),
    ]
    with ExitStack() as stack:
        with Sandbox(rules=rules) as sandbox:
            clients = [stack.enter_context(connected(sandbox)) for _ in range(6)]
            for id_, client in enumerate(clients[:5], start=1):
                client.sendall(raw(sandbox, id_=str(id_)))
            until(lambda: sandbox.counts.requests == 5)
        answers = [received(client) for client in clients]
    assert answers[0] == answers[2] == answers[5] == b""
    assert len(answers[1].partition(b"\r\n\r\n")[2]) == 64
    assert len(answers[3]) < 100_000_000
    assert answers[4].endswith(sandbox.body("zild:5"))


UNTIDY = """
import gc, logging, socket, threading
from conversas.sandbox import Fault, Rule, Sandbox

logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of what is slow
clients = []
for _ in range(5):
    with Sandbox(rules=[Rule(Fault.HANG, ids=["1"]), Rule(Fault.HUGE, ids=["2"])]) as sandbox:
        address = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        for number in (*range(4), None, None):
            client = socket.create_connection(address)
            clients.append(client)
            if number is not None:
                head = f"GET /api/Conversation/{number} HTTP/1.1\\r\\nHost: a\\r\\nAuthorization: Bearer "
                client.sendall(f"{head}{sandbox.zild.token}\\r\\n\\r\\n".encode())
    gc.collect()
for client in clients:
    client.close()
assert threading.active_count() == 1, threading.enumerate()
"""


def test_it_leaves_nothing_open_behind() -> None:
    result = run(sys.executable, "-X", "dev", "-W", "error", "-c", UNTIDY, cwd=ROOT)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_error_in_the_block_comes_out_of_it() -> None:
    with pytest.raises(ZeroDivisionError), Sandbox():
        _ = 1 / 0
