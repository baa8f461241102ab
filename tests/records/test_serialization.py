"""The neutral form as JSON: by its published schema, documented field by field, and read back or refused."""

import ast
import inspect
import json
from datetime import timedelta
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from attrs import evolve, fields
from jsonschema import Draft202012Validator

from conversas import Conversation, DecodeError, decode
from conversas.json_pointer import format_pointer
from conversas.records import conversation as records
from conversas.records.conversation import Record
from conversas.records.serialization import SerializedRecord
from support.examples import OUTCOMES, example
from support.processes import ROOT

SCHEMA = json.loads((ROOT / "overrides" / "conversas" / "conversation.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
KINDS = [kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, Record)]
CANARY = "palavra-canário"
FORM = example("zild/voice-call").to_dict()

each_example = pytest.mark.parametrize("name", OUTCOMES)


def errors(form: Any) -> list[str]:
    return [f"{error.json_path}: {error.validator}" for error in VALIDATOR.iter_errors(form)]


def with_value(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    form: dict[str, Any] = json.loads(json.dumps(FORM))
    reduce(getitem, path[:-1], form)[path[-1]] = value
    return form


def calling(duration: timedelta) -> Conversation:
    return Conversation(provider="zild", duration=duration)


def texts_below_fields(kind: type[Record]) -> dict[str, str]:
    """Return the text below each field of a record, with its lines joined."""
    (definition,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(definition, ast.ClassDef)
    pairs = zip(definition.body, definition.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    }


@each_example
def test_the_form_of_every_example_is_by_the_schema(name: str) -> None:
    assert errors(json.loads(json.dumps(example(name).to_dict()))) == []


@each_example
def test_the_form_of_every_example_is_read_back(name: str) -> None:
    conversation = example(name)
    read = Conversation.from_dict(json.loads(json.dumps(conversation.to_dict())))
    assert read == conversation
    assert hash(read) == hash(conversation)
    assert read.fingerprint == conversation.fingerprint
    assert read.to_dict() == conversation.to_dict()
    assert (read.source, read.raw, read.drift) == (None, b"", ())


def test_the_schema_is_a_schema_published_for_all() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    published = ROOT / "openapi" / "neutral" / "conversation.schema.json"
    assert published.read_bytes() == (ROOT / "overrides" / "conversas" / "conversation.schema.json").read_bytes()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Record])
def test_every_field_is_described_in_the_code_and_by_the_same_words_in_the_schema(kind: Any) -> None:
    texts = texts_below_fields(kind)
    assert list(texts) == [member.name for member in fields(kind)]
    assert [name for name, text in texts.items() if not text.endswith((".", "`"))] == []
    schema = SCHEMA if kind is Conversation else SCHEMA["$defs"][kind.__name__]
    described = {
        name: member["description"] for name, member in schema["properties"].items() if name != "schema_version"
    }
    assert described == {member.name: texts[member.name] for member in fields(kind) if member.eq}


def test_every_word_of_a_closed_set_is_in_the_schema() -> None:
    sets = {name: definition["enum"] for name, definition in SCHEMA["$defs"].items() if "enum" in definition}
    assert sets.keys() == {"AgentKind", "Channel", "Note", "Rating", "Reason", "Role", "Status", "Verdict"}
    assert {name: [str(word) for word in vars(records)[name]] for name in sets} == sets


@pytest.mark.parametrize("version", [None, 0, 1, 3, True, "2", [2], CANARY], ids=str)
def test_another_version_is_refused(version: Any) -> None:
    with pytest.raises(DecodeError, match=r"^/schema_version: ") as caught:
        Conversation.from_dict({**FORM, "schema_version": version})
    assert CANARY not in str(caught.value)
    assert "this conversas reads only version 2" in str(caught.value)


def test_a_record_of_an_older_version_is_refused_with_both_versions() -> None:
    with pytest.raises(DecodeError) as caught:
        Conversation.from_dict({"schema_version": 1, "provider": "zild"})
    assert str(caught.value) == (
        "/schema_version: the record has version 1 of the neutral form, and this conversas reads only version 2; "
        "decode the body again"
    )
    assert caught.value.reason == "invalid_record"


def test_what_is_missing_has_its_default() -> None:
    assert Conversation.from_dict({"schema_version": 2, "provider": "zild"}) == Conversation(provider="zild")
    message = Conversation.from_dict(with_value(("messages",), [{"id": "7"}])).messages[0]
    assert (message.id, message.role, message.attachments, message.error) == ("7", "unknown", (), None)


def test_a_form_without_a_provider_is_refused() -> None:
    with pytest.raises(DecodeError):
        Conversation.from_dict({"schema_version": 2})


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("unheard",), CANARY, "/"),
        (("drift",), [], "/"),
        (("messages", 2, "unheard"), CANARY, "/messages/2"),
        (("title",), 5, "/title"),
        (("provider",), None, "/provider"),
        (("ref",), CANARY, "/ref"),
        (("status",), CANARY, "/status"),
        (("notes", 1), CANARY, "/notes/1"),
        (("completeness", "reasons"), CANARY, "/completeness/reasons"),
        (("messages",), None, "/messages"),
        (("messages",), {}, "/messages"),
        (("messages", 1), CANARY, "/messages/1"),
        (("messages", 1, "read"), 1, "/messages/1/read"),
        (("messages", 1, "attachments"), [{}, {"url": 5}], "/messages/1/attachments/1/url"),
        (("messages", 1, "error"), {"code": [CANARY]}, "/messages/1/error/code"),
        (("evaluation", "score"), True, "/evaluation/score"),
        (("duration",), "12:34", "/duration"),
    ],
)
def test_what_is_not_by_the_schema_is_refused_by_its_place_and_not_its_value(path: Any, value: Any, place: str) -> None:
    form = with_value(path, value)
    with pytest.raises(DecodeError) as caught:
        Conversation.from_dict(form)
    assert str(caught.value).partition(": ")[0] == place
    assert CANARY not in repr(caught.value)
    assert errors(form) != []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("evaluation", "score"), 87.0),
        (("duration",), f"PT{9**20}.000000S"),
        (("ref",), "zild:"),
    ],
)
def test_what_the_schema_cannot_tell_is_refused_too(path: Any, value: Any) -> None:
    with pytest.raises(DecodeError, match=f"^{format_pointer(*path)}: "):
        Conversation.from_dict(with_value(path, value))


@pytest.mark.parametrize("time", ["2024-05-02T13:00:00", "2024-05-02", "13:00Z", CANARY])
@pytest.mark.parametrize("path", [("created_at",), ("messages", 1, "sent_at")], ids=str)
def test_a_time_without_offset_is_refused_as_is_what_is_no_time(path: Any, time: str) -> None:
    assert errors(with_value(path, time)) != []
    with pytest.raises(DecodeError, match=f"^{format_pointer(*path)}: "):
        Conversation.from_dict(with_value(path, time))


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "PT0.000000S"),
        (timedelta(minutes=12, seconds=34), "PT754.000000S"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(microseconds=-1), "-PT0.000001S"),
        (timedelta(seconds=-1, microseconds=-500_000), "-PT1.500000S"),
        (timedelta.max, "PT86399999999999.999999S"),
        (timedelta.min, "-PT86399999913600.000000S"),
    ],
)
def test_a_duration_is_seconds_to_the_microsecond(duration: timedelta, text: str) -> None:
    form = calling(duration).to_dict()
    assert form["duration"] == text
    assert errors(form) == []
    assert Conversation.from_dict(form) == calling(duration)


def test_a_time_of_a_clock_that_went_by_the_sun_is_by_the_schema() -> None:
    conversation = decode("zild", b'{"createdAt": "1901-01-01T00:00:00"}', timezone="America/Sao_Paulo")
    assert errors(conversation.to_dict()) == []


@pytest.mark.parametrize("number", [7, 2**70], ids=["orjson", "json"])
def test_a_line_is_one_line_for_every_program(number: int) -> None:
    text = "um\u2028dois\u2029três\x85quatro… “cinco” \x0b\x1e\\u2028"
    conversation = decode("zild", json.dumps({"id": 1, "conversationSummary": text, "messages": []}).encode())
    conversation = evolve(conversation, evaluation=records.Evaluation(score=number))
    line = SerializedRecord(conversation).line()
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["summary"] == text
    assert "… “cinco”".encode() in line
