"""Exports as other programs read them: DuckDB, Polars, PyArrow, a validator of JSON Schema."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import jsonschema_rs
import polars
import pyarrow.parquet
import pytest

from conversas import Conversation, decode
from conversas.records.columns import to_row
from conversas.sandbox import Sandbox
from support.export_reader import lines
from support.processes import ROOT

REFS = [f"zild:{number}" for number in range(1, 41)] + [f"superagentes:{number}" for number in range(20)]
SCHEMA = json.loads((ROOT / "openapi" / "neutral" / "conversation.schema.json").read_text("utf-8"))
DOCUMENTED = (ROOT / "docs" / "export-format.md").read_text("utf-8")


@pytest.fixture
def conversations(sandbox: Sandbox) -> list[Conversation]:
    return [decode(ref.partition(":")[0], sandbox.body(ref), ref=ref) for ref in REFS]


def test_each_line_is_by_the_published_schema(run: Any, folder: Path) -> None:
    run(REFS)
    validator = jsonschema_rs.validator_for(SCHEMA)
    assert [error.message for line in lines(folder) for error in validator.iter_errors(line)] == []


@pytest.mark.parametrize("compress", [False, True])
def test_three_programs_read_the_parquet_parts(
    run: Any, folder: Path, conversations: list[Conversation], *, compress: bool
) -> None:
    run(REFS, format="parquet", compress=compress)
    parts = str(folder / "parts" / "*.parquet")
    expected = sorted((str(each.ref), each.created_at, len(each.messages)) for each in conversations)
    query = f"SELECT ref, created_at AT TIME ZONE 'UTC', len(messages) FROM '{parts}' ORDER BY ref"
    found = duckdb.sql(query).fetchall()
    assert found == [(ref, time and time.replace(tzinfo=None), count) for ref, time, count in expected]
    frame = polars.read_parquet(parts).sort("ref")
    assert frame.select("ref", "created_at", polars.col("messages").list.len()).rows() == expected
    (part,) = (folder / "parts").iterdir()
    rows = pyarrow.parquet.read_table(part).to_pylist()
    assert sorted(rows, key=_ref) == sorted((to_row(each) for each in conversations), key=_ref)


def _ref(row: dict[str, Any]) -> str:
    return str(row["ref"])


def test_the_columns_are_the_documented_ones(run: Any, folder: Path) -> None:
    run(REFS[:1], format="parquet")
    (part,) = (folder / "parts").iterdir()
    _, _, table = DOCUMENTED.partition("| column | type |\n|---|---|\n")
    assert [*columns(pyarrow.parquet.read_schema(part), "")] == table.partition("\n\n")[0].splitlines()


def columns(fields: Any, above: str) -> Iterator[str]:
    """Yield each column as the page has it: `messages[].text`."""
    for field in fields:
        is_list = pyarrow.types.is_list(field.type)
        kind, name = (field.type.value_type if is_list else field.type), f"{above}{field.name}{'[]' * is_list}"
        if pyarrow.types.is_struct(kind):
            yield from columns(map(kind.field, range(kind.num_fields)), f"{name}.")
        else:
            yield f"| `{name}` | `{kind}` |"


def test_duckdb_reads_the_lines_and_their_compressed_form(run: Any, folder: Path, tmp_path: Path, client: Any) -> None:
    run(REFS)
    run(REFS, to=tmp_path / "compressed", compress=True)
    for parts in (folder / "parts" / "*.jsonl", tmp_path / "compressed" / "parts" / "*.jsonl.zst"):
        query = f"SELECT count(*), count(DISTINCT ref), sum(len(messages)) > 0 FROM read_json('{parts}')"
        assert duckdb.sql(query).fetchall() == [(len(REFS), len(REFS), True)]


def test_a_duration_is_a_number_of_microseconds() -> None:
    row = to_row(Conversation(provider="zild", duration=timedelta(minutes=1, milliseconds=500)))
    assert row["duration_us"] == 60_500_000
    assert to_row(Conversation(provider="zild"))["duration_us"] is None
