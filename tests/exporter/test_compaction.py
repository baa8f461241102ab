"""Compaction: stale parts are rewritten with their raw archives, and nothing is lost in between."""

import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conversas import Export, ExportError, PartLimits
from conversas.exporter.manifest import Manifest
from support.export_reader import ask, exported, outcomes

REFS = [f"zild:{number}" for number in range(1, 13)]
SMALL = PartLimits(max_conversations=4, max_seconds=600)


def members(folder: Path) -> list[zipfile.ZipInfo]:
    """Return the members of all raw archives."""
    found = list[zipfile.ZipInfo]()
    for path in (folder / "raw").iterdir():
        with zipfile.ZipFile(path) as archive:
            found += archive.infolist()
    return found


def refuse(*_: object) -> NoReturn:
    raise ExportError("the disk is full")


@pytest.mark.parametrize("again", [2, len(REFS)])
def test_no_file_goes_before_the_manifest_names_another_one(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, again: int
) -> None:
    run(REFS, raw=True, part=SMALL)
    with monkeypatch.context() as patched:
        patched.setattr(Manifest, "replace_part", refuse)
        with pytest.raises(ExportError, match="the disk is full"):
            run(REFS[:again], refresh="all", part=SMALL)
    with closing(Manifest.open(folder / "manifest.sqlite")) as manifest:
        named = dict(manifest.files())
    assert [name for name in named if not (folder / name).is_file()] == []
    run(REFS)
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).verify() == []


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"format": "parquet"}])
def test_a_part_that_is_rewritten_keeps_the_bodies_of_its_conversations(
    run: Any, folder: Path, options: dict[str, Any]
) -> None:
    run(REFS, raw=True, part=SMALL, **options)
    run([REFS[0], REFS[5]], refresh="all")
    assert Counter(member.filename for member in members(folder)) == dict.fromkeys(map(member_name, REFS), 1)
    assert len(list((folder / "raw").iterdir())) == len(list((folder / "parts").iterdir()))
    assert Export(folder).verify() == []


def member_name(ref: str) -> str:
    return f"{ref.replace(':', '/')}.json"


@pytest.mark.parametrize(("compress", "method"), [(False, zipfile.ZIP_STORED), (True, zipfile.ZIP_DEFLATED)])
def test_bodies_are_compressed_as_the_folder_is_also_when_they_are_rewritten(
    run: Any, folder: Path, *, compress: bool, method: int
) -> None:
    run(REFS, raw=True, compress=compress, part=SMALL)
    assert {member.compress_type for member in members(folder)} == {method}
    run(REFS[:1], refresh="all")
    assert {member.compress_type for member in members(folder)} == {method}


def test_a_conversation_stays_if_its_body_in_the_raw_archive_is_damaged_and_the_next_run_fetches_it(
    run: Any, folder: Path
) -> None:
    run(REFS, raw=True)
    (archive,) = (folder / "raw").iterdir()
    archive.write_bytes(archive.read_bytes().replace(b"content", b"CONTENT", 1))  # of the first body
    summary = run(REFS[5:6], refresh="all")
    assert (summary.damaged, summary.lost) == (1, 1)
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched")
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).verify() == []
    assert run(REFS).fetched == 1
    assert Counter(member.filename for member in members(folder)) == dict.fromkeys(map(member_name, REFS), 1)
    assert Export(folder).verify() == []


def test_a_part_without_its_raw_archive_is_reported_and_repaired(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    ask(folder, "UPDATE parts SET raw_name = NULL, raw_sha256 = NULL WHERE number = 2")
    (folder / "raw" / "part-000002.zip").unlink()
    (problem,) = (each for each in Export(folder).verify() if each.refs)
    assert problem.text == "parts/part-000002.jsonl has no raw archive"
    assert len(problem.refs) == 4
    run(problem.refs, refresh="all")
    assert Counter(member.filename for member in members(folder)) == dict.fromkeys(map(member_name, REFS), 1)
    assert Export(folder).verify() == []
