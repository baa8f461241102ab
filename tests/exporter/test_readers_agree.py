"""Every reader agrees on every row of an export: of all examples, of reported bodies, and of many conversations."""

import datetime
import math
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow.parquet
import pytest

from conversas import Client, Conversation, DecodeError, Export, decode, export, read_export
from conversas.providers import get_provider
from conversas.records.columns import to_row
from conversas.records.serialization import SCHEMA_VERSION
from conversas.sandbox import Sandbox
from support.examples import OUTCOMES, body_of
from support.generated import PROVIDERS
from support.processes import ROOT

CONVERSATIONS = int(os.environ.get("CONVERSAS_EXPORT_CONVERSATIONS", "300"))  # of the sandbox; 10000 by hand
REPORTED = sorted((ROOT / "tests" / "data" / "bodies").glob("*.json"))
EXTREMES = (
    b'{"id": 1, "duration": "10675199.02:48:05.4775807", "createdAt": "9998-12-31T23:59:59.9999999-14:00"}',
    b'{"id": 1, "duration": "-10675199.02:48:05.4775808", "createdAt": "0002-01-01T00:00:00+14:00", "score": 1}',
    b'{"id": 1, "createdAt": "0001-01-01T00:00:00+14:00", "finishedAt": "9999-12-31T23:59:59.9999999-14:00"}',
    b'{"id": 1, "createdAt": "1969-12-31T23:59:59.9999999Z", "messages": [{"createdAt": "0002-01-01T00:00:00Z"}]}',
)
EPOCH, MICROSECOND = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), datetime.timedelta(microseconds=1)
Rows = dict[str, dict[str, Any]]


def odd_bodies() -> Iterator[tuple[str, bytes]]:
    """Yield each odd body that is a conversation, with its provider."""
    for name in OUTCOMES:
        yield name.partition("/")[0], body_of(name)
    for file in REPORTED:
        yield file.name.partition("-")[0], file.read_bytes()
    for body in EXTREMES:
        yield "zild", body


def by_ref() -> dict[str, bytes]:
    """Return the odd bodies, each under an id of its own."""
    found = dict[str, bytes]()
    for number, (provider, body) in enumerate(odd_bodies(), start=100_000):
        try:
            own = decode(provider, body).id
        except DecodeError:
            continue
        found[f"{provider}:{number}"] = under_id(number, provider, body, own or "?")
    return found


def under_id(number: int, provider: str, body: bytes, own: str) -> bytes:
    """Return a body with another id, and every other byte as it is; one without an id stays as it is."""
    name = get_provider(provider).id_property.encode()
    pattern = re.compile(rb'("%b"\s*:\s*"?)%b' % (re.escape(name), re.escape(own.encode())))
    changed = (body[: at.end(1)] + b"%d" % number + body[at.end() :] for at in pattern.finditer(body))
    return next((each for each in changed if decode(provider, each).id == str(number)), body)  # others may have own ids


def plain(value: Any) -> Any:
    """Return a value of any reader: times as microseconds, and what is absent as None."""
    if value is None or value is pandas.NaT or value is pandas.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // MICROSECOND
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value  # of numpy


def rows(found: list[dict[str, Any]]) -> Rows:
    return {row["ref"]: plain(row) for row in found}


def of_duckdb(files: str) -> Rows:
    return rows(duckdb.sql(f"SET TimeZone = 'UTC'; SELECT * FROM '{files}'").to_arrow_table().to_pylist())


def of_polars(files: str) -> Rows:
    return rows(polars.read_parquet(files).to_dicts())


def of_pyarrow(files: str) -> Rows:
    return rows(pyarrow.parquet.read_table(Path(files).parent).to_pylist())


def of_pandas(files: str) -> Rows:
    frame = pandas.read_parquet(Path(files).parent, dtype_backend="pyarrow")
    return rows(frame.to_dict("records"))


READERS: list[Callable[[str], Rows]] = [of_duckdb, of_polars, of_pyarrow, of_pandas]


@pytest.fixture(scope="module", params=[False, True], ids=["snappy", "zstd"])
def exported(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Conversation]]:
    """Export to Parquet, and return the directory with the conversations that it must have."""
    folder, odd = tmp_path_factory.mktemp("agree") / "export", by_ref()
    many = [f"{('zild', 'superagentes')[number % 2]}:{number}" for number in range(1, CONVERSATIONS + 1)]
    with pytest.MonkeyPatch.context() as patch, Sandbox(bodies=odd) as sandbox:
        patch.setenv("NO_PROXY", "127.0.0.1")
        with Client(*map(sandbox.provider, PROVIDERS)) as client:
            summary = export([*odd, *many], to=folder, client=client, format="parquet", compress=request.param)
        assert (summary.fetched, summary.failed) == (len(odd) + len(many), 0)
        expected = {ref: decode(ref.partition(":")[0], sandbox.body(ref), ref=ref) for ref in (*odd, *many)}
    return folder, expected


def test_read_export_has_every_record_as_it_was_decoded(exported: tuple[Path, dict[str, Conversation]]) -> None:
    folder, expected = exported
    assert Export(folder).verify() == []
    found = {str(each.ref): each for each in read_export(folder)}
    assert found.keys() == expected.keys()
    assert [ref for ref, each in expected.items() if found[ref] != each] == []


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_has_every_column_of_every_row(
    exported: tuple[Path, dict[str, Conversation]], reader: Callable[[str], Rows]
) -> None:
    folder, expected = exported
    found = reader(str(folder / "parts" / "*.parquet"))
    wanted = rows([{"schema_version": SCHEMA_VERSION, **to_row(each)} for each in expected.values()])
    assert found.keys() == wanted.keys()
    assert [(ref, each, found[ref]) for ref, each in wanted.items() if found[ref] != each][:1] == []


def test_pandas_by_its_default_has_every_row_with_durations_as_floats(
    exported: tuple[Path, dict[str, Conversation]],
) -> None:
    folder, expected = exported
    found = rows(pandas.read_parquet(folder / "parts").to_dict("records"))
    wanted = rows([{"schema_version": SCHEMA_VERSION, **to_row(each)} for each in expected.values()])
    for row in (*found.values(), *wanted.values()):
        row["duration_us"] = None if row["duration_us"] is None else float(row["duration_us"])
    assert [(ref, each, found[ref]) for ref, each in wanted.items() if found[ref] != each][:1] == []
