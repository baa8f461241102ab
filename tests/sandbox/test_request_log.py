"""The request log of a sandbox, and its counts."""

import http.client

from conversas.providers import PROVIDERS
from conversas.sandbox import Fault, Rule, Sandbox
from support.raw_http import ask, connected, credentials, get, path_of, port_of, raw, received, tokens

pytest_plugins = ["conversas.testing.fixtures"]


def test_it_counts_requests_statuses_faults_and_refs() -> None:
    rules = [Rule(Fault.HANG, seconds=0, ids=["3"]), Rule(Fault.INTERNAL_ERROR, ids=["4"])]
    with Sandbox(rules=rules) as sandbox, connected(sandbox) as client:
        get(sandbox, "zild", "1")
        ask(sandbox, "/api/Conversation/1")
        ask(sandbox, "/nowhere")
        client.sendall(raw(sandbox, id_="3"))
        assert received(client) == b""
        get(sandbox, "superagentes", "4")
        counts = sandbox.counts
    assert counts.requests == 5
    assert counts.statuses == {200: 1, 401: 1, 404: 1, 500: 1}
    assert counts.faults == {Fault.HANG: 1, Fault.INTERNAL_ERROR: 1}
    assert counts.refs == {"zild:1": 2, "zild:3": 1, "superagentes:4": 1}


def test_counts_that_were_taken_do_not_change(sandbox: Sandbox) -> None:
    counts, requests = sandbox.counts, sandbox.requests
    get(sandbox, "zild", "1")
    assert (counts.requests, counts.statuses, len(requests)) == (0, {}, 0)


def test_the_last_thousand_requests_are_kept(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=60)
    for number in range(1_010):
        connection.request("GET", f"/{number}", headers={"X-Number": str(number)})
        connection.getresponse().read()
    connection.close()
    assert [request.target for request in sandbox.requests] == [f"/{number}" for number in range(10, 1_010)]
    assert sandbox.requests[-1].method == "GET"
    assert sandbox.requests[-1].headers["x-number"] == "1009"
    assert sandbox.counts.requests == 1_010


def test_no_repr_shows_a_token(sandbox: Sandbox) -> None:
    for provider, token in tokens(sandbox).items():
        ask(sandbox, f"{path_of(provider)}?token={token}", token)
        shown = repr((sandbox, sandbox.requests, sandbox.counts, *map(sandbox.provider, PROVIDERS)))
        for name, value in credentials(path_of(provider), token).items():
            assert sandbox.requests[-1].headers[name.lower()] == value
            assert token in value
        assert token not in shown
