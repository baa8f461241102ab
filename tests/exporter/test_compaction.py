"""A part of which a newer version was fetched is written anew: with its twin, and so that nothing is lost meanwhile."""

import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conversas import ExportError, PartLimits
from conversas.exporter.manifest import Manifest
from conversas.exporter.verify import verify
from support.export_reader import ask, exported, outcomes

REFS = [f"zild:{number}" for number in range(1, 13)]
SMALL = PartLimits(conversations=4, seconds=600)


def members(folder: Path) -> list[zipfile.ZipInfo]:
    """Return the members of all raw archives."""
    found = list[zipfile.ZipInfo]()
    for twin in (folder / "raw").iterdir():
        with zipfile.ZipFile(twin) as archive:
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
    assert verify(folder) == []


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"format": "parquet"}])
def test_a_part_that_is_written_anew_keeps_the_bodies_of_its_conversations(
    run: Any, folder: Path, options: dict[str, Any]
) -> None:
    run(REFS, raw=True, part=SMALL, **options)
    run([REFS[0], REFS[5]], refresh="all")
    assert Counter(member.filename for member in members(folder)) == dict.fromkeys(map(member_of, REFS), 1)
    assert len(list((folder / "raw").iterdir())) == len(list((folder / "parts").iterdir()))
    assert verify(folder) == []


def member_of(ref: str) -> str:
    return f"{ref.replace(':', '/')}.json"


@pytest.mark.parametrize(("compress", "method"), [(False, zipfile.ZIP_STORED), (True, zipfile.ZIP_DEFLATED)])
def test_bodies_are_compressed_as_the_folder_is_also_where_they_are_written_anew(
    run: Any, folder: Path, *, compress: bool, method: int
) -> None:
    run(REFS, raw=True, compress=compress, part=SMALL)
    assert {member.compress_type for member in members(folder)} == {method}
    run(REFS[:1], refresh="all")
    assert {member.compress_type for member in members(folder)} == {method}


def test_what_a_damaged_twin_held_is_failed_where_only_some_of_it_is_fetched_again(run: Any, folder: Path) -> None:
    run(REFS, raw=True)
    (twin,) = (folder / "raw").iterdir()
    twin.write_bytes(twin.read_bytes().replace(b"content", b"CONTENT", 1))
    run(REFS[:1], refresh="all")
    assert outcomes(folder) == {REFS[0]: "fetched"} | dict.fromkeys(REFS[1:], "ExportError")
    assert verify(folder) == []
    run(REFS)
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_a_part_without_the_twin_that_it_should_have_is_told_and_mended(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    ask(folder, "UPDATE parts SET raw_name = NULL, raw_sha256 = NULL WHERE number = 2")
    (problem,) = (each for each in verify(folder) if each.refs)
    assert problem.text == "parts/part-000002.jsonl has no twin in raw"
    assert len(problem.refs) == 4
    run(problem.refs, refresh="all")
    assert Counter(member.filename for member in members(folder)) == dict.fromkeys(map(member_of, REFS), 1)
    assert verify(folder) == []


@pytest.mark.parametrize("name", ["raw/part-000009.zip", "raw/part-000001.zip.tmp", "undecodable/0.body"])
def test_a_file_too_many_beside_the_parts_is_told_and_swept_by_the_next_run(run: Any, folder: Path, name: str) -> None:
    run(REFS, raw=True)
    (folder / name).write_bytes(b"")
    assert [problem.text for problem in verify(folder)] == [f"{name} is not in the manifest: the next run deletes it"]
    run(REFS)
    assert not (folder / name).exists()
    assert verify(folder) == []
