"""`conversas adopt`, and what `conversas export` says of damage and of directories that are not its own."""

from pathlib import Path

from conversas.sandbox import Sandbox
from support.cli import Run, leading_to, one_line


def test_parts_are_adopted_and_the_next_run_has_them(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    arguments = ["export", "zild:1", "zild:2", "--to", str(folder)]
    assert command(*arguments, **leading_to(sandbox))[0] == 0
    (folder / "manifest.sqlite").unlink()
    code, out, err = command(*arguments, **leading_to(sandbox))
    assert (code, out) == (1, "")
    assert (
        "contains other files, which no manifest lists: SHA256SUMS, manifest.json, parts/part-000001.jsonl;"
        in one_line(err)
    )
    assert command("adopt", str(folder)) == (0, "", "2 conversations in 1 part adopted\n")
    code, _, err = command(*arguments, **leading_to(sandbox))
    assert (code, err.startswith("0 fetched, 0 failed, 2 already done")) == (0, True)


def test_files_that_are_not_adopted_are_printed(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert command("export", "zild:1", "--to", str(folder), **leading_to(sandbox))[0] == 0
    (folder / "manifest.sqlite").unlink()
    (folder / "parts" / "thesis\x1b.txt").touch()
    code, out, err = command("adopt", str(folder))
    assert (code, out) == (1, "parts/thesis\\x1b.txt\n")
    assert err == "1 conversation in 1 part adopted\n1 file was not adopted; move it away before the next run\n"


def test_damage_is_told_and_the_run_exits_with_1(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    arguments = ["export", "zild:1", "zild:2", "--to", str(folder)]
    assert command(*arguments, **leading_to(sandbox))[0] == 0
    (folder / "parts" / "part-000001.jsonl").unlink()
    code, _, err = command(*arguments, **leading_to(sandbox))
    assert code == 1
    assert err.splitlines()[0].startswith("2 fetched, 0 failed")
    told = f"1 part was missing or damaged; what is left of the files is in {folder}/damaged"
    assert err.splitlines()[1:] == [f"{told}; 2 conversations are fetched again"]
    assert command(*arguments, **leading_to(sandbox))[0] == 0


def test_a_url_is_wrong_usage(command: Run, sandbox: Sandbox) -> None:
    code, _, err = command("export", "zild:1", "--to", "s3://bucket/calls", **leading_to(sandbox))
    assert code == 2
    assert "an export must be in a local directory, got a URL (s3:)" in one_line(err)
