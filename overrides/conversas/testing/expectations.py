"""Assertions of the conformance checks. Their messages name a location and never its value."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from conversas import Conversation, DriftKind
from conversas.json_pointer import format_pointer


@cache
def _neutral_form() -> Any:
    schema = json.loads((files("conversas") / "conversation.schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def is_same(one: Conversation, other: Conversation) -> bool:
    """Return whether two records have the same content and the same fingerprint."""
    return one == other and one.fingerprint == other.fingerprint


def expect(truth: bool, message: str) -> None:  # noqa: FBT001  # like `assert`, which python -O leaves out
    """Raise an AssertionError unless a condition is true."""
    if not truth:
        raise AssertionError(message)


def expect_drift(conversation: Conversation, paths: set[str], *kinds: DriftKind) -> None:
    """Raise an AssertionError unless the drift is at these JSON pointers, once each, and of these kinds."""
    found = {drift.path: drift.kind for drift in conversation.drift}
    surplus = [f"{kind} at {path}" for path, kind in sorted(found.items()) if path not in paths or kind not in kinds]
    expect(paths <= found.keys(), f"no drift at {', '.join(sorted(paths - found.keys()))}")
    expect(not surplus, f"unexpected drift: {', '.join(surplus)}")
    expect(len(found) == len(conversation.drift), "two deviations at one location")


def expect_neutral(conversation: Conversation, where: str = "") -> None:
    """Raise an AssertionError unless a record matches the JSON Schema, and stays equal when it is written and read."""
    form = json.loads(json.dumps(conversation.to_dict()))
    wrong = sorted(format_pointer(*error.instance_path) for error in _neutral_form().iter_errors(form))
    expect(not wrong, f"{where}values do not match the schema of the neutral form: {', '.join(wrong)}")
    expect(is_same(Conversation.from_dict(form), conversation), f"{where}from_dict returns a different record")
