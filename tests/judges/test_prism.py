"""Prism judges both clients by the specs, and, between a client and the sandbox, both of these."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from annotations import is_true
from clients import PROVIDERS
from commands import ROOT
from conversas import Conversation, ConversationRef, Failed, Fetched, ServerError
from conversas.sandbox import Fault, Rule, Sandbox
from judges.prism import Judgement, Prism
from twins import Kind, each_client, get, get_many

# Prism starts slowly: in one process of the tests, once
pytestmark = [pytest.mark.node("prism"), pytest.mark.xdist_group("prism")]

PATHS = {"zild": "/api/Conversation/", "superagentes": "/conversations/"}
IDS = {
    "zild": [*map(str, range(1, 61)), "2147483647"],
    "superagentes": [*map(str, range(1, 61)), "cm0x1y2z3", "a/b c", "50%", "conversa-ção", "?x=1#y"],
}
SPOILED = {"901": Fault.UNKNOWN_ENUM_VALUE, "902": Fault.UNEXPECTED_NULL, "903": Fault.NAIVE_DATE}
PLACES = {
    ("zild", "901"): "response.body.agentType",
    ("zild", "902"): "response.body.score",
    ("zild", "903"): "response.body.createdAt",
    ("superagentes", "901"): "response.body.channel",
    ("superagentes", "902"): "response.body.participantsVisitors.",
    ("superagentes", "903"): "response.body.createdAt",
}
TOKEN = "any"


class Checked(NamedTuple):
    """A sandbox, and the Prism that stands before it."""

    sandbox: Sandbox
    prism: Prism

    @property
    def token(self) -> str:
        return str(getattr(self.sandbox, self.prism.provider).token)


@pytest.fixture(scope="module", params=PROVIDERS)
def mock(request: pytest.FixtureRequest) -> Iterator[Prism]:
    """Answer with the sample in the spec."""
    with Prism("mock", request.param) as prism:
        yield prism


@pytest.fixture(scope="module", params=PROVIDERS)
def dynamic(request: pytest.FixtureRequest) -> Iterator[Prism]:
    """Answer with another body each time, drawn from the schema."""
    with Prism("mock", request.param, ["--dynamic"]) as prism:
        yield prism


@pytest.fixture(scope="module", params=PROVIDERS)
def checked(request: pytest.FixtureRequest) -> Iterator[Checked]:
    """Check what goes to a sandbox and what comes from it. Some conversations are spoiled."""
    rules = [Rule(fault, ids=[id_]) for id_, fault in SPOILED.items()]
    with Sandbox(rules=rules) as sandbox:
        server = getattr(sandbox, request.param).base_url
        with Prism("proxy", request.param, [server]) as prism:
            yield Checked(sandbox, prism)


def fetched(outcomes: Sequence[Fetched | Failed], prism: Prism, token: str) -> list[Conversation]:
    """Give the conversations, where all came. A failure shows what Prism has against the first."""
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    verdicts = [prism.judge(PATHS[prism.provider] + outcome.ref.id, token) for outcome in failed[:1]]
    assert (failed, verdicts) == ([], [])
    return [outcome.conversation for outcome in outcomes if isinstance(outcome, Fetched)]


@each_client
def test_the_sample_in_a_spec_is_served_to_a_client_and_decodes_without_drift(mock: Prism, kind: Kind) -> None:
    conversation = get(kind, f"{mock.provider}:123", mock.platform(TOKEN))
    sample = ROOT / "openapi" / "examples" / mock.provider / "sample.json"
    assert conversation.drift == ()
    assert json.loads(conversation.raw) == json.loads(sample.read_bytes())


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("{path}123", None, 401), ("/nowhere/123", TOKEN, 404), ("{path}", TOKEN, 422), ("{path}123", TOKEN, 200)],
)
def test_a_request_that_is_not_as_ours_would_be_refused(mock: Prism, path: str, token: str | None, status: int) -> None:
    assert mock.judge(path.format(path=PATHS[mock.provider]), token).status == status


@each_client
def test_bodies_drawn_from_a_spec_decode_without_drift(dynamic: Prism, kind: Kind) -> None:
    refs = [f"{dynamic.provider}:{number}" for number in range(1, 251)]  # of each client, so 500 of each platform
    conversations = fetched(get_many(kind, refs, dynamic.platform(TOKEN)), dynamic, TOKEN)
    assert [conversation.drift for conversation in conversations] == [()] * len(refs)
    assert all(map(is_true, conversations))
    assert len({conversation.raw for conversation in conversations}) == len(refs)


@each_client
def test_between_client_and_sandbox_everything_is_by_the_spec(checked: Checked, kind: Kind) -> None:
    sandbox, prism = checked
    refs = [ConversationRef(prism.provider, id_) for id_ in IDS[prism.provider]]
    before = sandbox.counts.requests
    conversations = fetched(get_many(kind, refs, prism.platform(checked.token)), prism, checked.token)
    assert [conversation.drift for conversation in conversations] == [()] * len(refs)
    assert sandbox.counts.requests == before + len(refs)
    for conversation in conversations:
        assert conversation.ref is not None
        assert json.loads(conversation.raw) == json.loads(sandbox.body(conversation.ref))


@each_client
@pytest.mark.parametrize("id_", SPOILED, ids=SPOILED.values())
def test_what_the_sandbox_spoils_is_a_violation(checked: Checked, kind: Kind, id_: str) -> None:
    provider = checked.prism.provider
    judgement = checked.prism.judge(PATHS[provider] + id_, checked.token)
    assert judgement.status == 500
    assert judgement.violations[0].startswith(PLACES[provider, id_])
    with pytest.raises(ServerError):
        get(kind, f"{provider}:{id_}", checked.prism.platform(checked.token))


def test_a_request_without_a_token_does_not_come_to_the_sandbox(checked: Checked) -> None:
    before = checked.sandbox.counts.requests
    assert checked.prism.judge(f"{PATHS[checked.prism.provider]}1") == Judgement(401, [])
    assert checked.sandbox.counts.requests == before
