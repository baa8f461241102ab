"""Places in a body that break the run-time schema: the errors of the validator that count, with exact paths."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Any, cast

import jsonschema_rs
from attrs import field, frozen

from conversas.json_pointer import format_pointer, is_array, is_object, split_pointer

Path = tuple[str | int, ...]

STRONGEST = ("type", "multipleOf")
"""Keywords whose errors make the other errors at the same place meaningless."""


MISREAD = re.compile("\\+?[0-9]*")
"""Names that the paths of the validator leave out, or contain as a number."""


class NestingTooDeep(Exception):
    """The body is nested deeper than the limit of the validator, which is about 250 levels."""


def with_exact_paths(schema: Any) -> Any:
    """Return an equal schema in which properties with a misread name are `patternProperties`.

    Then each path that the validator reports for a keyword leads to this keyword.
    """
    if is_array(schema):
        return [with_exact_paths(each) for each in schema]
    if not is_object(schema):
        return schema
    exact: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "definitions":
            exact[key] = {name: with_exact_paths(each) for name, each in value.items()}
        elif key == "properties":
            misread = {name for name in value if MISREAD.fullmatch(name)}
            exact[key] = {name: with_exact_paths(each) for name, each in value.items() if name not in misread}
            if misread:
                patterns = {f"^{re.escape(name)}$": with_exact_paths(value[name]) for name in value if name in misread}
                exact["patternProperties"] = patterns
        else:
            exact[key] = value if key == "enum" else with_exact_paths(value)
    return exact


@frozen(eq=False)
class ErrorFinder:
    """Finder of the places where bodies break one schema. Thread-safe."""

    schema: dict[str, Any] = field(converter=with_exact_paths, repr=False)
    """The schema to which the paths of keywords belong."""
    _validator: Any = field(init=False, repr=False)

    @_validator.default
    def _compile(self) -> Any:
        return jsonschema_rs.Draft4Validator(self.schema, validate_formats=False)

    def find(self, data: Any) -> dict[Path, Path]:
        """Return the path of each value that breaks the schema, with the path of the strongest keyword that it breaks.

        Raises:
            NestingTooDeep: The body is nested too deeply for the validator.
        """
        try:
            return self._find(data)
        except ValueError:
            raise NestingTooDeep from None

    def _find(self, data: Any) -> dict[Path, Path]:
        """Return the same as `find`. Read one error at a time: all together would hold the body many times over."""
        broken: dict[Path, Path] = {}
        for keyword, error in self._that_count(self._validator.iter_errors(data)):
            path = tuple(error.instance_path)
            if not _is_exact(data, path):
                return self._find_exactly(data)
            _add(broken, path, keyword)
        return broken

    def _find_exactly(self, data: Any) -> dict[Path, Path]:
        """Return the same as `find`, with exact paths: `iter_errors` drops the name "", and reads "07" as 7.

        An evaluation has the same errors, in the same order for each keyword of the schema.
        """
        errors = list(self._validator.iter_errors(data))
        pointers: defaultdict[str, deque[str]] = defaultdict(deque)
        for each in self._validator.evaluate(data).errors():
            pointers[each["schemaLocation"]].append(each["instanceLocation"])
        exact = {id(leaf): pointers[format_pointer(*leaf.schema_path)].popleft() for leaf in _leaves(errors)}
        broken: dict[Path, Path] = {}
        for keyword, error in self._that_count(errors):
            _add(broken, _typed(data, exact[id(error)]), keyword)
        return broken

    def _that_count(self, errors: Iterable[Any]) -> Iterator[tuple[Path, Any]]:
        """Yield each error with the path of its keyword. For alternatives, yield the errors of the one that applies.

        The discriminator names the alternative. An object without a discriminator has no errors. An unlisted value of
        the discriminator is the only error of its object.
        """
        for error in errors:
            keyword: Path = tuple(error.schema_path)  # a new list each time
            if keyword[-1] != "anyOf":
                yield keyword, error
                continue
            schema = parent(self.schema, keyword)
            name = schema["discriminator"]
            kind = error.instance.get(name)
            listed = [_values(branch) for branch in schema["anyOf"]]
            for values, inner in zip(listed, error.kind.context, strict=True):
                if _is_listed(kind, values):
                    yield from self._that_count(inner)
            if name in error.instance and not any(_is_listed(kind, values) for values in listed):
                unlisted = next(each for each in error.kind.context[0] if _is_of_discriminator(each, keyword))
                yield tuple(unlisted.schema_path), unlisted


def _is_listed(kind: Any, values: list[str | int]) -> bool:
    return type(kind) is not bool and kind in values


def _values(branch: dict[str, Any]) -> list[str | int]:
    """Return the values of the discriminator for an alternative."""
    (discriminator,) = (branch["properties"] or branch["patternProperties"]).values()
    return cast("list[str | int]", discriminator["enum"])


def _is_of_discriminator(error: Any, alternatives: Path) -> bool:
    """Return whether an error is about the discriminator, the only property that an alternative itself defines."""
    below = error.schema_path[len(alternatives) + 1 :]
    return len(below) == 3 and below[0] in ("properties", "patternProperties")


def _add(broken: dict[Path, Path], path: Path, keyword: Path) -> None:
    if path not in broken or keyword[-1] in STRONGEST:
        broken[path] = keyword


def parent(node: Any, path: Path) -> Any:
    """Return the object or array that holds the value at a path."""
    for part in path[:-1]:
        node = node[part]
    return node


def _is_exact(data: Any, path: Path) -> bool:
    """Return whether a path leads to its value: no name on the path is empty or may be read as a number."""
    for part in path:
        if is_object(data) and (type(part) is int or "" in data):
            return False
        data = cast(Any, data)[part]
    return not (is_object(data) and "" in data)


def _leaves(errors: Iterable[Any]) -> Iterator[Any]:
    """Yield the errors. An error of alternatives is replaced with the errors of each alternative."""
    for error in errors:
        if error.schema_path[-1] == "anyOf":
            for inner in error.kind.context:
                yield from _leaves(inner)
        else:
            yield error


def _typed(data: Any, pointer: str) -> Path:
    """Return the path of a JSON pointer, with numbers for the items of arrays."""
    path: list[str | int] = []
    for part in split_pointer(pointer):
        key: Any = int(part) if is_array(data) else part
        path.append(key)
        data = cast(Any, data)[key]
    return tuple(path)
