"""Where what comes out of a client differs from what went in, as JSON means it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from conversas.json_pointer import format_pointer, is_array, is_object

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def differences(given: Any, read: Any, path: str = "") -> Iterator[str]:
    """Yield the JSON pointer of each value that is another one, missing, or too many."""
    if is_object(given) and is_object(read):
        for name in given.keys() | read.keys():
            if name in given and name in read:
                yield from differences(given[name], read[name], path + format_pointer(name))
            else:
                yield path + format_pointer(name)
    elif is_array(given) and is_array(read) and len(given) == len(read):
        for number, (before, after) in enumerate(zip(given, read, strict=True)):
            yield from differences(before, after, path + format_pointer(number))
    elif not _are_same(given, read):
        yield path


def _are_same(given: Any, read: Any) -> bool:
    """Compare two values that are no containers; one moment may be written in two ways."""
    if isinstance(given, bool) or isinstance(read, bool):
        return given is read
    if isinstance(given, str) and isinstance(read, str) and TIME.fullmatch(given) and TIME.fullmatch(read):
        return given == read or datetime.fromisoformat(given) == datetime.fromisoformat(read)
    if isinstance(read, str):
        return bool(given == re.sub("\ufffd+", "\ufffd", read))  # some write one for each byte that is no character
    return bool(given == read)
