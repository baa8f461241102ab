"""Repair: damage is told and counted, what is sound is kept, the rest is fetched again, and nothing is thrown away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conversas import Export, PartLimits
from support.export_reader import exported, outcomes

REFS = [f"zild:{number}" for number in range(1, 13)]
SMALL = PartLimits(max_conversations=4, max_seconds=600)
FORMATS = [{}, {"compress": True}, {"format": "parquet"}, {"format": "parquet", "compress": True}]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def extend(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"trailing garbage")


def blank(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 40] = b"?" * 40
    path.write_bytes(bytes(whole) + b"\n")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [cut, extend, blank, empty, Path.unlink])
@pytest.mark.parametrize("options", FORMATS)
def test_a_damaged_part_is_told_repaired_and_kept_aside(
    run: Any, folder: Path, options: dict[str, Any], spoil: Callable[[Path], None]
) -> None:
    run(REFS, raw=True, part=SMALL, **options)
    part = sorted((folder / "parts").iterdir())[1]
    spoil(part)
    damaged = part.read_bytes() if part.exists() else None
    summary = run(REFS)
    assert summary.damaged == 1
    assert summary.fetched == summary.lost <= 4
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched")
    assert {str(conversation.ref) for conversation in Export(folder).conversations()} == set(REFS)
    assert Export(folder).verify() == []
    kept = [file for file in (folder / "damaged").iterdir() if file.name == part.name] if damaged is not None else []
    assert [file.read_bytes() for file in kept] == ([] if damaged is None else [damaged])
    assert run(REFS).damaged == 0


def test_the_sound_lines_of_a_damaged_part_are_kept(run: Any, folder: Path) -> None:
    run(REFS)
    (part,) = (folder / "parts").iterdir()
    cut(part)
    summary = run([])
    assert (summary.damaged, 0 < summary.lost < len(REFS)) == (1, True)
    assert list(outcomes(folder).values()).count("fetched") == len(REFS) - summary.lost
    assert Export(folder).verify() == []
    assert run(REFS).fetched == summary.lost
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_damage_that_leaves_the_size_is_found_when_the_part_is_rewritten(run: Any, folder: Path) -> None:
    run(REFS)
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(part.read_bytes().replace(b"zild", b"dliz", 1))  # of the first conversation
    summary = run(REFS[5:6], refresh="all")
    assert (summary.damaged, summary.lost) == (1, 1)
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched") | {REFS[0]: "ExportError"}
    assert (folder / "damaged" / part.name).exists()
    assert Export(folder).verify() == []
    run(REFS)
    assert exported(folder) == dict.fromkeys(REFS, 1)


@pytest.mark.parametrize("spoil", [cut, extend, empty, Path.unlink])
def test_a_damaged_raw_archive_costs_no_conversation(run: Any, folder: Path, spoil: Callable[[Path], None]) -> None:
    run(REFS, raw=True)
    (archive,) = (folder / "raw").iterdir()
    spoil(archive)
    summary = run([])
    assert summary.damaged == 1
    assert outcomes(folder) == dict.fromkeys(REFS, "fetched")
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).verify() == []
    assert run(REFS).fetched == summary.lost
    assert Export(folder).verify() == []


def test_two_damaged_files_of_one_name_are_both_kept(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "damaged").mkdir()
    (folder / "damaged" / "part-000001.jsonl").write_text("of an earlier run")
    cut(folder / "parts" / "part-000001.jsonl")
    run(REFS)
    assert sorted(path.name for path in (folder / "damaged").iterdir()) == ["part-000001.jsonl", "part-000001.jsonl.1"]
