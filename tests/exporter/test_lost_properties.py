"""No declared property of a message is lost without a reason and a drift that an export shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Export, export
from conversas.sandbox import Sandbox
from support.generated import PROVIDERS
from support.mapping_doc import source_of
from support.mutations import ITEM, is_rewritten, schemas
from support.strategies import own_name

VALUES: dict[str, Any] = {
    "boolean": True,
    "integer": 7,
    "number": 1.5,
    "string": "x",
    "array": [{}],
    "object": {"a": 1},
}


def losses(provider: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each declared property of a message, with a message that has it in another type."""
    for names, schema in schemas(provider).items():
        if names[:2] == (source_of(provider, "messages"), ITEM) and len(names) == 3:
            for kind, value in VALUES.items():
                fits = kind in schema["type"] or (kind == "integer" and "number" in schema["type"])
                if not fits and not is_rewritten(value, schema["type"]):
                    yield names[2], {names[2]: value}


@pytest.mark.parametrize("options", [{}, {"format": "parquet"}], ids=str)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_loss_is_in_the_status_and_the_drift(
    folder: Path, monkeypatch: pytest.MonkeyPatch, provider: str, options: dict[str, Any]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    lost, messages = list(losses(provider)), source_of(provider, "messages")
    bodies = {
        f"{provider}:{number}": json.dumps({own_name(provider): None, messages: [message]}).encode()
        for number, (_, message) in enumerate(lost, start=1)
    }
    with Sandbox(bodies=bodies) as sandbox, Client(sandbox.provider(provider)) as client:
        assert export(bodies, to=folder, client=client, **options).fetched == len(lost)
    shown = {group.reason: group.count for group in Export(folder).status().incomplete}
    assert shown["message-property-lost"] == len(lost)
    paths = {count.drift.path for count in Export(folder).drift().counts}
    assert {f"/{messages}/*/{name}" for name, _ in lost} <= paths
    assert Export(folder).status().drifting == len(lost)
