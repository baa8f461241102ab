"""Judge of code: the differences that griffe finds between the packages generated from two specs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

from tools.check_spec_changes.change_kinds import Bump, Change, ChangeKind
from tools.check_spec_changes.rows import greatest
from tools.regenerate.generate import SCRIPTS, write_client
from tools.regenerate.spec import Spec

NAME = "client"


def code_changes(old: Spec, new: Spec, seen: list[Change]) -> Iterator[Change]:
    """Yield the changes that users of the generated code notice and that the documents do not show.

    Renamed values of an enum are such changes. The documents should also show any other change that breaks users or
    changes a type. If no change in `seen` is as great, the change of the code is also yielded.
    """
    with tempfile.TemporaryDirectory() as folder:
        before, after = (_load(spec, Path(folder) / name) for spec, name in ((old, "old"), (new, "new")))
        broken = [each.obj.path for each in griffe.find_breaking_changes(before, after) if _is_of_types(each)]
        renamed = list(dict.fromkeys(_renamed_values(before, after)))
        differs = _surface(before) != _surface(after)
    yield from renamed
    judged = [*seen, *renamed]
    if broken and greatest(judged) < Bump.MAJOR:
        yield Change(ChangeKind.OTHER, broken[0].removeprefix(f"{NAME}."))
    elif differs and greatest(judged) < Bump.MINOR:
        yield Change(ChangeKind.OTHER, "the types of the generated code")


def _load(spec: Spec, folder: Path) -> Any:
    folder.mkdir()
    write_client(spec, folder / NAME, config=SCRIPTS / "generator.yaml")
    return griffe.load(NAME, search_paths=[folder], allow_inspection=False)


def _is_of_types(breakage: griffe.Breakage) -> bool:
    """Return whether a breakage affects types or names, not just the value of a constant, such as the spec's hash."""
    return breakage.kind is not griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE


def _renamed_values(old: Any, new: Any) -> Iterator[Change]:
    """Yield each value of an enum that has a different name in the new package."""
    after = dict(_enums(new))
    for name, values in _enums(old):
        names = {value: member for member, value in after.get(name, {}).items()}
        for member, value in values.items():
            if names.get(value, member) != member:
                yield Change(ChangeKind.VALUE_RENAMED, f"{name} {value.strip(chr(39) + chr(34))}")


def _enums(package: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name of each enum with its members and their values, as written in the code."""
    for module in package["models"].modules.values():
        for name, model in module.classes.items():
            if not model.is_alias and any("Enum" in str(base) for base in model.bases):
                yield name, {key: str(each.value) for key, each in model.attributes.items()}


def _surface(package: Any) -> dict[str, str]:
    """Return the types of a package, by the path of each object. The order and the docstrings are ignored."""
    found: dict[str, str] = {}
    waiting = [package]
    while waiting:
        node = waiting.pop()
        for member in node.members.values():
            if member.is_alias:
                continue
            if member.is_function:
                parameters = [(each.name, str(each.annotation), str(each.default)) for each in member.parameters]
                found[member.path] = f"{parameters} {member.returns}"
            elif member.is_attribute:
                found[member.path] = str(member.annotation)
            else:
                found[member.path] = str(member.kind)
                waiting.append(member)
    return found
