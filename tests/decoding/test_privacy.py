"""No word of a customer is in a repr, a report, a message, a log or the locals of a frame of ours."""

import contextlib
import copy
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from enum import Enum
from functools import reduce
from itertools import count
from operator import getitem
from typing import Any

import attrs
import pytest

from conversas import (
    ConfigurationError,
    ConversasError,
    Conversation,
    DecodeError,
    DriftError,
    DriftReport,
    NotFoundError,
    decode,
)
from support.generated import PROVIDERS
from support.mapping_doc import source_of
from support.mutations import ITEM, schemas
from support.tracebacks import texts_of

CANARY = "canary"

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def planted(provider: str, plant: Callable[[], Any], names: tuple[str, ...] = ()) -> Any:
    """Return a body with something planted wherever it can have a value, and under names that it cannot have."""
    schema = schemas(provider)[names]
    if "items" in schema:
        return [planted(provider, plant, (*names, ITEM)), plant()]
    if "properties" not in schema:
        return plant()
    members = {name: planted(provider, plant, (*names, name)) for name in schema["properties"]}
    return members | {"unlisted": plant(), "unlistedList": [plant()], "unlistedObject": {"a": plant()}}


def bodies(provider: str) -> list[dict[str, Any]]:
    """Return bodies that are full of canaries, each another: as texts, and in lists and objects where a text belongs.

    A text in the place of the id is none: the ref of the conversation shows it.
    """
    unique = map("canary-{}".format, count())
    full = [
        planted(provider, lambda: next(unique)),
        planted(provider, lambda: [next(unique)]),
        planted(provider, lambda: {"a": next(unique)}),
        {name: next(unique) for name in schemas(provider)[()]["properties"]},
    ]
    name = source_of(provider, "id")
    id_is_text = "string" in schemas(provider)[name,]["type"]
    return [body | {name: "1"} if id_is_text and isinstance(body[name], str) else body for body in full]


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


def objects(value: Any) -> Iterator[Any]:
    """Yield each record, model and member of an enum in a value."""
    if isinstance(value, Enum) or attrs.has(type(value)):
        yield value
    if attrs.has(type(value)):
        value = [getattr(value, member.name) for member in attrs.fields(type(value))]
    for item in value if isinstance(value, tuple | list) else ():
        yield from objects(item)


def shown(value: Any) -> Iterator[str]:
    """Yield what a program may print of a value without asking for its content."""
    for each in objects(value):
        yield repr(each)
        if not isinstance(each, Enum):  # the text of a member is its value
            yield f"{each} {each!s}"


def nested(body: bytes) -> bytes:
    return b'{"a":' + b"[" * 300 + body + b"]" * 300 + b"}"


Attempt = Callable[[str, Any], object]
REFUSED: dict[str, tuple[type[ConversasError], Attempt]] = {
    "drift": (DriftError, lambda provider, body: decode(provider, body, on_drift="raise")),
    "a list": (DecodeError, lambda provider, body: decode(provider, b"[" + body + b"]")),
    "a text": (DecodeError, lambda provider, body: decode(provider, encoded(CANARY))),
    "cut off": (DecodeError, lambda provider, body: decode(provider, body[:-1])),
    "two in one": (DecodeError, lambda provider, body: decode(provider, body + body)),
    "no text": (DecodeError, lambda provider, body: decode(provider, body + b"\xff")),
    "too deep": (DecodeError, lambda provider, body: decode(provider, nested(body))),
    "null": (NotFoundError, lambda provider, body: decode(provider, b"null")),
    "not bytes": (ConfigurationError, lambda provider, body: decode(provider, body.decode())),
    "no provider": (ConfigurationError, lambda provider, body: decode("nowhere", body)),
    "no zone": (ConfigurationError, lambda provider, body: decode(provider, body, timezone="Nowhere/City")),
    "no ref": (ConfigurationError, lambda provider, body: decode(provider, body, ref="7")),
    "other ref": (ConfigurationError, lambda provider, body: decode(provider, body, ref="nowhere:7")),
    "no option": (ConfigurationError, lambda provider, body: decode(provider, body, on_drift=CANARY.upper())),
}
each_refusal = pytest.mark.parametrize(("kind", "attempt"), REFUSED.values(), ids=REFUSED)


@each_provider
def test_canaries_are_in_every_place(provider: str) -> None:
    seen = {name for body in bodies(provider) for name in re.findall(r"canary-\d+", json.dumps(body))}
    assert len(seen) > 3 * len(schemas(provider))


@each_provider
def test_what_is_planted_is_read(provider: str) -> None:
    contents = [str(decode(provider, encoded(body)).to_dict()) for body in bodies(provider)]
    assert CANARY in contents[0]


@each_provider
def test_no_repr_of_a_record_shows_content(provider: str) -> None:
    for body in bodies(provider):
        texts = list(shown(decode(provider, encoded(body))))
        assert [text for text in texts if CANARY in text] == []
        assert len(texts) > 10


@each_provider
def test_no_report_shows_content(provider: str) -> None:
    report = DriftReport.from_conversations(decode(provider, encoded(body)) for body in bodies(provider))
    assert len(report.counts) > len(schemas(provider))
    assert [text for text in [*shown(report), *shown(report.counts), repr(report.counts)] if CANARY in text] == []


@each_provider
@each_refusal
def test_no_error_shows_content(provider: str, kind: type[ConversasError], attempt: Attempt) -> None:
    for body in bodies(provider):
        with pytest.raises(ConversasError) as raised:
            attempt(provider, encoded(body))
        assert type(raised.value) is kind
        assert [text for text in texts_of(raised.value) if CANARY in text] == []


@each_provider
def test_no_log_and_no_warning_shows_content(provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for body in map(encoded, bodies(provider)):
            decode(provider, body)
            for _, attempt in REFUSED.values():
                with contextlib.suppress(ConversasError):
                    attempt(provider, body)
    logged = [str(vars(record)) for record in caplog.records]
    assert [text for text in [caplog.text, *logged, *map(str, caught)] if CANARY in text] == []


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each value inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (name,)
        yield from ((name, *path) for path in places(member))


@each_provider
@pytest.mark.parametrize("wrong", [CANARY, [CANARY], {"a": CANARY}, {"a": {"b": [CANARY]}}], ids=repr)
def test_no_error_of_a_neutral_form_shows_content(provider: str, wrong: Any) -> None:
    form = decode(provider, encoded(bodies(provider)[0])).to_dict()
    texts: list[str] = []
    for path in places(form):
        other = copy.deepcopy(form)
        reduce(getitem, path[:-1], other)[path[-1]] = wrong
        try:
            Conversation.from_dict(other)
        except DecodeError as error:
            texts += texts_of(error)
    assert texts
    assert [text for text in texts if CANARY in text] == []
