"""Comparison of two versions of the operations of a spec: their requests and their responses."""

import re
from collections.abc import Iterator

from tools.check_spec_changes.change_kinds import Change, ChangeKind
from tools.check_spec_changes.schemas import Node, compare_parts, compare_rest, compare_schemas
from tools.regenerate.reduced.api import METHODS

Key = tuple[str, str]

IN_PATH = re.compile(r"\{(.*?)\}")


def compare_operations(old: Node, new: Node) -> Iterator[Change]:
    """Yield each change below `paths`. A path with other names in its braces is the same path."""
    before, after = dict(_operations(old)), dict(_operations(new))
    for key in before | after:
        if key not in before:
            yield Change(ChangeKind.NEW_OPERATION, " ".join(key))
        elif key not in after:
            yield Change(ChangeKind.OPERATION_REMOVED, " ".join(key))
        else:
            yield from _compare_operation(before[key], after[key])


def _operations(paths: Node) -> Iterator[tuple[Key, Node]]:
    """Yield each operation by its method and path, with what its path declares, and parameters by their keys."""
    for path, item in paths.items():
        positions = {name: str(position) for position, name in enumerate(IN_PATH.findall(path))}
        shared = {key: value for key, value in item.items() if key not in METHODS}
        for method in METHODS:
            if method in item:
                listed = [*shared.get("parameters", []), *item[method].get("parameters", [])]
                parameters = {_key(parameter, positions): parameter for parameter in listed}
                yield (method, IN_PATH.sub("{}", path)), shared | item[method] | {"parameters": parameters}


def _key(parameter: Node, positions: dict[str, str]) -> Key:
    """Return the key of a parameter: its position in the path, else its name."""
    name = str(parameter.get("name"))
    return str(parameter.get("in")), positions.get(name, name) if parameter.get("in") == "path" else name


def _compare_operation(old: Node, new: Node) -> Iterator[Change]:
    name = str(old.get("operationId"))
    if old.get("operationId") != new.get("operationId"):
        yield Change(ChangeKind.OPERATION_RENAMED, f"{name}, now {new.get('operationId')}")
    if old.get("tags") != new.get("tags"):
        yield Change(ChangeKind.OPERATION_MOVED, name)
    yield from compare_parts(ChangeKind.SECURITY_CHANGED, old.get("security"), new.get("security"), name)
    yield from _compare_parameters(old["parameters"], new["parameters"], name)
    yield from _compare_responses(old.get("responses", {}), new.get("responses", {}), name)
    known = {"operationId", "tags", "security", "parameters", "responses"}
    yield from compare_rest(old, new, known, name)


def _compare_parameters(old: dict[Key, Node], new: dict[Key, Node], operation: str) -> Iterator[Change]:
    for key, parameter in (old | new).items():
        location = f"{operation} {parameter.get('name')}"
        if key not in old:
            is_required = parameter.get("required", False)
            yield Change(ChangeKind.NEW_REQUIRED_PARAMETER if is_required else ChangeKind.NEW_PARAMETER, location)
        elif key not in new:
            yield Change(ChangeKind.PARAMETER_REMOVED, location)
        else:
            yield from _compare_parameter(old[key], new[key], location)


def _compare_parameter(old: Node, new: Node, location: str) -> Iterator[Change]:
    if old.get("name") != new.get("name"):
        yield Change(ChangeKind.PARAMETER_RENAMED, location)
    was, is_ = (side.get("required", False) for side in (old, new))
    if was != is_:
        yield Change(ChangeKind.PARAMETER_NOW_REQUIRED if is_ else ChangeKind.PARAMETER_NO_LONGER_REQUIRED, location)
    yield from compare_parts(ChangeKind.PARAMETER_CHANGED, old.get("schema"), new.get("schema"), location)
    yield from compare_rest(old, new, {"name", "required", "schema"}, location)


def _compare_responses(old: Node, new: Node, operation: str) -> Iterator[Change]:
    for status, response in (old | new).items():
        location = f"{operation} {status}"
        if status not in old:
            yield Change(ChangeKind.NEW_BODY if "content" in response else ChangeKind.NEW_STATUS, location)
        elif status not in new:
            yield Change(ChangeKind.STATUS_REMOVED, location)
        else:
            yield from _compare_bodies(old[status].get("content", {}), new[status].get("content", {}), location)
            yield from compare_rest(old[status], new[status], {"content"}, location)


def _compare_bodies(old: Node, new: Node, location: str) -> Iterator[Change]:
    for kind in old | new:
        if kind not in old:
            yield Change(ChangeKind.NEW_BODY, f"{location} {kind}")
        elif kind not in new:
            yield Change(ChangeKind.BODY_REMOVED, f"{location} {kind}")
        else:
            yield from compare_schemas(old[kind].get("schema", {}), new[kind].get("schema", {}), location)
            yield from compare_rest(old[kind], new[kind], {"schema"}, location)
