"""What generators make of real specs without a word, and wrong: tests/data/silent.yaml, read as it should be."""

import datetime
import json
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conversas import DriftKind
from conversas.decoding.validator import SchemaValidator
from conversas.providers.datetimes import normalize_datetime
from conversas_api.runtime import EXTRA
from support.http_server import HttpServer
from support.processes import ROOT
from tools.regenerate.generate import SCRIPTS, build_client
from tools.regenerate.spec import load_spec


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the client, which can be imported as `silent_api.silent`."""
    folder = tmp_path_factory.mktemp("silent")
    (folder / "silent_api").mkdir()
    (folder / "silent_api" / "__init__.py").touch()
    build_client(
        load_spec(ROOT / "tests/data/silent.yaml"), folder / "silent_api/silent", config=SCRIPTS / "generator.yaml"
    )
    sys.path.append(str(folder))
    yield folder / "silent_api" / "silent"
    sys.path.remove(str(folder))


def module(name: str) -> Any:
    return import_module(f"silent_api.silent.{name}")


def answered(
    package: Path, status: int, body: bytes, headers: Mapping[str, str] | None = None, **arguments: Any
) -> tuple[Any, str]:
    """Return the parsed answer of a server to getThing, and the target of the request."""
    del package  # it has to be there
    with HttpServer(lambda _: (status, body, headers or {})) as server:
        client = module("client").AuthenticatedClient(base_url=server.url, token="k 1")  # noqa: S106  # invented
        response = module("api.things.get_thing").sync_detailed("7", client=client, **arguments)
        return response.parsed, server.requests[0].target


def checked(package: Path, body: Any) -> tuple[Any, list[tuple[str, DriftKind]]]:
    """Return the model of a body that was checked, and where it drifts."""
    schema = json.loads((package / "getThing.schema.json").read_bytes())
    result = SchemaValidator(schema, extra=EXTRA, normalize=normalize_datetime).validate(body)
    return module("models").Thing.from_checked(body), [(drift.path, drift.kind) for drift in result.drift]


def test_a_null_among_dates_is_none_and_no_drift(package: Path) -> None:
    thing, drift = checked(package, {"dates": [None, "2024-01-01T00:00:00Z"]})
    assert thing.dates == [None, datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)]
    assert drift == []


def test_a_type_that_is_not_there_is_inferred(package: Path) -> None:
    thing, drift = checked(package, {"untyped": ["a"], "word": "a"})
    assert thing.untyped == ["a"]
    assert (thing.word, thing.word.is_known, drift) == ("a", True, [])
    thing, drift = checked(package, {"untyped": "a", "word": "c"})
    assert (thing.word, thing.word.is_known) == ("c", False)
    assert drift == [("/untyped", DriftKind.WRONG_TYPE), ("/word", DriftKind.UNKNOWN_VALUE)]


def test_1_0_is_the_member_1_of_an_enum_of_numbers(package: Path) -> None:
    thing, drift = checked(package, {"count": 1.0})
    assert thing.count is module("models").Count(1)
    assert drift == []


def test_a_json_body_is_parsed_whatever_the_order_of_media_types(package: Path) -> None:
    assert answered(package, 200, b'{"id": "7"}')[0].id == "7"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"kind": "dog", "w": 3}', ("Dog", {"kind": "dog", "w": 3})),
        (b'{"kind": "Cat", "m": 4}', ("Cat", {"kind": "Cat", "m": 4})),
        (b'{"kind": "bird", "m": 4}', ("dict", {"kind": "bird", "m": 4})),
    ],
)
def test_the_discriminator_names_the_class_and_an_unknown_one_stays_raw(
    package: Path, body: bytes, expected: tuple[str, Any]
) -> None:
    pet, _ = answered(package, 409, body)
    assert (type(pet).__name__, pet if isinstance(pet, dict) else pet.to_dict()) == expected


def test_a_map_is_a_dict_of_its_values(package: Path) -> None:
    times, _ = answered(package, 410, b'{"a": "2024-01-01T00:00:00Z"}')
    assert times == {"a": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)}


def test_a_status_without_a_body_is_none_and_not_the_class_of_its_range(package: Path) -> None:
    assert answered(package, 404, b'{"e": "x"}')[0] is None
    assert answered(package, 418, b'{"e": "x"}')[0].e == "x"


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        ({}, b"n\xc3\xa3o", "n\u00e3o"),
        ({"Content-Type": "text/plain; charset=iso-8859-1"}, b"n\xe3o", "n\u00e3o"),
        ({"Content-Type": "text/plain; charset=klingon"}, b"n\xc3\xa3o", "n\u00e3o"),
        ({"Content-Type": "text/plain"}, b"n\xe3o", "n\ufffdo"),
    ],
    ids=["utf-8", "latin-1", "unknown", "invalid"],
)
def test_a_plain_text_is_a_str_in_the_charset_of_the_response(
    package: Path, headers: dict[str, str], body: bytes, text: str
) -> None:
    assert answered(package, 422, body, headers)[0] == text


def test_a_key_is_in_the_query_and_a_parameter_with_content_is_json(package: Path) -> None:
    _, target = answered(package, 200, b"{}", filter_=module("models").GetThingFilter(a="x & y"))
    assert parse_qs(urlsplit(target).query) == {"key": ["k 1"], "filter": ['{"a":"x & y"}']}


def test_operations_that_are_equal_in_snake_case_are_both_made(package: Path) -> None:
    files = {file.stem for file in (package / "api" / "things").glob("*.py")} - {"__init__"}
    assert files == {"get_thing", "get_thing_2"}
    assert {"getThing.schema.json", "get_thing.schema.json"} <= {file.name for file in package.iterdir()}
