"""Tables of an export: Arrow, Polars and pandas, with a row for each conversation or for each message."""

import sys
from pathlib import Path
from typing import Any

import polars
import pyarrow
import pyarrow.parquet
import pytest

from conversas import ConfigurationError, Export, ExportError, PartLimits, arrow, read_export
from conversas.sandbox import Fault, Rule, Sandbox

REFS = [f"zild:{number}" for number in range(1, 21)] + ["superagentes:a", "superagentes:b"]
FORMS: list[dict[str, Any]] = [{}, {"compress": True}, {"format": "parquet"}, {"format": "parquet", "original": True}]
each_form = pytest.mark.parametrize("options", FORMS, ids=["lines", "zstd", "parquet", "parquet with originals"])


@each_form
def test_each_conversation_is_a_row_with_the_columns_of_parquet(
    run: Any, folder: Path, options: dict[str, Any]
) -> None:
    run(REFS, part=PartLimits(max_conversations=5), **options)
    table = Export(folder).to_arrow()
    assert table.schema.equals(arrow.schema())
    assert by_ref(table) == by_ref(arrow.to_table(read_export(folder)))
    assert len(table) == len(REFS)


def by_ref(table: Any) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: str(row["ref"]))


def test_lines_and_parquet_give_the_same_table(run: Any, folder: Path, tmp_path: Path) -> None:
    run(REFS)
    run(REFS, to=tmp_path / "parquet", format="parquet")
    assert by_ref(Export(folder).to_arrow()) == by_ref(Export(tmp_path / "parquet").to_arrow())
    parts = pyarrow.parquet.read_table(tmp_path / "parquet" / "parts")
    assert by_ref(Export(folder).to_arrow()) == by_ref(parts)


@each_form
def test_each_message_is_a_row_with_its_ref_and_position(run: Any, folder: Path, options: dict[str, Any]) -> None:
    run(REFS, part=PartLimits(max_conversations=7), **options)
    rows = Export(folder).to_arrow("messages").to_pylist()
    expected = [
        (str(conversation.ref), position, message.id, message.text, message.sent_at, len(message.attachments))
        for conversation in read_export(folder)
        for position, message in enumerate(conversation.messages)
    ]
    assert [
        (row["ref"], row["position"], row["id"], row["text"], row["sent_at"], len(row["attachments"])) for row in rows
    ] == expected
    assert len(expected) > len(REFS)


def test_polars_and_pandas_have_the_same_rows(run: Any, folder: Path) -> None:
    run(REFS, format="parquet")
    export = Export(folder)
    messages = export.to_arrow("messages")
    assert export.to_polars("messages").equals(polars.from_arrow(messages))
    frame = export.to_pandas()
    assert str(frame.dtypes["duration_us"]) == "int64[pyarrow]"
    assert sorted(frame["ref"]) == sorted(REFS)
    assert len(export.to_pandas("messages")) == len(messages)


def test_what_was_replaced_is_in_no_table(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(REFS, format="parquet")
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["3"])]
    run(REFS, refresh="all")
    Export(folder).erase(["zild:4"])
    table = Export(folder).to_arrow()
    assert sorted(table.column("ref").to_pylist()) == sorted(set(REFS) - {"zild:4"})


def test_an_export_without_conversations_is_an_empty_table(run: Any, folder: Path) -> None:
    run([])
    assert (len(Export(folder).to_arrow()), len(Export(folder).to_arrow("messages"))) == (0, 0)


@each_form
def test_batches_come_as_the_parts_are_read(run: Any, folder: Path, options: dict[str, Any]) -> None:
    run(REFS, part=PartLimits(max_conversations=10), **options)
    _, second, _ = sorted((folder / "parts").iterdir())
    second.unlink()
    batches = Export(folder).to_batches()
    assert next(batches).num_rows == 10
    with pytest.raises(ExportError):
        next(batches)


def test_other_rows_are_a_configuration_error(run: Any, folder: Path) -> None:
    run(REFS[:1])
    with pytest.raises(ConfigurationError, match="rows must be conversations or messages, got 'message'"):
        Export(folder).to_arrow("message")  # type: ignore[arg-type]


def test_a_damaged_part_is_an_export_error(run: Any, folder: Path) -> None:
    run(REFS, format="parquet")
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(part.read_bytes() + b"\0")
    with pytest.raises(ExportError, match="is damaged; run conversas verify"):
        Export(folder).to_arrow()


def test_a_library_that_is_missing_is_named(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(REFS[:1])
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(
        ConfigurationError, match=r"to_polars needs polars, which is not installed: run pip install polars$"
    ):
        Export(folder).to_polars()
