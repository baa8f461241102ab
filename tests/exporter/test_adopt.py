"""Adoption: a manifest is rebuilt from sound parts, and nothing is lost on the way."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conversas import Export, ExportError, PartLimits
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, exported, files, outcomes

REFS = [f"zild:{number}" for number in range(1, 13)]
SMALL = PartLimits(max_conversations=4, max_seconds=600)
FORMATS = [{}, {"compress": True}, {"format": "parquet"}, {"raw": True}, {"raw": True, "format": "parquet"}]


def no_manifest(path: Path) -> None:
    path.unlink()


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def no_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"?" * 5000)


def without_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM outcomes")
        db.execute("DELETE FROM parts")


@pytest.mark.parametrize("spoil", [no_manifest, empty_file, no_database, without_rows])
@pytest.mark.parametrize("options", FORMATS)
def test_a_manifest_is_rebuilt_from_the_parts(
    run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any], spoil: Callable[[Path], None]
) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, ids=["3"])]
    run(REFS, part=SMALL, **options)
    columns = "ref, outcome, fingerprint, verdict, reasons, part" + (", sha256" if options.get("raw") else "")
    query = f"SELECT {columns} FROM outcomes"  # names of ours
    before, drift = ask(folder, query), Export(folder).drift().drifting
    spoil(folder / "manifest.sqlite")
    adoption = Export(folder).adopt()
    assert (adoption.parts, adoption.conversations, adoption.rejected) == (3, len(REFS), ())
    assert ask(folder, query) == before
    assert Export(folder).drift().drifting == (drift if options.get("raw") else 0)
    assert Export(folder).verify() == []
    requests = sandbox.counts.requests
    assert run(REFS).skipped == len(REFS)
    assert sandbox.counts.requests == requests


def test_an_older_manifest_is_completed(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["99"]), Rule(Fault.NOT_FOUND, ids=["98"])]
    run(REFS[:8], part=SMALL)
    older = (folder / "manifest.sqlite").read_bytes()
    run([*REFS, "zild:99"], part=SMALL)
    (folder / "manifest.sqlite").write_bytes(older)
    (body,) = (folder / "undecodable").iterdir()
    adoption = Export(folder).adopt()
    assert (adoption.parts, adoption.conversations) == (3, len(REFS))
    assert adoption.rejected == (f"undecodable/{body.name}",)
    assert (folder / "manifest.sqlite.old").read_bytes() == older


def test_failures_are_taken_over(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["99"])]
    run([*REFS, "zild:99"], part=SMALL)
    ask(folder, "DELETE FROM parts WHERE number = 3")
    ask(folder, "DELETE FROM outcomes WHERE part = 3")
    adoption = Export(folder).adopt()
    assert (adoption.conversations, adoption.rejected) == (len(REFS), ())
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched") | {"zild:99": "DecodeError"}
    assert Export(folder).verify() == []


def test_what_is_no_sound_part_is_named_and_left(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    (folder / "manifest.sqlite").unlink()
    damaged = folder / "parts" / "part-000002.jsonl"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    (folder / "parts" / "thesis.txt").write_text("years of work")
    before = {file: file.read_bytes() for file in files(folder) if file.name not in ("lock", "SHA256SUMS")}
    adoption = Export(folder).adopt()
    assert adoption.rejected == ("parts/part-000002.jsonl", "parts/thesis.txt", "raw/part-000002.zip")
    assert {file: file.read_bytes() for file in before} == before
    with pytest.raises(ExportError, match="contains other files"):
        run(REFS)
    for name in adoption.rejected:
        (folder / name).rename(folder / Path(name).name)
    assert run(REFS).fetched == 4
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_the_newest_version_of_a_conversation_is_taken(run: Any, folder: Path) -> None:
    run(REFS[:4])
    old = (folder / "parts" / "part-000001.jsonl").read_bytes()
    run(REFS[:4], refresh="all")
    (folder / "parts" / "part-000001.jsonl").write_bytes(old)
    (folder / "manifest.sqlite").unlink()
    assert Export(folder).adopt().conversations == 4
    run([])
    assert exported(folder) == dict.fromkeys(REFS[:4], 1)
    assert [path.name for path in (folder / "parts").iterdir()] == ["part-000002.jsonl"]


def test_an_export_that_lists_everything_is_not_adopted(run: Any, folder: Path) -> None:
    run(REFS)
    with pytest.raises(ExportError, match="has nothing to adopt: its manifest lists every file"):
        Export(folder).adopt()


@pytest.mark.parametrize("name", ["thesis.txt", "part-000001.jsonl", "part-000001.parquet"])
def test_a_directory_without_sound_parts_is_left_alone(folder: Path, name: str) -> None:
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / name).write_text("years of work")
    with pytest.raises(ExportError, match=r"nothing to adopt|no sound part"):
        Export(folder).adopt()
    assert [file.name for file in files(folder) if file.name != "lock"] == [name]


def test_a_url_or_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="has no directory parts, so there is nothing to adopt"):
        Export(tmp_path / "nothing").adopt()
