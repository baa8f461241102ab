"""Places of a spec in its own words: `Order.lines[]` and `getOrder 404` in place of JSON pointers."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from tools.regenerate.openapi_forms import OR_NULL
from tools.regenerate.reduced.api import METHODS

SILENT = {"paths", "components", "schemas", "responses", "content", "parameters", "schema"}
"""Keywords that lead from one word of a place to the next."""


@frozen
class Places:
    """Names of the places of one document."""

    document: Mapping[str, Any] = field(repr=False)

    def words(self, pointer: tuple[str, ...]) -> str:
        """Return the words for a place. They begin with the id of an operation, or with the name of a schema."""
        words = ""
        match pointer:
            case ("paths", path, part, *_) if part not in METHODS:
                words = f"{path} "
            case _:
                pass
        node: Any = self.document
        before = ""
        for part in pointer:
            node = _step(node, part)
            words += _word(part, before, node)
            before = part
        return words.strip()


def _word(part: str, before: str, node: Any) -> str:
    if before == "paths" or (before == "content" and "/" in part):
        return ""
    if before == "properties":
        return f".{part}"
    if part == "items" and before != "properties":
        return "[]"
    if part in METHODS and is_object(node) and "operationId" in node:
        return str(node["operationId"])
    if before == "parameters" and is_object(node):
        return f" {node.get('name', part)}"
    if part in SILENT or part == "properties":
        return ""
    return f" {part.removesuffix(OR_NULL)}"


def _step(node: Any, part: str) -> Any:
    if is_array(node):
        return node[int(part)] if part.isdigit() and int(part) < len(node) else None
    return node.get(part) if is_object(node) else None
