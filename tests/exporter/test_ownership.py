"""Ownership: a run deletes and overwrites nothing but what the manifest names as its own."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conversas import ConfigurationError, Export, ExportError, PartLimits, decode, read_export
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.formats.registry import ExportFormat, part_format
from conversas.exporter.manifest_schema import OutcomeRow
from conversas.exporter.settings import RequestedSettings, open_manifest
from conversas.exporter.writer import Writer
from conversas.records.serialization import SerializedRecord
from conversas.sandbox import Fault, Rule, Sandbox
from support.examples import without_id
from support.export_reader import ask, exported, files

REFS = [f"zild:{number}" for number in range(1, 11)]
BODY = f"undecodable/{'0' * 64}.body"
SMALL = PartLimits(max_conversations=4, max_seconds=600)


def content(folder: Path) -> dict[str, bytes]:
    """Return each file but the lock, which a run may create."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in files(folder) if file.name != "lock"}


# Directories that are no export


@pytest.mark.parametrize("name", ["parts/thesis.txt", "raw/photo.dng", "undecodable/notes.txt", "parts/2026/may.csv"])
def test_a_subdirectory_of_the_users_own_is_left_alone(run: Any, folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("years of work")
    with pytest.raises(ExportError, match=r"contains other files, which no manifest lists: .*; nothing was changed"):
        run(REFS)
    assert content(folder) == {name: b"years of work"}


def no_manifest(path: Path) -> None:
    path.unlink()


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def without_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("outcomes", "parts", "open_files"):
            db.execute(f"DELETE FROM {table}")


def of_another_export(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE parts SET name = 'parts/part-000077.jsonl'")


def older_copy(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM outcomes WHERE part = 3")
        db.execute("DELETE FROM parts WHERE number = 3")


@pytest.mark.parametrize("spoil", [no_manifest, empty_file, without_rows, of_another_export, older_copy])
def test_parts_that_the_manifest_does_not_list_stop_a_run_and_stay(
    run: Any, folder: Path, spoil: Callable[[Path], None]
) -> None:
    run(REFS, raw=True, part=SMALL)
    spoil(folder / "manifest.sqlite")
    before = content(folder)
    for _ in range(2):
        with pytest.raises(ExportError, match=r"contains other files.*parts/part-00000.*run conversas adopt"):
            run(REFS)
    assert content(folder) == before


def foreign_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE photos (name TEXT)")


def empty_database(path: Path) -> None:
    foreign_database(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE photos")


@pytest.mark.parametrize("spoil", [foreign_database, empty_database])
def test_a_database_of_another_program_is_left_alone(run: Any, folder: Path, spoil: Callable[[Path], None]) -> None:
    run(REFS)
    spoil(folder / "manifest.sqlite")
    before = content(folder)
    with pytest.raises(ExportError, match="is not the manifest of an export"):
        run(REFS)
    assert content(folder) == before


@pytest.mark.parametrize("name", ["parts", "raw", "undecodable"])
def test_a_linked_subdirectory_is_refused(run: Any, folder: Path, tmp_path: Path, name: str) -> None:
    run(REFS)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / name, elsewhere)
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(ExportError, match=f"contains other files, which no manifest lists: {name};"):
        run(REFS, refresh="all")
    assert [path.name for path in elsewhere.iterdir()] == (["part-000001.jsonl"] if name == "parts" else [])


def test_a_linked_part_is_refused(run: Any, folder: Path, tmp_path: Path) -> None:
    run(REFS)
    part = folder / "parts" / "part-000001.jsonl"
    part.rename(tmp_path / "moved")
    part.symlink_to(tmp_path / "moved")
    with pytest.raises(ExportError, match=r"contains other files.*: parts/part-000001\.jsonl;"):
        run(REFS, refresh="all")
    assert (tmp_path / "moved").read_bytes().count(b"\n") == len(REFS)


def test_a_lock_of_another_program_is_refused(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "lock").write_text("4711")
    with pytest.raises(ExportError, match="contains other files, which no manifest lists: lock"):
        run(REFS)
    assert (folder / "lock").read_text() == "4711"


def test_checksums_of_another_program_are_refused(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "SHA256SUMS").write_text("0000  thesis.txt\n")
    with pytest.raises(ExportError, match="SHA256SUMS does not belong to this export; move it away"):
        run(REFS)
    assert (folder / "SHA256SUMS").read_text() == "0000  thesis.txt\n"


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", ".nfs0001", "desktop.ini"])
def test_what_systems_leave_behind_stops_no_run_and_stays(run: Any, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text("view settings")
    run(REFS, raw=True)
    for directory in ("parts", "raw", "undecodable"):
        (folder / directory / name).write_text("view settings")
    run(REFS, refresh="all")
    assert [file.read_text() for file in files(folder) if file.name == name] == ["view settings"] * 4
    assert Export(folder).verify() == []


def test_other_files_beside_the_parts_of_an_export_stay(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "README.txt").write_text("about these calls")
    run(REFS, refresh="all")
    assert (folder / "README.txt").read_text() == "about these calls"


# Files of the export itself


def test_what_a_killed_run_left_is_deleted_and_nothing_else(run: Any, folder: Path) -> None:
    run(REFS, raw=True)
    for name in ("parts/part-000002.jsonl", "raw/part-000002.zip", BODY):
        ask(folder, f"INSERT INTO open_files VALUES ('{name}', 2, 0)")
    for name in ("parts/part-000002.jsonl.tmp", "raw/part-000002.zip", f"{BODY}.tmp"):
        (folder / name).write_text("half")
    run(REFS)
    assert {file.name for file in files(folder)} == {
        "lock",
        "manifest.json",
        "manifest.sqlite",
        "part-000001.jsonl",
        "part-000001.zip",
        "SHA256SUMS",
    }
    assert ask(folder, "SELECT name FROM open_files") == [("SHA256SUMS",)]


def test_a_body_that_was_replaced_is_deleted(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["1", "2"])]
    run(REFS)
    assert len(list((folder / "undecodable").iterdir())) == 2
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["2"])]
    run(REFS)
    assert len(list((folder / "undecodable").iterdir())) == 1
    assert Export(folder).verify() == []


def test_a_body_that_other_refs_have_as_well_stays(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.EMPTY_BODY, ids=["1", "2"])]
    run(REFS)
    sandbox.rules = [Rule(Fault.EMPTY_BODY, ids=["2"])]
    run(REFS)
    assert len(list((folder / "undecodable").iterdir())) == 1
    assert Export(folder).verify() == []


def test_a_file_that_appears_under_the_name_of_a_part_is_not_overwritten(run: Any, folder: Path) -> None:
    def refs() -> Any:
        (folder / "parts" / "part-000001.jsonl").write_text("years of work")
        yield from REFS

    with pytest.raises(ExportError, match="File exists; fix that"):
        run(refs())
    assert (folder / "parts" / "part-000001.jsonl").read_text() == "years of work"


def test_a_number_of_a_part_is_not_used_again(run: Any, folder: Path) -> None:
    run(REFS)
    run(REFS, refresh="all")
    assert [path.name for path in (folder / "parts").iterdir()] == ["part-000002.jsonl"]
    assert exported(folder) == dict.fromkeys(REFS, 1)


# URLs


@pytest.mark.parametrize(
    "url", ["s3://bucket/calls", "gs://bucket", "https://host/calls", "file:///tmp/calls", "S3:/b"]
)
def test_a_url_is_refused_without_its_secrets(run: Any, url: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"must be in a local directory, got a URL \([A-Za-z0-9]+:\)"
    ) as caught:
        run(REFS, to=url)
    assert "bucket" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="must be in a local directory"):
        list(read_export(url))


@pytest.mark.parametrize(
    "url", [" s3://bucket/calls", "my_store://bucket", "abfss://c@a.dfs.core.windows.net/x", "hdfs:///x"]
)
def test_a_url_that_is_not_quite_one_is_refused(run: Any, url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="must be in a local directory"):
        run(REFS, to=url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [b"calls", "", "calls\0", 5, None])
def test_what_is_no_path_is_refused(run: Any, path: Any) -> None:
    with pytest.raises(ConfigurationError, match="empty or invalid path"):
        run(REFS, to=path)


def test_a_path_of_a_url_is_refused(run: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be in a local directory"):
        run(REFS, to=Path("s3://bucket/calls"))


# Locks of others


def test_a_manifest_that_another_program_holds_is_told(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(REFS[:1])
    monkeypatch.setattr("conversas.exporter.manifest.BUSY_TIMEOUT_SECONDS", 0.1)
    with closing(sqlite3.connect(folder / "manifest.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ExportError, match=r"manifest\.sqlite is locked by another program .*; close that program"):
            run(REFS)
    assert run(REFS).fetched == len(REFS) - 1
    assert Export(folder).verify() == []


def test_a_file_under_the_temporary_name_of_the_sidecar_is_refused_and_stays(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json.tmp").write_text("years of work")
    for _ in range(2):
        with pytest.raises(ExportError, match=r"manifest\.json\.tmp does not belong to this export; move it away"):
            run(REFS)
    assert (folder / "manifest.json.tmp").read_text() == "years of work"


def test_a_sidecar_that_a_killed_run_left_half_written_is_written_again(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "manifest.json").rename(folder / "manifest.json.tmp")
    ask(folder, "INSERT INTO open_files VALUES ('manifest.json.tmp', NULL, 0)")
    run(REFS)
    assert {file.name for file in folder.iterdir()} >= {"manifest.json"}
    assert not (folder / "manifest.json.tmp").exists()
    assert Export(folder).verify() == []


def test_a_run_that_could_not_commit_says_why_and_not_what_follows_from_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversas.exporter.manifest.BUSY_TIMEOUT_SECONDS", 0.1)
    directory = ExportDirectory.at(folder)
    directory.create()
    manifest, _ = open_manifest(directory, RequestedSettings(None, None, None))
    directory.prepare(frozenset())
    jsonl = part_format(ExportFormat.JSONL, compress=False)
    with closing(manifest), closing(sqlite3.connect(folder / "manifest.sqlite", isolation_level=None)) as other:
        writer = Writer(directory, manifest, jsonl, keeps_raw=False, compress=False, limits=SMALL, accounts={})
        row = OutcomeRow(ref="zild:1", outcome="fetched", time="", part=writer.open_part())
        writer.add(row, SerializedRecord(decode("zild", without_id("zild/sample"))))
        other.execute("BEGIN")
        other.execute("SELECT * FROM outcomes").fetchall()
        for _ in range(2):
            with pytest.raises(ExportError, match="is locked by another program"):
                writer.commit()
        writer.close()


# Directories that a refused run leaves as they were


def tree(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return the mode and the content of all that a directory has, but of the lock."""
    found = [path for path in (folder, *folder.rglob("*")) if path.name != "lock"]
    return {str(path): (path.lstat().st_mode, path.read_bytes() if path.is_file() else None) for path in found}


def with_a_photo_in_raw(path: Path) -> None:
    shutil.rmtree(path.parent / "raw")
    shutil.rmtree(path.parent / "undecodable")
    (path.parent / "raw").mkdir()
    (path.parent / "raw" / "photo.dng").write_bytes(b"a photo")


def in_use_with_a_log(path: Path) -> None:
    """Leave a database of another program as a copy of it while it is in use: with a log that SQLite would apply."""
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    other = path.with_name("other")
    with closing(sqlite3.connect(other)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE photos (name TEXT)")
        for suffix in ("", "-wal"):
            shutil.copy(f"{other}{suffix}", f"{path}{suffix}")
    other.unlink()


def of_another_program(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA application_id = 42")
        db.execute("CREATE TABLE photos (name TEXT)")


def a_directory(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.mkdir(parents=True)


def half_checksums_of_the_user(path: Path) -> None:
    path.with_name("SHA256SUMS.tmp").write_text("0000  thesis.txt\n")


def checksums_that_are_a_link(path: Path) -> None:
    path.with_name("SHA256SUMS").unlink()
    path.with_name("SHA256SUMS").symlink_to("elsewhere")


def damaged_that_is_a_link(path: Path) -> None:
    (path.parent.parent / "elsewhere").mkdir()
    (path.parent / "damaged").symlink_to(path.parent.parent / "elsewhere")
    (path.parent / "parts" / "part-000001.jsonl").write_bytes(b"")


def damaged_that_is_a_file(path: Path) -> None:
    (path.parent / "damaged").write_text("about these calls")
    (path.parent / "parts" / "part-000001.jsonl").write_bytes(b"")


def linked_to_a_copy(path: Path) -> None:
    (path.parent.parent / "copy").hardlink_to(path)


SPOILED = [
    with_a_photo_in_raw,
    in_use_with_a_log,
    of_another_program,
    a_directory,
    half_checksums_of_the_user,
    checksums_that_are_a_link,
    damaged_that_is_a_link,
    damaged_that_is_a_file,
    linked_to_a_copy,
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_run_that_refuses_changes_nothing(run: Any, folder: Path, spoil: Callable[[Path], None]) -> None:
    run(REFS)
    spoil(folder / "manifest.sqlite")
    folder.chmod(0o755)
    before = tree(folder.parent)
    for _ in range(2):
        with pytest.raises(ExportError):
            run([*REFS, "zild:11"])
        assert tree(folder.parent) == before


def test_what_a_run_left_that_was_killed_as_it_created_the_manifest_stops_no_run(run: Any, folder: Path) -> None:
    folder.mkdir()
    killed = f"""
import os, sqlite3
db = sqlite3.connect({str(folder / "manifest.sqlite")!r}, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
db.execute("CREATE TABLE settings (name TEXT PRIMARY KEY)")
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", killed], check=False)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.sqlite", "manifest.sqlite-journal"]
    assert run(REFS).fetched == len(REFS)
    assert Export(folder).verify() == []


def test_a_lock_of_another_program_is_an_error_for_readers(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "lock").write_text("4711")
    with pytest.raises(ExportError, match="lock belongs to another program; move it away"):
        Export(folder).verify()
