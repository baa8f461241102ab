"""The folder of an export: which are taken, and who may use one at a time."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Export, ExportError, export
from conversas.exporter.manifest_schema import SCHEMA_VERSION
from support.export_reader import ask, files
from support.export_totals import totals

REFS = [f"zild:{number}" for number in range(1, 21)] + ["superagentes:a", "superagentes:b/c?d"]


def test_a_folder_of_something_else_is_left_alone(run: Any, folder: Path) -> None:
    (folder / "parts").mkdir(parents=True)
    for file in (folder / "thesis.txt", folder / "parts" / "thesis.txt"):
        file.write_text("years of work")
    with pytest.raises(ExportError, match="contains other files"):
        run(REFS)
    assert [file.name for file in files(folder)] == ["thesis.txt", "thesis.txt"]


def test_a_file_in_the_place_of_the_folder_is_told(run: Any, folder: Path) -> None:
    folder.write_text("years of work")
    with pytest.raises(ExportError, match="is a file; export to a directory"):
        run(REFS)
    assert folder.read_text() == "years of work"


def test_a_manifest_of_a_newer_version_is_refused(run: Any, folder: Path) -> None:
    run(REFS[:1])
    version = SCHEMA_VERSION + 1
    ask(folder, f"PRAGMA user_version = {version}")
    with pytest.raises(ExportError, match=f"has schema version {version}, and this .* {SCHEMA_VERSION}; upgrade"):
        run(REFS)


def test_a_manifest_of_an_older_version_is_refused(run: Any, folder: Path) -> None:
    run(REFS[:1])
    ask(folder, "PRAGMA user_version = 1")
    with pytest.raises(ExportError, match=r"has schema version 1, and .*; export to a new directory"):
        run(REFS)


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be one", b"SQLite format 3\0" + b"?" * 99]
)
def test_a_manifest_that_is_none_is_refused(run: Any, folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "manifest.sqlite").write_bytes(content)
    with pytest.raises(ExportError, match=r"manifest\.sqlite cannot be used: .*; .* run conversas adopt"):
        run(REFS)
    assert (folder / "manifest.sqlite").read_bytes() == content


def test_two_runs_keep_out_of_each_others_way(run: Any, folder: Path, client: Client) -> None:
    def refs() -> Iterator[str]:
        with pytest.raises(ExportError, match="another run is using"):
            export(["zild:2"], to=folder, client=client)
        with pytest.raises(ExportError, match="another run is using"):
            Export(folder).verify()
        yield "zild:1"

    assert totals(run(refs())) == (1, 0, 0)


LOCKING = """
import sys
from pathlib import Path
from conversas import ExportError
from conversas.exporter.directory import ExportDirectory
try:
    with ExportDirectory(Path(sys.argv[1])).exclusive_lock():
        print("in")
except ExportError:
    print("kept out")
"""


def test_another_process_is_kept_out_though_ours_looks_at_the_folder(run: Any, folder: Path, client: Client) -> None:
    said = list[str]()

    def refs() -> Iterator[str]:
        for look in (
            lambda folder: Export(folder).verify(),
            lambda folder: export(["zild:2"], to=folder, client=client),
        ):
            with pytest.raises(ExportError, match="another run is using"):
                look(folder)
        command = [sys.executable, "-c", LOCKING, str(folder)]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        yield "zild:1"

    run(refs())
    assert said == ["kept out\n"]


def test_a_run_waits_for_who_reads_the_manifest(run: Any, folder: Path) -> None:
    run(REFS[:1])
    reader = sqlite3.connect(folder / "manifest.sqlite", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM outcomes").fetchall()
    leaving = threading.Timer(7, reader.close)  # SQLite's default timeout is 5 seconds
    leaving.start()
    try:
        assert run(REFS).fetched == len(REFS) - 1
    finally:
        leaving.join()
