"""What differs between two versions of the operations of a spec: their requests and their answers."""

import re
from collections.abc import Iterator

from tools.check_spec_changes.change_kinds import Change, Edit
from tools.check_spec_changes.schemas import Node, compare_parts, compare_rest, compare_schemas
from tools.regenerate.spec import METHODS

Key = tuple[str, str]

IN_PATH = re.compile(r"\{(.*?)\}")


def compare_operations(old: Node, new: Node) -> Iterator[Change]:
    """Yield what differs below `paths`. Names in braces are no part of a path, which stays the same without them."""
    before, after = dict(_operations(old)), dict(_operations(new))
    for key in before | after:
        if key not in before:
            yield Change(Edit.NEW_OPERATION, " ".join(key))
        elif key not in after:
            yield Change(Edit.OPERATION_REMOVED, " ".join(key))
        else:
            yield from _compare_operation(before[key], after[key])


def _operations(paths: Node) -> Iterator[tuple[Key, Node]]:
    """Yield each operation by its method and path, with what its path says for all, and parameters by their keys."""
    for path, item in paths.items():
        places = {name: str(place) for place, name in enumerate(IN_PATH.findall(path))}
        shared = {key: value for key, value in item.items() if key not in METHODS}
        for method in METHODS:
            if method in item:
                listed = [*shared.get("parameters", []), *item[method].get("parameters", [])]
                parameters = {_key(parameter, places): parameter for parameter in listed}
                yield (method, IN_PATH.sub("{}", path)), shared | item[method] | {"parameters": parameters}


def _key(parameter: Node, places: dict[str, str]) -> Key:
    """Give what a parameter is known by: its place in the path, else its name."""
    name = str(parameter.get("name"))
    return str(parameter.get("in")), places.get(name, name) if parameter.get("in") == "path" else name


def _compare_operation(old: Node, new: Node) -> Iterator[Change]:
    name = str(old.get("operationId"))
    if old.get("operationId") != new.get("operationId"):
        yield Change(Edit.OPERATION_RENAMED, f"{name}, now {new.get('operationId')}")
    if old.get("tags") != new.get("tags"):
        yield Change(Edit.OPERATION_MOVED, name)
    yield from compare_parts(Edit.SECURITY_CHANGED, old.get("security"), new.get("security"), name)
    yield from _compare_parameters(old["parameters"], new["parameters"], name)
    yield from _compare_responses(old.get("responses", {}), new.get("responses", {}), name)
    known = {"operationId", "tags", "security", "parameters", "responses"}
    yield from compare_rest(old, new, known, name)


def _compare_parameters(old: dict[Key, Node], new: dict[Key, Node], operation: str) -> Iterator[Change]:
    for key, parameter in (old | new).items():
        place = f"{operation} {parameter.get('name')}"
        if key not in old:
            is_required = parameter.get("required", False)
            yield Change(Edit.NEW_REQUIRED_PARAMETER if is_required else Edit.NEW_PARAMETER, place)
        elif key not in new:
            yield Change(Edit.PARAMETER_REMOVED, place)
        else:
            yield from _compare_parameter(old[key], new[key], place)


def _compare_parameter(old: Node, new: Node, place: str) -> Iterator[Change]:
    if old.get("name") != new.get("name"):
        yield Change(Edit.PARAMETER_RENAMED, place)
    was, is_ = (side.get("required", False) for side in (old, new))
    if was != is_:
        yield Change(Edit.PARAMETER_NOW_REQUIRED if is_ else Edit.PARAMETER_NO_LONGER_REQUIRED, place)
    yield from compare_parts(Edit.PARAMETER_CHANGED, old.get("schema"), new.get("schema"), place)
    yield from compare_rest(old, new, {"name", "required", "schema"}, place)


def _compare_responses(old: Node, new: Node, operation: str) -> Iterator[Change]:
    for status, response in (old | new).items():
        place = f"{operation} {status}"
        if status not in old:
            yield Change(Edit.NEW_BODY if "content" in response else Edit.NEW_STATUS, place)
        elif status not in new:
            yield Change(Edit.STATUS_REMOVED, place)
        else:
            yield from _compare_bodies(old[status].get("content", {}), new[status].get("content", {}), place)
            yield from compare_rest(old[status], new[status], {"content"}, place)


def _compare_bodies(old: Node, new: Node, place: str) -> Iterator[Change]:
    for kind in old | new:
        if kind not in old:
            yield Change(Edit.NEW_BODY, f"{place} {kind}")
        elif kind not in new:
            yield Change(Edit.BODY_REMOVED, f"{place} {kind}")
        else:
            yield from compare_schemas(old[kind].get("schema", {}), new[kind].get("schema", {}), place)
            yield from compare_rest(old[kind], new[kind], {"schema"}, place)
