"""What a drift report proposes for a spec; and the full circle: applied and regenerated, the drift is gone."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from ruamel.yaml import YAML

from conversas import Conversation, Drift, DriftKind, DriftReport, decode
from conversas.json_pointer import format_pointer
from conversas.providers import PROVIDERS
from support.processes import ROOT, output
from tools.regenerate.__main__ import main
from tools.regenerate.spec import load_spec, load_yaml

Body = dict[str, Any]
Steps = list[dict[str, Any]]

SPECS = {provider: load_yaml(ROOT / "openapi" / f"{provider}.yaml") for provider in PROVIDERS}
CANARY = "palavra-canário"
INTEGRATION_TYPE = "conversation_integration_type"


def visitor(**contact: Any) -> Body:
    return {"participantsVisitors": [{"contact": contact}]}


# A body that drifts, and a place in its model with the value and the types of the annotation that it has in the end.
CIRCLE = {
    "zild": [
        ({"score": None}, "score", "None", "NoneType Unset int"),
        ({"active": None}, "active", "None", "NoneType Unset bool"),
        ({"createdAt": None}, "created_at", "None", "NoneType Unset datetime"),
        ({"agentType": None}, "agent_type", "None", "AgentType NoneType Unset"),
        ({"conversationIntegrationType": None}, INTEGRATION_TYPE, "None", "IntegrationType NoneType Unset"),
        ({"messages": [None, {"id": 5}]}, "messages.1.id", "5", "NoneType Unset int"),
        ({"tags": [{"id": 5}, None]}, "tags.0.id", "5", "NoneType Unset int"),
        ({"agentType": 7}, "agent_type", "<AgentType.AGENT_TYPE_7: 7>", "AgentType NoneType Unset"),
        ({"agentType": -1}, "agent_type", "<AgentType.AGENT_TYPE_NEGATIVE_1: -1>", "AgentType NoneType Unset"),
        ({"slaPlan": "ouro"}, "sla_plan", "'ouro'", "Unset str"),
        ({"attempts": 2}, "attempts", "2", "Unset int"),
        ({"breached": True}, "breached", "True", "Unset bool"),
        ({"cost": 2}, "cost", "2", "Unset float"),
        ({"cost": 2.5}, "cost", "2.5", "Unset float"),
        ({"mixed": 2}, "mixed", "2", "NoneType Unset int str"),
        ({"mixed": "2"}, "mixed", "'2'", "NoneType Unset int str"),
        ({"mixed": None}, "mixed", "None", "NoneType Unset int str"),
        ({"nothing": None}, "nothing", "None", "Any Unset"),
        ({"routing": {"queue": 5}}, "routing", "{'queue': 5}", "Any Unset"),
        ({"labels": [1, "a"]}, "labels", "[1, 'a']", "Unset list"),
        ({"messages": [{"edited": "sim"}]}, "messages.0.edited", "'sim'", "Unset str"),
        ({"messages": [{"cost": 1}, {"cost": 0.5}]}, "messages.1.cost", "0.5", "Unset float"),
    ],
    "superagentes": [
        ({"resolvedBy": "bot"}, "resolved_by", "'bot'", "Unset str"),
        ({"messages": [None, {"tokens": 5}]}, "messages.1.tokens", "5", "Unset int"),
        ({"agent": {"model": {"name": "a"}}}, "agent.model", "{'name': 'a'}", "Any Unset"),
        (visitor(phoneNumber=None), "participants_visitors.0.contact.phone_number", "None", "NoneType Unset str"),
        (visitor(phoneNumber="+55"), "participants_visitors.0.contact.phone_number", "'+55'", "NoneType Unset str"),
        ({"participantsContacts": [{"vip": True}]}, "participants_contacts.0.vip", "True", "Unset bool"),
    ],
}  # fmt: skip
CASES = [(provider, *case) for provider, cases in CIRCLE.items() for case in cases]

OWN = {"zild": {"contactName": None}, "superagentes": {"channel": None}}
"""What only a conversation has, so that each body is one."""

LOOK = (
    f"OWN = {OWN!r}"
    """
import json, sys
sys.path[:0] = sys.argv[2:]
from typing import get_args, get_type_hints
from conversas import decode

def look(provider, body, place, *_):
    value, kind = decode(provider, json.dumps(OWN[provider] | body).encode(), on_drift="raise").source, None
    for part in place.split("."):
        if isinstance(value, list):
            value = value[int(part)]
        else:
            value, kind = getattr(value, part), get_type_hints(type(value))[part]
    return [repr(value), " ".join(sorted(each.__name__ for each in get_args(kind)))]

for case in json.loads(sys.argv[1]):
    try:
        print(json.dumps(look(*case)))
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""
)


def proposed(provider: str, *bodies: Body) -> Steps:
    report = DriftReport.from_conversations(
        decode(provider, json.dumps(OWN[provider] | body).encode()) for body in bodies
    )
    return report.to_json_patch(SPECS[provider])


def proposed_for(*drift: Drift) -> Steps:
    return DriftReport.from_conversations([Conversation(provider="zild", drift=drift)]).to_json_patch(SPECS["zild"])


def patched(provider: str, steps: Steps) -> Any:
    """Apply a patch. The error of jsonpatch would show two whole specs."""
    try:
        return jsonpatch.apply_patch(SPECS[provider], steps)
    except jsonpatch.JsonPatchException as error:
        pytest.fail(f"{type(error).__name__} for {provider}", pytrace=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a checkout with the specs as the bodies of CIRCLE have them patched, and the clients of these specs."""
    root = tmp_path_factory.mktemp("patched")
    (root / "openapi").mkdir()
    for provider in CIRCLE:
        steps = proposed(provider, *(body for body, *_ in CIRCLE[provider]))
        with (root / "openapi" / f"{provider}.yaml").open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(patched(provider, steps), file)
    assert main(["--root", str(root)]) == 0
    return root


@pytest.fixture(scope="module")
def seen(root: Path) -> list[list[str]]:
    """Return what a fresh interpreter, with the clients of the patched specs, sees of each body of CIRCLE."""
    paths = (root / "generated", ROOT / "overrides")
    lines = output(sys.executable, "-c", LOOK, json.dumps(CASES), *paths, cwd=root).splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][:2]}")
def test_what_drifted_is_typed_once_the_patch_is_applied(seen: list[list[str]], number: int) -> None:
    assert seen[number] == list(CASES[number][3:])


@pytest.mark.parametrize("provider", CIRCLE)
def test_a_patched_spec_is_a_spec(root: Path, provider: str) -> None:
    document = load_spec(root / "openapi" / f"{provider}.yaml").document
    assert document["paths"] == SPECS[provider]["paths"]
    assert document["components"] != SPECS[provider]["components"]


@pytest.mark.parametrize(
    ("provider", "body", "place"),
    [
        ("superagentes", {"channel": CANARY}, "Conversation/properties/channel"),
        ("superagentes", {"messages": [{"eval": CANARY}]}, "Message/properties/eval"),
        ("superagentes", {"createdAt": CANARY}, "Conversation/properties/createdAt"),
        ("superagentes", {"agent": CANARY}, "Conversation/properties/agent"),
        ("zild", {"score": CANARY}, "Conversation/properties/score"),
        ("zild", {"agentType": CANARY}, "Conversation/properties/agentType"),
        ("zild", {"userId": 2**31}, "Conversation/properties/userId"),
        ("zild", {"tags": [CANARY]}, "Conversation/properties/tags/items"),
    ],
)
def test_what_a_person_has_to_decide_is_a_step_that_changes_nothing(provider: str, body: Body, place: str) -> None:
    (step,) = proposed(provider, body)
    assert (step["op"], step["path"]) == ("test", f"/components/schemas/{place}")
    assert step["comment"]
    assert CANARY not in json.dumps(step, ensure_ascii=False)
    assert str(2**31) not in json.dumps(step)
    assert patched(provider, [step]) == SPECS[provider]


def test_the_spec_that_is_handed_in_stays_as_it_is() -> None:
    before = copy.deepcopy(SPECS["zild"])
    proposed("zild", {"score": None, "agentType": 77, "new": 1, "tags": [None]})
    assert SPECS["zild"] == before


@pytest.mark.parametrize(
    "bodies",
    [
        [{"score": None}, {"score": "95"}],
        [{"agentType": None}, {"agentType": "bot"}, {"agentType": 7}],
        [{"createdAt": None}, {"createdAt": CANARY}, {"createdAt": 5}],
        [{"tags": [None, 5]}, {"tags": {}}],
        [{"new": 5}, {"new": None}, {"active": 5}],
    ],
    ids=json.dumps,
)
def test_a_patch_applies_where_one_place_differs_in_several_ways(bodies: list[Body]) -> None:
    assert patched("zild", proposed("zild", *bodies)) != SPECS["zild"]


def test_drift_of_places_that_the_spec_does_not_have_does_not_stop_the_rest() -> None:
    steps = proposed_for(
        Drift("/score", DriftKind.UNEXPECTED_NULL, "integer", "null"),
        Drift("/unheard", DriftKind.WRONG_TYPE, "integer", "string"),
        Drift("/id/unheard", DriftKind.UNKNOWN_FIELD, "nothing", "string"),
    )
    properties = patched("zild", steps)["components"]["schemas"]["Conversation"]["properties"]
    assert properties["score"]["type"] == ["integer", "null"]
    assert len([step for step in steps if "is not in this spec" in step.get("comment", "")]) == 2


@pytest.mark.parametrize("name", ["a/b", "~1", "é", "*", "items", "", "2024"])
def test_an_unknown_property_of_any_name_is_proposed_under_it(name: str) -> None:
    path = format_pointer("messages", 0, name)
    steps = proposed_for(Drift(path, DriftKind.UNKNOWN_FIELD, "nothing", "string"))
    assert patched("zild", steps)["components"]["schemas"]["Message"]["properties"][name]["type"] == "string"
