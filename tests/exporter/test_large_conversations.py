"""Large conversations: what a client takes can be exported and read again, and row groups count bytes."""

import json
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet as pq
import pytest

from conversas import Client, Export, PartLimits, export, read_export
from conversas.client.settings import MAX_BODY_BYTES
from conversas.exporter.formats import limits, parquet
from conversas.sandbox import Sandbox
from support.export_reader import outcomes

PATIENT = PartLimits(max_mib=1_000, max_seconds=600)
FORMS: list[dict[str, Any]] = [{}, {"compress": True}, {"format": "parquet"}, {"format": "parquet", "compress": True}]
each_form = pytest.mark.parametrize("options", FORMS, ids=["lines", "zstd", "parquet", "parquet with zstd"])


def body_of_size(size: int) -> bytes:
    """Return a body of so many bytes, whose first message has nearly all of them."""
    body = json.loads(Sandbox().body("superagentes:1"))
    body["messages"][0]["text"] = ""
    body["messages"][0]["text"] = "x" * (size - len(json.dumps(body)))
    return json.dumps(body).encode()


def messages_of_size(size: int) -> bytes:
    body = json.loads(Sandbox().body("superagentes:1"))
    message = json.dumps(body["messages"][0])
    del body["id"]
    body["messages"] = []
    return json.dumps(body).replace("[]", f"[{', '.join([message] * (size // len(message)))}]", 1).encode()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@each_form
def test_the_largest_body_that_a_client_takes_is_exported_and_read_again(folder: Path, options: dict[str, Any]) -> None:
    body = body_of_size(MAX_BODY_BYTES)
    assert len(body) == MAX_BODY_BYTES
    with Sandbox(bodies={"superagentes:1": body}) as sandbox, Client(sandbox.superagentes) as client:
        assert export(["superagentes:1", "superagentes:2"], to=folder, client=client, raw=True, **options).fetched == 2
        assert export(["superagentes:2"], to=folder, client=client, refresh="all").fetched == 1  # rewrites the part
    assert Export(folder).verify() == []
    lengths = [len(message.text or "") for each in read_export(folder) for message in each.messages]
    assert max(lengths) > MAX_BODY_BYTES - 100_000


def test_row_groups_count_bytes_also_after_a_part_is_rewritten(folder: Path) -> None:
    refs = [f"superagentes:{number}" for number in range(18)]
    bodies = dict.fromkeys(refs, messages_of_size(1024 * 1024))
    with Sandbox(bodies=bodies) as sandbox, Client(sandbox.superagentes) as client:
        export(refs, to=folder, client=client, format="parquet", part=PATIENT)
        check_groups(folder, 1)
        export(refs[:1], to=folder, client=client, refresh="all", part=PATIENT)
        check_groups(folder, 2)
    parts = str(folder / "parts" / "*.parquet")
    assert duckdb.sql(f"SELECT count(DISTINCT ref), min(len(messages)) > 1000 FROM '{parts}'").fetchall() == [
        (len(refs), True)
    ]
    assert polars.read_parquet(parts).get_column("messages").list.len().sum() > 1_000 * len(refs)
    assert sum(len(conversation.messages) for conversation in read_export(folder)) > 1_000 * len(refs)


def check_groups(folder: Path, parts: int) -> None:
    """Check that no row group is larger than the limit and one conversation, and that they are not tiny either."""
    files = [pq.ParquetFile(part) for part in (folder / "parts").iterdir()]
    assert len(files) == parts
    sizes = [file.read_row_group(number).nbytes for file in files for number in range(file.num_row_groups)]
    assert max(sizes) < 2 * parquet.GROUP_BYTES  # one conversation more, and as read, they are a little larger
    assert 1 < len(sizes) <= 8


@each_form
def test_a_conversation_larger_than_can_be_read_again_is_a_failure(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 64 * 1024)
    bodies = {"superagentes:1": body_of_size(64 * 1024 + 1), "superagentes:2": messages_of_size(60 * 1024)}
    with Sandbox(bodies=bodies) as sandbox, Client(sandbox.superagentes) as client:
        export([*bodies, "superagentes:3"], to=folder, client=client, **options)
    assert outcomes(folder) == dict.fromkeys(bodies, "BodyTooLargeError") | {"superagentes:3": "fetched"}
    (reason,) = {failure.reason for failure in Export(folder).failures()}
    assert reason == "the conversation is larger than a part can hold (256 MiB); get it with client.get"
    assert len(list(read_export(folder))) == 1


@each_form
@pytest.mark.parametrize(("size", "outcome"), [(20 * 1024, "fetched"), (40 * 1024, "BodyTooLargeError")])
def test_the_original_counts_as_well(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], size: int, outcome: str
) -> None:
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 64 * 1024)
    with Sandbox(bodies={"superagentes:1": body_of_size(size)}) as sandbox, Client(sandbox.superagentes) as client:
        export(["superagentes:1"], to=folder, client=client, original=True, **options)
    assert outcomes(folder) == {"superagentes:1": outcome}
    assert Export(folder).verify() == []
