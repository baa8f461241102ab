"""Run-time schemas hold what their operation reaches, so that they grow with a spec and not with its square."""

import json
from typing import Any

from support.processes import ROOT
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.runtime_schema import runtime_schema
from tools.regenerate.spec import load_yaml


def repeated(count: int) -> dict[str, Any]:
    """Return the document of Zild `count` times over, each with names of its own."""
    text = json.dumps(load_yaml(ROOT / "openapi" / "zild.yaml"))
    whole: dict[str, Any] = json.loads(text)
    paths, schemas = whole["paths"], whole["components"]["schemas"]
    whole["paths"], whole["components"]["schemas"] = {}, {}
    for number in range(count):
        own = json.loads(
            json.dumps([paths, schemas]).replace("#/components/schemas/", f"#/components/schemas/No{number}")
        )
        for path, item in own[0].items():
            item["get"]["operationId"] += str(number)
            whole["paths"][f"/{number}{path}"] = item
        whole["components"]["schemas"] |= {f"No{number}{name}": schema for name, schema in own[1].items()}
    return whole


def sizes(count: int) -> list[int]:
    api = reduce_document(repeated(count)).api
    return [len(json.dumps(runtime_schema(api, operation), indent=2)) for operation in api.operations]


def test_forty_specs_in_one_have_schemas_of_forty() -> None:
    one, forty = sizes(1), sizes(40)
    assert len(forty) == 40
    assert sum(forty) < 1.1 * 40 * sum(one)
    assert sum(forty) < 2_000_000
