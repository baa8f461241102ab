"""The bodies in openapi/examples, by names such as `zild/voice-call`."""

import json
from datetime import UTC, datetime
from typing import Any

from conversas import Conversation, decode
from support.processes import ROOT

EXAMPLES = ROOT / "openapi" / "examples"
OUTCOMES: dict[str, dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "examples.json").read_text("utf-8"))
"""The notes, completeness and drift of each example, but for the one that is no conversation."""
WITHOUT_DRIFT = [name for name, outcome in OUTCOMES.items() if not outcome["drift"]]


def body_of(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def without_id(name: str) -> bytes:
    """Return a body that serves any ref: without its own id."""
    body = json.loads(body_of(name))
    del body["id"]
    return json.dumps(body, ensure_ascii=False).encode()


def example(name: str, **options: Any) -> Conversation:
    return decode(name.partition("/")[0], body_of(name), **options)


def changed(name: str, **properties: Any) -> Conversation:
    """Decode an example with these values at its top."""
    return decode(name.partition("/")[0], json.dumps(json.loads(body_of(name)) | properties).encode())


def at(*time: int) -> datetime:
    """Return a time in UTC."""
    return datetime(*time, tzinfo=UTC)
