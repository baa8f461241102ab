"""Prism judges both clients by the specs, and, between a client and the sandbox, both of these."""

import json
from collections.abc import Sequence

import pytest

from conversas import AsyncClient, Client, Conversation, ConversationRef, Failed, Fetched, ServerError
from conversas.sandbox import Fault, Rule, Sandbox
from external.prism import Judgement, Prism
from support.annotations import is_true
from support.client_kinds import get, get_many
from support.generated import PROVIDERS
from support.processes import ROOT

pytestmark = pytest.mark.node("prism")

CLIENTS = (Client, AsyncClient)
TOKEN = "any"
PATHS = {"zild": "/api/Conversation/", "superagentes": "/conversations/"}
IDS = {
    "zild": [*map(str, range(1, 121)), "2147483647", "2147483646"],
    "superagentes": [*map(str, range(1, 121)), "cm0x1y2z3", "a/b c", "50%", "conversa-ção", "?x=1#y", "#"],
}
"""The first and every second one are for the one client, the rest for the other."""
SPOILED = {"901": Fault.UNKNOWN_ENUM_VALUE, "902": Fault.UNEXPECTED_NULL, "903": Fault.NAIVE_DATE}
PLACES = {
    "zild": ["response.body.agentType", "response.body.score", "response.body.createdAt"],
    "superagentes": ["response.body.channel", "response.body.participantsVisitors.", "response.body.createdAt"],
}

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def fetched(outcomes: Sequence[Fetched | Failed], prism: Prism, token: str) -> list[Conversation]:
    """Return the conversations, where all came. A failure shows what Prism has against the first."""
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    verdicts = [prism.judge(PATHS[prism.provider] + outcome.ref.id, token) for outcome in failed[:1]]
    assert (failed, verdicts) == ([], [])
    return [outcome.conversation for outcome in outcomes if isinstance(outcome, Fetched)]


# Each test has one Prism for all that it asks: it takes seconds to start.


@each_provider
def test_the_sample_in_a_spec_is_served_to_clients_and_requests_unlike_theirs_are_refused(provider: str) -> None:
    sample = ROOT / "openapi" / "examples" / provider / "sample.json"
    path = PATHS[provider]
    with Prism("mock", provider) as prism:
        for kind in CLIENTS:
            conversation = get(kind, f"{provider}:123", prism.platform(TOKEN))
            assert conversation.drift == ()
            assert json.loads(conversation.raw) == json.loads(sample.read_bytes())
        requests = [(f"{path}123", None), ("/nowhere/123", TOKEN), (path, TOKEN), (f"{path}123", TOKEN)]
        assert [prism.judge(*request).status for request in requests] == [401, 404, 422, 200]


@each_provider
def test_bodies_drawn_from_a_spec_decode_without_drift(provider: str) -> None:
    refs = [f"{provider}:{number}" for number in range(1, 251)]  # for each client, so 500 of each platform
    with Prism("mock", provider, ["--dynamic"]) as prism:
        for kind in CLIENTS:
            conversations = fetched(get_many(kind, refs, prism.platform(TOKEN)), prism, TOKEN)
            assert [conversation.drift for conversation in conversations] == [()] * len(refs)
            assert all(map(is_true, conversations))
            assert len({conversation.raw for conversation in conversations}) == len(refs)


@each_provider
def test_between_clients_and_sandbox_all_is_by_the_spec_but_what_is_spoiled(provider: str) -> None:
    with Sandbox(rules=[Rule(fault, ids=[id_]) for id_, fault in SPOILED.items()]) as sandbox:
        platform = getattr(sandbox, provider)
        with Prism("proxy", provider, [platform.base_url]) as prism:
            check_that_all_is_by_the_spec(sandbox, prism, platform.token)
            check_that_what_is_spoiled_is_a_violation(prism, platform.token)


def check_that_all_is_by_the_spec(sandbox: Sandbox, prism: Prism, token: str) -> None:
    for kind, ids in zip(CLIENTS, (IDS[prism.provider][::2], IDS[prism.provider][1::2]), strict=True):
        refs = [ConversationRef(prism.provider, id_) for id_ in ids]
        conversations = fetched(get_many(kind, refs, prism.platform(token)), prism, token)
        assert [conversation.drift for conversation in conversations] == [()] * len(refs)
        for conversation in conversations:
            assert conversation.ref is not None
            assert json.loads(conversation.raw) == json.loads(sandbox.body(conversation.ref))
    assert prism.judge(f"{PATHS[prism.provider]}1") == Judgement(401, [])  # without a token it does not come through
    assert sandbox.counts.requests == len(IDS[prism.provider])


def check_that_what_is_spoiled_is_a_violation(prism: Prism, token: str) -> None:
    for id_, place in zip(SPOILED, PLACES[prism.provider], strict=True):
        judgement = prism.judge(PATHS[prism.provider] + id_, token)
        assert judgement.status == 500
        assert judgement.violations[0].startswith(place)
        for kind in CLIENTS:
            with pytest.raises(ServerError):
                get(kind, f"{prism.provider}:{id_}", prism.platform(token))
