"""Prism judges both clients by the specs, and, between a client and the sandbox, both of these."""

import json
from collections.abc import Sequence

import pytest

from conversas import (
    AsyncClient,
    Client,
    Conversation,
    ConversationRef,
    DecodeError,
    DecodeErrorReason,
    Failed,
    Fetched,
    ServerError,
    decode,
)
from conversas.client.circuit_breaker import MAX_INITIAL_FAILURES
from conversas.providers import get_provider
from conversas.sandbox import Fault, Rule, Sandbox
from external.prism import Judgement, Prism
from support.annotations import is_true
from support.client_kinds import Kind, get, get_many
from support.generated import PROVIDERS
from support.processes import ROOT
from support.raw_http import IN_SPEC, id_of, ref_of
from support.sizes import size
from support.written_times import can_spoil

pytestmark = pytest.mark.node("prism")

CLIENTS = (Client, AsyncClient)
TOKEN = "any"
MORE_IDS = {
    "zild": ["2147483647", "2147483646"],
    "superagentes": ["cm0x1y2z3", "a/b c", "50%", "conversa-ção", "?x=1#y", "#"],
}
IDS = {name: [*(id_of(name, n) for n in range(1, 121)), *MORE_IDS.get(name, [])] for name in PROVIDERS}
"""The first and every second one are for the one client, the rest for the other."""
SPOILED = {901: Fault.UNKNOWN_ENUM_VALUE, 902: Fault.UNEXPECTED_NULL, 903: Fault.NAIVE_DATE}
PLACES = {
    "zild": ["response.body.agentType", "response.body.score", "response.body.createdAt"],
    "superagentes": ["response.body.channel", "response.body.participantsVisitors.", "response.body.createdAt"],
}

DRAWN = size(250, reduced=50)
"""Bodies of each provider that Prism draws for each client."""

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def spoiled(provider: str) -> dict[int, Fault]:
    """Return the faults that change bodies of a provider, by the number of the conversation."""
    return {number: fault for number, fault in SPOILED.items() if can_spoil(fault, provider)}


def target(provider: str, id_: str) -> str:
    """Return the path, and the query if there is one, of a conversation after the base URL."""
    return get_provider(provider).build_request(ConversationRef(provider, id_)).path


def fetched(outcomes: Sequence[Fetched | Failed], prism: Prism, token: str) -> list[Conversation]:
    """Return the conversations, where all came. A failure shows what Prism has against the first."""
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    verdicts = [prism.judge(target(prism.provider, outcome.ref.id), token) for outcome in failed[:1]]
    assert (failed, verdicts) == ([], [])
    return [outcome.conversation for outcome in outcomes if isinstance(outcome, Fetched)]


def served(kind: Kind, refs: Sequence[str], prism: Prism) -> list[Conversation]:
    """Return the conversations that Prism serves for refs: a drawn one has an id of its own, which clients refuse."""
    outcomes: list[Fetched | Failed] = []
    for some in batched(refs, MAX_INITIAL_FAILURES - 1):
        outcomes += get_many(kind, some, prism.platform(TOKEN))
    return [conversation_of(prism.provider, outcome) for outcome in outcomes]


def conversation_of(provider: str, outcome: Fetched | Failed) -> Conversation:
    if isinstance(outcome, Fetched):
        return outcome.conversation
    assert isinstance(outcome.error, DecodeError)
    assert outcome.error.reason is DecodeErrorReason.ID_MISMATCH
    return decode(provider, outcome.error.body)


def batched(refs: Sequence[str], size: int) -> list[Sequence[str]]:
    return [refs[first : first + size] for first in range(0, len(refs), size)]


# Each test has one Prism for all that it asks: it takes seconds to start.


@each_provider
def test_the_sample_in_a_spec_is_served_to_clients_and_requests_unlike_theirs_are_refused(provider: str) -> None:
    sample = ROOT / "openapi" / "examples" / provider / "sample.json"
    path, whole = IN_SPEC[provider], target(provider, id_of(provider, 123))
    with Prism("mock", provider) as prism:
        for kind in CLIENTS:
            (conversation,) = served(kind, [ref_of(provider, 123)], prism)
            assert conversation.drift == ()
            assert json.loads(conversation.raw) == json.loads(sample.read_bytes())
        requests = [(whole, None), ("/nowhere/123", TOKEN), (path, TOKEN), (whole, TOKEN)]
        assert [prism.judge(*request).status for request in requests] == [401, 404, 422, 200]


@each_provider
def test_bodies_drawn_from_a_spec_decode_without_drift(provider: str) -> None:
    refs = [ref_of(provider, number) for number in range(1, DRAWN + 1)]
    with Prism("mock", provider, ["--dynamic"]) as prism:
        for kind in CLIENTS:
            conversations = served(kind, refs, prism)
            assert [conversation.drift for conversation in conversations] == [()] * len(refs)
            assert all(map(is_true, conversations))
            assert len({conversation.raw for conversation in conversations}) == len(refs)


@each_provider
def test_between_clients_and_sandbox_all_is_by_the_spec_but_what_is_spoiled(provider: str) -> None:
    rules = [Rule(fault, ids=[id_of(provider, number)]) for number, fault in spoiled(provider).items()]
    with Sandbox(rules=rules) as sandbox:
        platform = sandbox.provider(provider)
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
    assert prism.judge(target(prism.provider, id_of(prism.provider, 1))) == Judgement(
        401, []
    )  # without a token it does not come through
    assert sandbox.counts.requests == len(IDS[prism.provider])


def check_that_what_is_spoiled_is_a_violation(prism: Prism, token: str) -> None:
    numbers = spoiled(prism.provider)
    places = PLACES.get(prism.provider, ["response.body."] * len(numbers))
    for id_, place in zip((id_of(prism.provider, number) for number in numbers), places, strict=True):
        judgement = prism.judge(target(prism.provider, id_), token)
        assert judgement.status == 500
        assert judgement.violations[0].startswith(place)
        for kind in CLIENTS:
            with pytest.raises(ServerError):
                get(kind, f"{prism.provider}:{id_}", prism.platform(token))
