"""Erasure: after it no byte of an export holds a word of a conversation, whenever it was killed; later runs skip it."""

import json
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, ConfigurationError, Export, ExportError, PartLimits, Retry, export, read_export
from conversas.sandbox import Sandbox
from support.export_reader import ask, exported, files, holding, outcomes
from support.kill_at_step import call_and_kill
from support.sizes import size

WORD = b"segredo4711"
FETCHED, OTHERS, UNDECODABLE = "zild:5", [f"zild:{number}" for number in (*range(1, 5), *range(7, 13))], "zild:6"
REFS = [*OTHERS[:4], FETCHED, UNDECODABLE, *OTHERS[4:]]
SMALL = PartLimits(max_conversations=4, max_seconds=600)
FORMATS = [
    {},
    {"raw": True, "compress": True, "original": True},
    {"raw": True, "format": "parquet", "original": True},
]


def conversation(id_: int) -> bytes:
    """Return a body with the word in a message, and as the name of an unknown property."""
    word = WORD.decode()
    messages = [{"id": "1", "content": f"olá {word}", "from": "a", "to": "b", "createdAt": "2026-01-01T00:00:00Z"}]
    return json.dumps({"id": id_, "messages": messages, word: 1}).encode()


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Sandbox(bodies={FETCHED: conversation(5), UNDECODABLE: conversation(6)[:-9]}) as sandbox:
        yield sandbox


@pytest.mark.parametrize("options", FORMATS)
def test_no_byte_is_left_and_later_runs_skip_the_ref(
    run: Any, folder: Path, sandbox: Sandbox, options: dict[str, Any]
) -> None:
    run(REFS, part=SMALL, **options)
    assert {name.partition("/")[0] for name in holding(folder, WORD)} >= {"manifest.sqlite", "parts", "undecodable"}
    erasure = Export(folder).erase([FETCHED, UNDECODABLE])
    assert (erasure.erased, erasure.absent, erasure.damaged, erasure.left) == (2, 0, 0, ())
    assert holding(folder, WORD) == []
    assert Export(folder).verify() == []
    assert {conversation.ref.id for conversation in read_export(folder)} == {ref[5:] for ref in OTHERS}
    requests = sandbox.counts.requests
    for refresh in (None, "all"):
        summary = run([FETCHED, UNDECODABLE], refresh=refresh)
        assert (summary.skipped, summary.fetched, summary.failed) == (2, 0, 0)
    assert sandbox.counts.requests == requests
    assert Export(folder).erased() == {FETCHED, UNDECODABLE}
    assert Export(folder).status().erased == 2
    assert ask(folder, "SELECT ref, pending FROM erased") == [(FETCHED, 0), (UNDECODABLE, 0)]


@pytest.mark.parametrize("options", FORMATS)
def test_after_a_kill_at_any_step_the_second_erasure_leaves_no_byte(
    run: Any, folder: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    run(REFS, part=SMALL, **options)
    (part, *_) = (name for name in holding(folder, WORD) if name.startswith("parts"))
    (folder / part).write_bytes((folder / part).read_bytes() + b"damage")
    steps = int(
        call_and_kill(shutil.copytree(folder, tmp_path / "whole"), "erase", FETCHED, UNDECODABLE, kill_at=0).stdout
    )
    assert steps > 20
    for moment in range(1, steps + 1, steps // size(9, reduced=3)):
        copy = shutil.copytree(folder, tmp_path / f"at-{moment}")
        assert call_and_kill(copy, "erase", FETCHED, UNDECODABLE, kill_at=moment).returncode == -signal.SIGKILL
        Export(copy).erase([FETCHED, UNDECODABLE])
        assert holding(copy, WORD) == []
        assert Export(copy).verify() == []
        run(REFS, to=copy)  # what the damaged part of Parquet had is fetched again
        assert holding(copy, WORD) == []
        assert outcomes(copy) == dict.fromkeys(OTHERS, "fetched")
        assert {str(conversation.ref) for conversation in read_export(copy)} == {*OTHERS}


def test_the_next_run_finishes_an_erasure_that_was_killed(run: Any, folder: Path, tmp_path: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    steps = int(
        call_and_kill(shutil.copytree(folder, tmp_path / "whole"), "erase", FETCHED, UNDECODABLE, kill_at=0).stdout
    )
    call_and_kill(folder, "erase", FETCHED, UNDECODABLE, kill_at=steps // 2)
    problems = Export(folder).verify()
    assert any("erasure of 2 refs did not finish" in problem.text for problem in problems)
    assert not any(problem.refs for problem in problems)  # there is nothing to fetch again
    again = Export(shutil.copytree(folder, tmp_path / "again")).erase([FETCHED, UNDECODABLE])
    assert (again.erased, again.absent) == (2, 0)
    assert run(REFS).skipped == len(REFS)
    assert holding(folder, WORD) == []
    assert Export(folder).verify() == []


@pytest.mark.parametrize("begin", ["", "zild:"])
def test_a_text_that_is_no_ref_goes_without_a_tombstone(run: Any, folder: Path, begin: str) -> None:
    text = f"{begin}{WORD.decode()} +55 11 99999-0000"
    assert run([text, "zild:1"]).failed == 1
    assert holding(folder, WORD) == ["manifest.sqlite"]
    erasure = Export(folder).erase([text])
    assert (erasure.erased, erasure.absent) == (1, 0)
    assert holding(folder, WORD) == []
    assert Export(folder).erased() == set()
    assert Export(folder).verify() == []


@pytest.mark.parametrize("erased", ["zild:1", "no ref"])
def test_pages_of_deleted_rows_are_no_longer_in_the_manifest(run: Any, folder: Path, erased: str) -> None:
    run(["zild:1", "no ref"])
    with closing(sqlite3.connect(folder / "manifest.sqlite")) as db, db:
        db.execute("PRAGMA secure_delete = OFF")  # as most builds of SQLite have it
        db.execute("INSERT INTO drift VALUES (NULL, ?, '', '', '')", (f"/{WORD.decode()}",))
        db.commit()
        db.execute("DELETE FROM drift")
    assert holding(folder, WORD) == ["manifest.sqlite"]
    Export(folder).erase([erased])
    assert holding(folder, WORD) == []


def test_a_damaged_file_that_was_kept_aside_goes_and_one_of_the_users_is_named(run: Any, folder: Path) -> None:
    run(REFS, part=SMALL)
    (part, *_) = (name for name in holding(folder, WORD) if name.startswith("parts"))
    (folder / part).write_bytes((folder / part).read_bytes()[:-20])
    run([])
    assert [file.parent.name for file in files(folder) if file.name == Path(part).name] == ["damaged"]
    (folder / "damaged" / "notes.txt").write_text("years of work")
    erasure = Export(folder).erase([FETCHED, UNDECODABLE])
    assert (erasure.damaged, erasure.left) == (1, ("damaged/notes.txt",))
    assert holding(folder, WORD) == []
    assert (folder / "damaged" / "notes.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    "body",
    [
        conversation(5),
        conversation(5)[:-9],
        b'{"result": %b}' % conversation(5),
        conversation(5).decode().encode("utf-16"),
    ],
)
def test_a_body_of_the_conversation_that_came_for_another_ref_goes_as_well(
    folder: Path, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    bodies = {FETCHED: conversation(5), "zild:7": body, "zild:8": b"<html>"}
    with Sandbox(bodies=bodies) as sandbox, Client(sandbox.zild, retry=Retry(attempts=1)) as client:
        export([FETCHED, *bodies, "zild:1"], to=folder, client=client)
        Export(folder).erase([FETCHED])
        assert holding(folder, WORD) == []
        assert outcomes(folder) == {"zild:1": "fetched", "zild:7": "DecodeError", "zild:8": "DecodeError"}
        assert len(list((folder / "undecodable").iterdir())) == 1
        assert Export(folder).verify() == []
        export(["zild:7"], to=folder, client=client)  # and comes once more
        assert any("may be a body of zild:5, which was erased" in each.text for each in Export(folder).verify())
        Export(folder).erase([FETCHED])
        assert Export(folder).verify() == []


def test_a_body_that_two_refs_have_goes_with_one_of_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Sandbox(bodies={"zild:2": WORD, "zild:3": WORD}) as sandbox, Client(sandbox.zild) as client:
        export(["zild:1", "zild:2", "zild:3"], to=folder, client=client)
    Export(folder).erase(["zild:2"])
    assert holding(folder, WORD) == []
    assert outcomes(folder) == {"zild:1": "fetched", "zild:3": "DecodeError"}
    assert Export(folder).verify() == []


def test_a_ref_that_is_not_there_leaves_a_tombstone_and_again_is_no_error(
    run: Any, folder: Path, sandbox: Sandbox
) -> None:
    run(["zild:1"])
    assert Export(folder).erase(["zild:99"]).absent == 1
    requests = sandbox.counts.requests
    summary = run(["zild:1", "zild:99"])
    assert (summary.skipped, summary.erased) == (2, 1)
    assert sandbox.counts.requests == requests
    again = Export(folder).erase(["zild:99"])
    assert (again.erased, again.absent, again.erased_before) == (0, 0, 1)


@pytest.mark.parametrize("ref", ["5", "zild:", "zild:x", "zild:05", "nobody:5"])
def test_an_invalid_ref_is_refused_before_anything_is_erased(run: Any, folder: Path, ref: str) -> None:
    run(["zild:1"])
    with pytest.raises(ConfigurationError):
        Export(folder).erase(["zild:1", ref])
    assert exported(folder) == {"zild:1": 1}
    assert Export(folder).erased() == set()
    assert Export(folder).verify() == []


def test_a_manifest_that_is_rebuilt_keeps_the_tombstones_also_if_an_older_part_comes_back(
    run: Any, folder: Path, tmp_path: Path
) -> None:
    run(REFS, raw=True, part=SMALL)
    backup = shutil.copytree(folder, tmp_path / "backup")
    Export(folder).erase([FETCHED, UNDECODABLE])
    for name in ("parts", "raw"):
        shutil.copytree(backup / name, folder / name, dirs_exist_ok=True)
    assert Export(folder).adopt().conversations == len(OTHERS)
    assert any("did not finish" in problem.text for problem in Export(folder).verify())
    assert Export(folder).erase([FETCHED]).left == ("manifest.sqlite.old",)
    assert holding(folder, WORD) == []
    assert exported(folder) == dict.fromkeys(OTHERS, 1)
    assert Export(folder).verify() == []


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x" * 5000)], ids=["lost", "damaged"])
def test_tombstones_and_accounts_survive_the_loss_of_the_manifest(
    run: Any, folder: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    run(REFS, raw=True, part=SMALL)
    backup = shutil.copytree(folder, tmp_path / "backup")
    Export(folder).erase([FETCHED, UNDECODABLE])
    accounts = ask(folder, "SELECT * FROM providers")
    spoil(folder / "manifest.sqlite")
    for name in ("parts", "raw"):
        shutil.copytree(backup / name, folder / name, dirs_exist_ok=True)
    Export(folder).adopt()
    assert Export(folder).erased() == {FETCHED, UNDECODABLE}
    assert ask(folder, "SELECT * FROM providers") == accounts
    assert run(REFS).skipped == len(REFS)
    assert holding(folder, WORD) == []
    assert Export(folder).verify() == []


def test_an_older_manifest_does_not_bring_back_what_was_erased(run: Any, folder: Path, tmp_path: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    backup = shutil.copytree(folder, tmp_path / "backup")
    Export(folder).erase([FETCHED])
    kept = (folder / "manifest.json").read_bytes()
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)
    (folder / "manifest.json").write_bytes(kept)
    assert run(REFS).skipped == len(REFS) - 1  # the undecodable one fails again
    assert Export(folder).erased() == {FETCHED}
    assert FETCHED not in exported(folder)
    assert Export(folder).verify() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"kind": "notes"}',
        b'{"accounts": [], "erased": ["zild:\\ud800"], "kind": "conversas export"}',
        b"[" * 100_000,
        b'{"accounts": [], "erased": [1], "kind": "conversas export"}',
    ],
)
def test_a_file_of_that_name_that_is_not_of_an_export_stops_a_run_and_stays(
    run: Any, folder: Path, content: bytes
) -> None:
    run(REFS)
    (folder / "manifest.json").write_bytes(content)
    assert any(problem.text.startswith("manifest.json") for problem in Export(folder).verify())
    for change in (lambda: run(REFS), lambda: Export(folder).erase([FETCHED])):
        with pytest.raises(ExportError, match=r"manifest\.json, which lists the erased refs, is damaged"):
            change()
    assert (folder / "manifest.json").read_bytes() == content


def test_a_directory_that_is_no_export_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is not an export"):
        Export(tmp_path).erase(["zild:1"])
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_stop_an_erasure(run: Any, folder: Path) -> None:
    run(REFS)
    (folder / "parts" / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportError, match=r"contains other files.*thesis\.txt"):
        Export(folder).erase([FETCHED])
    assert Export(folder).erased() == set()


# Forgetting


def test_what_is_forgotten_is_fetched_again(run: Any, folder: Path) -> None:
    run(REFS, raw=True, part=SMALL)
    assert Export(folder).forget(["zild:1", FETCHED, UNDECODABLE, "zild:99"]) == 3
    assert [name for name in holding(folder, WORD) if name != "manifest.sqlite"] == []
    assert Export(folder).verify() == []
    summary = run(REFS)
    assert (summary.fetched, summary.failed, summary.skipped) == (2, 1, len(REFS) - 3)
    assert exported(folder) == dict.fromkeys([*OTHERS, FETCHED], 1)


def test_an_erased_ref_cannot_be_forgotten(run: Any, folder: Path) -> None:
    run(REFS)
    Export(folder).erase([FETCHED])
    assert Export(folder).forget([FETCHED]) == 0
    assert run([FETCHED]).skipped == 1
