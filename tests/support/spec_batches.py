"""Many edits of the shop's spec at once: each in a copy of it, and all copies in one spec."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from support.spec_edits import Patch, shop
from tools.regenerate.spec import Spec, load_spec

SHARED = ("/info", "/servers", "/tags", "/openapi", "/components/headers")
"""Parts of a spec that copies of it in one spec have in common."""
WHOLE_SCHEMA = re.compile("/components/schemas/[^/]*")
"""A schema that is new or gone; two copies with such look like one with a schema that has another name."""


def is_batchable(patch: Patch) -> bool:
    """Return whether an edit can be made to one copy alone."""
    return not any(each["path"].startswith(SHARED) or WHOLE_SCHEMA.fullmatch(each["path"]) for each in patch)


def spec_of(document: dict[str, Any], folder: Path) -> Spec:
    """Return a document as the gate reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "shop.json"
    file.write_text(json.dumps(document), "utf-8")
    return load_spec(file)


def batch(patches: Sequence[Patch], folder: Path) -> tuple[Spec, Spec]:
    """Return two specs that have a copy of the shop for each edit, before and after it."""
    copies = {"old": [shop()] * len(patches), "new": [shop(*patch) for patch in patches]}
    old, new = (spec_of(_merged(documents), folder / name) for name, documents in copies.items())
    return old, new


def number_of(location: str) -> int | None:
    """Return the number of the copy that a place is in."""
    found = re.search(r"[iI]n_?(\d+)\b", location)
    return int(found[1]) if found else None


def _merged(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    whole = shop()
    whole["paths"] = {}
    whole["components"] = {}
    for number, document in enumerate(documents):
        copy = _numbered(document, number)
        whole["paths"] |= copy["paths"]
        for part, named in copy["components"].items():
            whole["components"].setdefault(part, {}).update(named)
    return whole


def _numbered(document: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of a spec that shares no name with others."""
    text = json.dumps(document)
    text = re.sub(r'("#/components/\w+/\w+|"operationId": "\w+|"STATE_\w+|"bearer\w*(?=": ))"', rf'\1In{number}"', text)
    copy: dict[str, Any] = json.loads(text)
    components = {
        part: {name if f"In{number}" in name else f"{name}In{number}": each for name, each in named.items()}
        for part, named in copy.get("components", {}).items()
        if isinstance(named, dict)
    }
    return {
        "paths": {f"/In{number}{path}": item for path, item in copy.get("paths", {}).items()},
        "components": components,
    }
