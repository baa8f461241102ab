"""Two judges of breaking changes, redocly diff and griffe, hold the table of openapi/README.md against their own rules.

Both are asked once: each edit is made to a copy of a spec, and all copies, with a number in every name, are one spec.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import griffe
import pytest

from support.processes import NODE_TOOLS, ROOT, run
from support.spec_edits import EDITS, shop
from tools.check_spec_changes.change_kinds import Bump, ChangeKind
from tools.regenerate.generate import build_client
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.spec import Spec

CONFIG = ROOT / "scripts" / "generator.yaml"
pytestmark = pytest.mark.node("redocly")

TITLES = [title for title in EDITS if title not in {ChangeKind.SERVERS_CHANGED.title, ChangeKind.OTHER.title}]


def numbered(spec: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of a spec that shares no name with others."""
    text = json.dumps(spec)
    text = re.sub(r'("#/components/schemas/\w+|"operationId": "\w+|"STATE_\w+|"bearer)"', rf'\1In{number}"', text)
    copy: dict[str, Any] = json.loads(text)
    schemas = {f"{name}In{number}": schema for name, schema in copy["components"]["schemas"].items()}
    paths = {f"/In{number}{path}": item for path, item in copy["paths"].items()}
    return {"paths": paths, "schemas": schemas, "securitySchemes": copy["components"]["securitySchemes"]}


def merged(specs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one spec of numbered copies."""
    whole = shop()
    whole["paths"] = {}
    whole["components"] = {"schemas": {}, "securitySchemes": {}}
    for number, spec in enumerate(specs):
        copy = numbered(spec, number)
        whole["paths"] |= copy["paths"]
        for part in whole["components"]:
            whole["components"][part] |= copy[part]
    return whole


def both(titles: list[str]) -> dict[str, bytes]:
    """Return the content of two specs, before and after these edits."""
    specs = {"old": [shop()] * len(titles), "new": [shop(*EDITS[title][0]) for title in titles]}
    return {name: json.dumps(merged(copies)).encode() for name, copies in specs.items()}


def named(titles: list[str], places: Iterable[str]) -> set[str]:
    """Return the edits whose numbers are in these places."""
    numbers = [re.search(r"[iI]n_?(\d+)\b", place) for place in places]
    return {titles[int(number[1])] for number in numbers if number}


def broken_by_redocly(folder: Path, titles: list[str]) -> set[str]:
    for name, content in both(titles).items():
        (folder / f"{name}.yaml").write_bytes(content)
    config = folder / "redocly.yaml"
    config.write_text("telemetry: 'off'\nextends: [diff-recommended]\n", "utf-8")
    command = (NODE_TOOLS / "redocly", "diff", "--config", config, "--format=json", "old.yaml", "new.yaml")
    changes = json.loads(run(*command, cwd=folder).stdout)["changes"]
    return named(titles, [change["path"] for change in changes if change["impact"] == "major"])


def broken_by_griffe(folder: Path, titles: list[str]) -> set[str]:
    packages: list[Any] = []
    for name, content in both(titles).items():
        (folder / name).mkdir()
        document = json.loads(content)
        spec = Spec("shop", content, document, reduce_document(document).api)
        build_client(spec, folder / name / "shop", config=CONFIG)
        packages.append(griffe.load("shop", search_paths=[folder / name], allow_inspection=False))
    return named(titles, [breakage.obj.path for breakage in griffe.find_breaking_changes(*packages)])


def test_what_the_judges_call_breaking_is_major_and_nothing_else_but_for_new_values_of_enums(tmp_path: Path) -> None:
    major = {edit.title for edit in ChangeKind if edit.bump == Bump.MAJOR} & set(TITLES)
    by_redocly = broken_by_redocly(tmp_path, TITLES)
    by_griffe = broken_by_griffe(tmp_path, [title for title in TITLES if title not in by_redocly])
    assert by_redocly | by_griffe == major | {ChangeKind.NEW_VALUE.title}
    assert by_griffe == {
        ChangeKind.VALUE_REMOVED.title,
        ChangeKind.VALUE_RENAMED.title,
        ChangeKind.SCHEMA_REMOVED.title,
        ChangeKind.SCHEMA_RENAMED.title,
        ChangeKind.OPERATION_MOVED.title,
        ChangeKind.PARAMETER_RENAMED.title,
    }
