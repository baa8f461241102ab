"""Judge of documents: the differences that `redocly diff` finds between two documents."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from conversas.json_pointer import split_pointer
from tools.check_spec_changes.change_kinds import Bump

PROGRAM = Path(__file__).parents[2] / "node" / "node_modules" / ".bin" / "redocly"
CONFIG = """\
telemetry: 'off'
extends: [diff-recommended]
diff:
  enum-values-added: minor  # clients keep a value that an enum does not list
"""
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


class JudgeMissing(Exception):
    """Redocly is not installed, or failed. The message says what to do."""


@frozen
class Side:
    """One side of a difference: its place, with all references followed, and its value."""

    pointer: tuple[str, ...]
    value: Any


@frozen
class Difference:
    """One difference between two documents. A side is None if that document has nothing there."""

    path: tuple[str, ...]
    """Path to the difference through the operations, or through the components that no operation uses."""
    type_name: str
    kind: str
    """`added`, `removed` or `modified`."""
    key: str
    """Key that differs; empty if the whole node is added or removed."""
    impact: Bump
    old: Side | None
    new: Side | None

    @property
    def place(self) -> tuple[str, ...]:
        """Pointer to the difference, in the new document if the new document has it."""
        side = self.new or self.old
        return side.pointer if side is not None else self.path


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield each difference that Redocly finds between two OpenAPI documents.

    Raises:
        JudgeMissing: Redocly is not installed, or failed.
    """
    if not PROGRAM.exists():
        raise JudgeMissing("redocly is missing: install Node.js, then run npm ci --prefix scripts/node")
    with tempfile.TemporaryDirectory() as folder:
        for name, document in (("old", old), ("new", new)):
            (Path(folder) / f"{name}.json").write_text(json.dumps(document), "utf-8")
        (Path(folder) / "redocly.yaml").write_text(CONFIG, "utf-8")
        command = [str(PROGRAM), "diff", "--config=redocly.yaml", "--format=json", "old.json", "new.json"]
        done = subprocess.run(command, cwd=folder, env=os.environ | QUIET, capture_output=True, text=True, check=False)
    try:
        changes = json.loads(done.stdout)["changes"]
    except (KeyError, ValueError):
        raise JudgeMissing(f"redocly diff failed: {done.stderr.strip()[-400:]}") from None
    yield from map(_difference, changes)


def _difference(change: Mapping[str, Any]) -> Difference:
    return Difference(
        _parts(change["path"]),
        change["typeName"],
        change["kind"],
        change.get("property", ""),
        Bump[change["impact"].upper()],
        _side(change.get("base")),
        _side(change.get("revision")),
    )


def _side(side: Mapping[str, Any] | None) -> Side | None:
    return None if side is None else Side(_parts(side["pointer"]), side.get("value"))


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(split_pointer(pointer.removeprefix("#")))
