"""Durability: files and their names on the disk when a run is killed or the disk fails."""

import contextlib
import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conversas import Export, ExportError, PartLimits
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import OutcomeRow, Part, Values, to_values
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import exported, files, outcomes

REFS = [f"zild:{number}" for number in range(1, 11)]
ROW = OutcomeRow(ref="zild:1", outcome="fetched", time="2026-01-01T00:00:00.000000+00:00", part=1)
PART = Part(number=1, name="parts/part-000001.jsonl", sha256="0" * 64, bytes=1, conversations=1)


# The start


def lock(folder: Path) -> None:
    (folder / "lock").touch()


def one_folder(folder: Path) -> None:
    lock(folder)
    (folder / "parts").mkdir()


KILLED = """
import os, signal, sys
from pathlib import Path
from conversas.exporter.directory import ExportDirectory
directory = ExportDirectory(Path(sys.argv[1]))
directory.create()
with directory.exclusive_lock():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def journal_of_the_lock(folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL


def folders(folder: Path) -> None:
    one_folder(folder)
    (folder / "raw").mkdir()
    (folder / "undecodable").mkdir()


def empty_manifest(folder: Path) -> None:
    one_folder(folder)
    (folder / "manifest.sqlite").touch()


@pytest.mark.parametrize("leave", [lock, one_folder, folders, journal_of_the_lock, empty_manifest])
def test_a_kill_at_the_very_start_leaves_what_is_exported_into(
    run: Any, folder: Path, leave: Callable[[Path], None]
) -> None:
    folder.mkdir()
    leave(folder)
    run(REFS)
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).verify() == []


class Cut(dict[str, str]):
    """Settings that raise in the middle."""

    def items(self) -> Any:
        yield "format", "jsonl"
        raise KeyboardInterrupt


def test_a_manifest_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "manifest.sqlite"
    with pytest.raises(KeyboardInterrupt):
        Manifest.create(path, Cut())
    assert not Manifest.exists(path)
    with closing(Manifest.create(path, {"format": "jsonl"})) as manifest:
        assert manifest.settings == {"format": "jsonl"}


def test_a_folder_that_was_open_to_others_is_closed_to_them(run: Any, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    run(REFS[:1])
    assert folder.stat().st_mode & 0o777 == 0o700


# A commit


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    """Create a manifest with one row in one part."""
    with closing(Manifest.create(tmp_path / "manifest.sqlite", {})) as manifest:
        manifest.commit([to_values(ROW)], PART, {})
        yield manifest


def test_rows_are_not_committed_without_their_part(manifest: Manifest) -> None:
    with pytest.raises(ExportError, match="UNIQUE constraint failed"):
        manifest.commit([to_values(evolve(ROW, ref="zild:2"))], PART, {})
    assert [row.ref for row in manifest.rows()] == ["zild:1"]
    assert manifest.parts() == [PART]


def test_a_part_is_not_committed_without_its_rows(manifest: Manifest) -> None:
    def rows() -> Iterator[Values]:
        yield to_values(evolve(ROW, ref="zild:2", part=2))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        manifest.commit(rows(), evolve(PART, number=2), {})
    assert [row.ref for row in manifest.rows()] == ["zild:1"]
    assert manifest.parts() == [PART]


def test_a_part_is_not_replaced_by_halves(manifest: Manifest) -> None:
    def lost() -> Iterator[OutcomeRow]:
        yield evolve(ROW, outcome="failed", part=None)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        manifest.replace_part(PART, evolve(PART, number=2), lost())
    assert list(manifest.rows()) == [ROW]
    assert manifest.parts() == [PART]


# The end


def test_a_run_that_is_interrupted_leaves_no_checksums(run: Any, folder: Path) -> None:
    def refs() -> Iterator[str]:
        yield "zild:11"
        raise KeyboardInterrupt

    run(REFS)
    assert Export(folder).status().complete is True
    with pytest.raises(KeyboardInterrupt):
        run(refs())
    assert Export(folder).status().complete is False
    assert not (folder / "SHA256SUMS").exists()


def test_an_error_of_the_disk_ends_a_run_at_once(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run(REFS)
    hindrance = hindrance_of(folder, sandbox)
    with pytest.raises(ExportError, match="File exists; fix that"):
        run(
            hindered([REFS[0], "zild:99"], hindrance),
            refresh="all",
            concurrency=1,
            part=PartLimits(max_conversations=1),
        )
    assert exported(folder) == dict.fromkeys(REFS, 1) | {REFS[0]: 2}  # nothing is compacted
    assert Export(folder).status().complete is False
    hindrance.rmdir()
    run(REFS)
    assert exported(folder) == dict.fromkeys(REFS, 1)
    assert Export(folder).status().complete is True
    assert Export(folder).verify() == []


def test_a_part_that_is_given_up_is_deleted(run: Any, folder: Path, sandbox: Sandbox) -> None:
    run([], raw=True)
    hindrance, before = hindrance_of(folder, sandbox), files(folder)
    with pytest.raises(ExportError, match="File exists; fix that"):
        run(hindered([*REFS, "zild:99"], hindrance), concurrency=1)
    assert [file for file in files(folder) if file not in before] == []
    assert outcomes(folder) == {}
    hindrance.rmdir()
    assert run(REFS).fetched == len(REFS)
    assert Export(folder).verify() == []


def hindrance_of(folder: Path, sandbox: Sandbox) -> Path:
    """Make zild:99 undecodable, and return the path that its body has while it is written."""
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["99"])]
    body = sandbox.body("zild:99")
    return folder / "undecodable" / f"{hashlib.sha256(body[: len(body) // 2]).hexdigest()}.body.tmp"


def hindered(refs: list[str], hindrance: Path) -> Iterator[str]:
    """Yield refs once the run has begun and somebody has put a folder there."""
    hindrance.mkdir()
    yield from refs


def test_too_many_open_files_are_the_cause_that_is_said(run: Any, folder: Path) -> None:
    run(REFS)
    limits, taken = resource.getrlimit(resource.RLIMIT_NOFILE), list[int]()
    with closing(Manifest.open(folder / "manifest.sqlite")) as manifest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        try:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            with pytest.raises(ExportError, match="may open no more files; lower `concurrency`"):
                manifest.open_names(["parts/part-000009.jsonl"])
        finally:
            for number in taken:
                os.close(number)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
