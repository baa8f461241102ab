"""An export holds what records say: every reader agrees on every row, and what is no conversation is fetched again."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet
import pytest

from conversas import Client, Conversation, Export, decode, export, read_export
from conversas.sandbox import Fault, Rule, Sandbox
from support.examples import OUTCOMES, body_of
from support.export_reader import outcomes

LONGEST = b'{"id": 991, "duration": "10675199.02:48:05.4775807", "createdAt": "9998-12-31T23:59:59.9999999-14:00"}'


@pytest.fixture
def every_example() -> dict[str, bytes]:
    """Return a body for each ref: all examples, each under an id of its own, and one of extreme values."""
    bodies = {f"{name.partition('/')[0]}:{number}": body_of(name) for number, name in enumerate(OUTCOMES, start=10)}
    return {**{ref: with_id_of(ref, body) for ref, body in bodies.items()}, "zild:991": LONGEST}


def with_id_of(ref: str, body: bytes) -> bytes:
    """Return a body with the id of a ref in the place of its own."""
    provider, _, id_ = ref.partition(":")
    own = decode(provider, body).id
    if own is None:
        return body
    key = re.compile(rb'("id"\s*:\s*"?)' + re.escape(own.encode()))
    replaced = key.sub(lambda match: match[1] + id_.encode(), body, count=1)
    assert decode(provider, replaced).id == id_, ref
    return replaced


def test_every_reader_agrees_on_every_row(tmp_path: Path, every_example: dict[str, bytes]) -> None:
    with Sandbox(bodies=every_example) as sandbox, Client(sandbox.zild, sandbox.superagentes) as client:
        refs = [
            *every_example,
            *(f"{provider}:{n}" for provider in ("zild", "superagentes") for n in range(1000, 1050)),
        ]
        export(refs, to=tmp_path / "export", client=client, format="parquet")
        expected = {ref: decode(ref.partition(":")[0], sandbox.body(ref), ref=ref) for ref in refs}
    assert Export(tmp_path / "export").verify() == []
    read = {str(each.ref): each for each in read_export(tmp_path / "export")}
    assert {ref: facts(each) for ref, each in read.items()} == {ref: facts(each) for ref, each in expected.items()}
    assert read == expected
    parts = str(tmp_path / "export" / "parts" / "*.parquet")
    query = f"SELECT ref, duration_us, epoch_us(created_at), len(messages) FROM '{parts}'"
    found = {ref: tuple(row) for ref, *row in duckdb.sql(query).fetchall()}
    assert found == {ref: facts(each) for ref, each in expected.items()}
    frame = polars.read_parquet(parts)
    columns = frame.select(
        "ref", "duration_us", polars.col("created_at").dt.epoch("us"), polars.col("messages").list.len()
    )
    assert {ref: tuple(row) for ref, *row in columns.rows()} == found
    table = pyarrow.parquet.read_table(tmp_path / "export" / "parts")
    assert sorted(table.column("ref").to_pylist()) == sorted(refs)


def facts(conversation: Conversation) -> tuple[int | None, int | None, int]:
    duration, created = conversation.duration, conversation.created_at
    microseconds = (
        None if duration is None else (duration.days * 86_400 + duration.seconds) * 10**6 + duration.microseconds
    )
    return microseconds, None if created is None else epoch_us(created), len(conversation.messages)


def epoch_us(time: Any) -> int:
    return (time.toordinal() - 719_163) * 86_400 * 10**6 + (
        ((time.hour * 60 + time.minute) * 60 + time.second) * 10**6
        + time.microsecond
        - round(time.utcoffset().total_seconds()) * 10**6
    )


@pytest.mark.parametrize("fault", [Fault.ERROR_BODY, Fault.ENVELOPE, Fault.PASCAL_CASE])
def test_what_is_no_conversation_is_fetched_again_and_its_body_kept(tmp_path: Path, fault: Fault) -> None:
    folder = tmp_path / "export"
    with Sandbox(rules=[Rule(fault, ids=["2"])]) as sandbox, Client(sandbox.zild) as client:
        first = export(["zild:1", "zild:2"], to=folder, client=client, raw=True)
        assert (first.fetched, first.failed) == (1, 1)
        assert outcomes(folder)["zild:2"] == "DecodeError"
        kept = [file.read_bytes() for file in folder.rglob("*") if file.is_file() and "undecodable" in str(file)]
        assert [isinstance(json.loads(body), dict) for body in kept] == [True]
        sandbox.rules = []
        assert export(["zild:1", "zild:2"], to=folder, client=client, raw=True).fetched == 1
    assert {str(each.ref) for each in read_export(folder)} == {"zild:1", "zild:2"}
