"""Verification finds every change of an export, and lists the refs to fetch again."""

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conversas import ConversasError, Export, ExportError, PartLimits
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import PROGRAM, environment
from support.export_reader import ask, exported, files
from support.requirements import skip_unless_required

REFS = [f"zild:{number}" for number in range(1, 8)]


def texts(folder: Path) -> list[str]:
    return [problem.text for problem in Export(folder).verify()]


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"format": "parquet"}])
def test_each_flipped_byte_in_any_file_is_found(
    run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any]
) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["3"])]
    run(REFS, raw=True, part=PartLimits(max_conversations=4), **options)
    assert Export(folder).verify() == []
    chance = random.Random(7)
    for file in files(folder):
        whole = file.read_bytes()
        places = {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(10))} if whole else set[int]()
        for place in places:
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
            assert is_found(folder), (file, place)
        file.write_bytes(whole)
    assert Export(folder).verify() == []


def is_found(folder: Path) -> bool:
    try:
        return Export(folder).verify() != []
    except ConversasError:
        return True


def test_what_is_damaged_is_fetched_again(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=PartLimits(max_conversations=3))
    damaged, gone, *_ = sorted((folder / "parts").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1])
    gone.unlink()
    problems = Export(folder).verify()
    assert [problem.text for problem in problems] == [
        "parts/part-000001.jsonl is missing or damaged",
        "parts/part-000002.jsonl is missing or damaged",
    ]
    refs = sorted(ref for problem in problems for ref in problem.refs)
    assert len(refs) == 6
    run(refs, refresh="all")
    assert Export(folder).verify() == []
    assert exported(folder) == dict.fromkeys(REFS, 1)


def test_a_manifest_that_says_otherwise_is_found(run: Any, folder: Path) -> None:
    run(REFS, raw=True)
    ask(folder, f"UPDATE outcomes SET sha256 = '{'0' * 64}' WHERE ref = 'zild:1'")
    assert "raw/part-000001.zip does not hold the bodies that the manifest lists" in texts(folder)
    ask(folder, "UPDATE outcomes SET ref = 'zild:99' WHERE ref = 'zild:1'")
    problem = "parts/part-000001.jsonl does not hold the conversations that the manifest lists; run the export again"
    assert problem in texts(folder)
    ask(folder, "UPDATE parts SET conversations = 99")
    assert "parts/part-000001.jsonl holds the wrong number of conversations: 7, expected 99" in texts(folder)
    assert texts(folder)[0] == "manifest.sqlite or SHA256SUMS was changed after the last run; export to a new directory"


def test_a_folder_that_cannot_be_written_is_verified(run: Any, folder: Path) -> None:
    run(REFS)
    if os.getuid() != 0:
        skip_unless_required("a folder can be mounted by root alone")
    mount = ["unshare", "--mount", "sh", "-euc", 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; "$@"']
    command = [*mount, "-", str(folder), *PROGRAM, "verify", str(folder)]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "OK: every file matches the manifest\n")


def test_a_folder_without_a_lock_is_verified(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "lock").unlink()
    assert Export(folder).verify() == []


def test_a_run_that_did_not_end_is_told(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "SHA256SUMS").unlink()
    assert texts(folder) == ["SHA256SUMS is missing: the last run did not finish; run the export again"]
    run(REFS)
    assert Export(folder).verify() == []


def test_a_file_too_many_is_told(run: Any, folder: Path) -> None:
    run(REFS)
    shutil.copy(folder / "parts" / "part-000001.jsonl", folder / "parts" / "part-000002.jsonl")
    advice = f"move it away, or run conversas adopt {folder}"
    assert texts(folder) == [f"parts/part-000002.jsonl is not in the manifest, and no run deletes it; {advice}"]


def test_a_file_of_a_run_that_was_killed_is_told(run: Any, folder: Path) -> None:
    run(REFS)
    ask(folder, "INSERT INTO open_files VALUES ('raw/part-000002.zip', 2, 0)")
    (folder / "raw" / "part-000002.zip.tmp").touch()
    assert "raw/part-000002.zip.tmp was left by a run that did not finish; the next run deletes it" in texts(folder)
    run(REFS)
    assert not (folder / "raw" / "part-000002.zip.tmp").exists()
    assert Export(folder).verify() == []


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is not an export"):
        Export(tmp_path).verify()
