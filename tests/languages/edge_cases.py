"""Edge cases of bodies that a spec does not describe, under their names in the table of openapi/README.md."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from conversas import Drift, DriftKind
from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer
from support.examples import body_of, example
from support.processes import ROOT
from tools.regenerate.spec import load_yaml

UNKNOWN_VALUE = "a value that an enum does not list"
UNKNOWN_PROPERTY = "a property that the spec does not have"
NULL = "null where the spec allows it"
NULL_LIST = "null for a list, where the spec allows it"
UNEXPECTED_NULL = "null where the spec does not allow it"
NULL_ITEM = "null in a list"
NAIVE_TIME = "a time without an offset"
OTHER_TIME = "a time in another form"
LONG_INTEGER = "an integer of more than 32 bits"
OTHER_TYPE = "a value of the wrong type"
HALF_EMOJI = "half an emoji, such as `\\ud83d`"
NO_UTF8 = "bytes that are not UTF-8, read as U+FFFD"
BYTE_ORDER_MARK = "a byte order mark"
NULL_BODY = "the body `null`"

CHANGES: list[tuple[str, str, str, Any]] = [
    (UNKNOWN_VALUE, "zild", "/agentType", 42),
    (UNKNOWN_VALUE, "superagentes", "/channel", "sms"),
    (UNKNOWN_VALUE, "superagentes", "/messages/0/eval", "good"),
    (UNKNOWN_PROPERTY, "zild", "/routing", {"queue": "vendas", "attempts": 2}),
    (UNKNOWN_PROPERTY, "superagentes", "/messages/0/reactions", ["a", 1.5, False]),
    (NULL, "zild", "/finishedAt", None),
    (NULL, "superagentes", "/messages/0/eval", None),
    (NULL_LIST, "zild", "/messages", None),
    (NULL_LIST, "superagentes", "/participants", None),
    (UNEXPECTED_NULL, "zild", "/score", None),
    (UNEXPECTED_NULL, "zild", "/agentType", None),
    (UNEXPECTED_NULL, "zild", "/createdAt", None),
    (NULL_ITEM, "zild", "/tags/0", None),
    (NULL_ITEM, "superagentes", "/participantsVisitors/0", None),
    (NAIVE_TIME, "zild", "/createdAt", "2023-08-14T22:00:03.1104217"),
    (NAIVE_TIME, "superagentes", "/messages/0/createdAt", "2023-08-14T22:00:03"),
    (OTHER_TIME, "superagentes", "/createdAt", "08/06/2024 16:05"),
    (OTHER_TIME, "zild", "/queuedAt", "2024-02-31T10:00:00Z"),
    (LONG_INTEGER, "zild", "/messages/0/id", 2**40),
    (LONG_INTEGER, "zild", "/tenantId", 2**31),
    (OTHER_TYPE, "zild", "/active", "yes"),
    (OTHER_TYPE, "superagentes", "/messages", {"0": {}}),
    (HALF_EMOJI, "zild", "/lastMessageContent", "Obrigado! \ud83d"),
]
"""Kind of edge case, provider, location in the provider's sample body, and the value to put there."""

LISTS = {
    name
    for file in (ROOT / "openapi").glob("*.yaml")
    for schema in load_yaml(file)["components"]["schemas"].values()
    for name, shape in schema.get("properties", {}).items()
    if "items" in shape
}
"""Names of all properties that hold lists."""


@frozen
class EdgeCase:
    """Sample body of a provider with one edge case."""

    kind: str
    provider: str
    body: bytes
    location: str = ""
    """JSON pointer of the edge case."""


def _edited(kind: str, provider: str, location: str, value: Any) -> EdgeCase:
    body = json.loads(body_of(f"{provider}/sample"))
    *path, name = split_pointer(location)
    part = resolve_pointer(body, path)
    part[int(name) if is_array(part) else name] = value
    return EdgeCase(kind, provider, json.dumps(body).encode(), location)


EDGE_CASES = [
    *(_edited(*change) for change in CHANGES),
    EdgeCase(NO_UTF8, "zild", body_of("zild/sample").replace(b"<string>", b"\xd8\x3d")),
    EdgeCase(BYTE_ORDER_MARK, "zild", b"\xef\xbb\xbf" + body_of("zild/sample")),
    EdgeCase(NULL_BODY, "superagentes", b"null"),
]


def edge_cases(name: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the JSON pointer of each edge case in an example."""
    body = body_of(name)
    value = text_of(body)
    if value is None:
        yield NULL_BODY, ""
        return
    conversation = example(name)
    yield from ((_of_drift(drift), drift.path) for drift in conversation.drift)
    unexpected = {drift.path for drift in conversation.drift if drift.kind is DriftKind.UNEXPECTED_NULL}
    for location in {*locations(value, lambda part: part is None)} - unexpected:
        yield NULL_LIST if location.rpartition("/")[2] in LISTS else NULL, location
    yield from ((HALF_EMOJI, location) for location in locations(value, _is_cut))
    yield from ((NAIVE_TIME, location) for location in locations(value, _is_naive_time))
    if body.startswith(b"\xef\xbb\xbf"):
        yield BYTE_ORDER_MARK, ""


def text_of(body: bytes) -> Any:
    """Return the parsed body. Each run of bytes that are not a character becomes one U+FFFD."""
    return json.loads(re.sub("\ufffd+", "\ufffd", body.decode("utf-8-sig", "replace")))


def locations(value: Any, matches: Callable[[Any], bool], path: str = "") -> Iterator[str]:
    """Yield the JSON pointers of all matching values."""
    if matches(value):
        yield path
    for key, part in value.items() if is_object(value) else enumerate(value) if is_array(value) else ():
        yield from locations(part, matches, path + format_pointer(key))


def _of_drift(drift: Drift) -> str:
    match drift.kind:
        case DriftKind.UNKNOWN_VALUE:
            return UNKNOWN_VALUE
        case DriftKind.UNKNOWN_FIELD:
            return UNKNOWN_PROPERTY
        case DriftKind.UNEXPECTED_NULL:
            return NULL_ITEM if re.search(r"/\d+$", drift.path) else UNEXPECTED_NULL
        case DriftKind.WRONG_TYPE:
            return OTHER_TYPE
        case DriftKind.BAD_FORMAT:
            return LONG_INTEGER if drift.expected == "int32" else OTHER_TIME


def _is_cut(value: Any) -> bool:
    return isinstance(value, str) and bool(re.search("[\ud800-\udfff]", value))


def _is_naive_time(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", value))
