"""The conventions of openapi/README.md are held: each rule that it names finds a fault that is planted for it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonpatch import JsonPatch

from support.processes import NODE_TOOLS, ROOT, run
from support.spec_edits import Patch, put, remove
from tools.regenerate.spec import load_yaml

CONFIG = ROOT / "scripts" / "node" / "redocly.yaml"
GET = "/paths/~1conversations~1{id}/get"
PARAMETER = f"{GET}/parameters/0"
RESPONSES = f"{GET}/responses"
SCHEMAS = "/components/schemas"
TITLE = f"{SCHEMAS}/Conversation/properties/title"
RATING = f"{SCHEMAS}/MessageRating"
SENDERS = ["SENDER_AGENT", "SENDER_HUMAN"]
FAULTS: dict[str, list[Patch]] = {
    "conventions/enum-is-component": [[put(f"{TITLE}/enum", ["a"])]],
    "conventions/enum-names": [
        [put(f"{RATING}/x-enum-varnames", ["RATING_GOOD"])],
        [remove(f"{RATING}/x-enumNames")],
        [put(f"{RATING}/x-enumNames", ["RATING_GOOD", "RATING_GOOD"])],
        [put(f"{RATING}/x-enum-varnames", SENDERS), put(f"{RATING}/x-enumNames", SENDERS)],
        [put(f"{RATING}/x-enumNames", ["RATING_BAD", "RATING_GOOD"])],
        [
            put(f"{RATING}/x-enum-varnames", ["GOOD!", "BAD!"]),
            put(f"{RATING}/x-enumNames", ["GOOD!", "BAD!"]),
        ],
    ],
    "conventions/local-reference": [[put(f"{TITLE}", {"$ref": "other.json#/Title"})]],
    "no-invalid-media-type-examples": [
        [put(f"{RESPONSES}/200/content/application~1json/examples/sample/value/title", 1)],
        [put(f"{RESPONSES}/200/content/application~1json/examples/sample/value/unheard", 1)],
    ],
    "no-invalid-schema-examples": [[put(f"{TITLE}/example", 1)]],
    "no-unused-components": [[put(f"{SCHEMAS}/Gift", {"type": "string", "description": "A gift."})]],
    "operation-description": [[remove(f"{GET}/description")]],
    "operation-operationId": [[remove(f"{GET}/operationId")]],
    "operation-singular-tag": [[put(f"{GET}/tags", ["conversations", "conversations"])]],
    "operation-summary": [[remove(f"{GET}/summary")]],
    "operation-tag-defined": [[put(f"{GET}/tags", ["unheard"])]],
    "response-mime-type": [[put(f"{RESPONSES}/404/content", {"text/plain": {"schema": {"type": "string"}}})]],
    "rule/description-on-schema": [[put(f"{PARAMETER}/description", "Id.")]],
    "rule/example-in-schema": [[put(f"{TITLE}/examples", ["A title"])]],
    "rule/known-format": [[put(f"{TITLE}/format", "uuid")]],
    "rule/parameter-in-place": [[put(f"{PARAMETER}/schema", {"$ref": "#/components/schemas/ParticipantKind"})]],
    "rule/path-parameter-required": [[put(f"{PARAMETER}/required", value=False)], [remove(f"{PARAMETER}/required")]],
    "rule/security-on-operation": [[remove(f"{GET}/security"), put("/security", [{"bearer": []}])]],
    "rule/version-3-1": [[put("/openapi", "3.0.3")]],
    "struct": [[put(f"{TITLE}/nullable", value=True)]],
}


def lint(folder: Path) -> dict[str, set[tuple[str, str]]]:
    """Return the rules that found something, with their severities, for each file of a folder."""
    files = sorted(folder.iterdir())
    result = run(NODE_TOOLS / "redocly", "lint", "--config", CONFIG, "--format=json", *files, cwd=folder)
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for report in documents(result.stdout):
        for problem in report["problems"]:
            file = Path(problem["location"][0]["source"]["ref"]).stem
            found[file].add((problem["ruleId"], problem["severity"]))
    return found


def documents(text: str) -> Iterator[Any]:
    """Read JSON documents, one after the other: redocly writes one for each file."""
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        text = text[end:]
        yield document


def conventions() -> set[str]:
    """Return what the table names as that which holds a convention."""
    text = (ROOT / "openapi" / "README.md").read_text("utf-8")
    section = text.partition("\n## Conventions\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|.*\| (.*?) \|$", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall("`([^`]+)`", cell)}


@pytest.mark.node("redocly")
def test_each_rule_finds_the_faults_that_are_planted_for_it(tmp_path: Path) -> None:
    spec = load_yaml(ROOT / "openapi" / "superagentes.yaml")
    (tmp_path / "none.json").write_text(json.dumps(spec), "utf-8")
    planted = {f"{rule.replace('/', '-')}-{n}": rule for rule, patches in FAULTS.items() for n in range(len(patches))}
    for name, patch in zip(planted, (patch for patches in FAULTS.values() for patch in patches), strict=True):
        (tmp_path / f"{name}.json").write_text(json.dumps(JsonPatch(patch).apply(spec)), "utf-8")
    found = lint(tmp_path)
    assert found["none"] == set()
    assert {name for name, rule in planted.items() if (rule, "error") not in found[name]} == set()
    assert {severity for rules in found.values() for _, severity in rules} == {"error"}


def test_each_convention_is_held_by_a_rule_that_finds_faults_or_by_a_test() -> None:
    rules = {name for name in conventions() if not name.startswith("test_")}
    assert rules == FAULTS.keys()
    tests = "\n".join(file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in conventions() - rules if f"\ndef {name}(" not in tests] == []
