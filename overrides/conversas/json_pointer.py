"""JSON pointers (RFC 6901), and the JSON values that they lead to."""

from collections.abc import Iterable
from typing import Any, TypeGuard


def format_pointer(*parts: object) -> str:
    """Return the JSON pointer for these keys and indexes: `format_pointer("a/b", 0)` is `/a~1b/0`."""
    joined = "/".join(["", *map(str, parts)])
    if "~" in joined or joined.count("/") > len(parts):
        return "".join(["/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts])
    return joined


def split_pointer(text: str) -> list[str]:
    """Return the keys and indexes of a JSON pointer, as strings."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def resolve_pointer(value: Any, path: Iterable[str | int]) -> Any:
    """Return the value at a path; raise KeyError or IndexError if the path leads nowhere."""
    for part in path:
        value = value[int(part) if is_array(value) else part]
    return value


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
