"""`conversas erase`, and what other commands print of conversations that were erased."""

from pathlib import Path

from conversas.sandbox import Sandbox
from support.cli import Run, leading_to, one_line


def test_a_conversation_is_erased_and_the_commands_know_it(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    arguments = ["export", "zild:1", "zild:2", "--to", folder]
    assert command(*arguments, **leading_to(sandbox))[0] == 0
    for counts in ("1 erased, 1 not in the export (check the ref)", "0 erased, 2 erased before"):
        assert command("erase", folder, "zild:1", "zild:9") == (0, "", f"{counts}; later runs skip them\n")
    assert command("status", folder)[1].splitlines()[-1] == "2 erased; runs skip them"
    code, _, err = command("show", folder, "zild:1")
    assert (code, one_line(err)) == (1, "error: zild:1: the conversation was erased from the export")
    ok = "OK: every file matches the manifest, and none of them holds any of the 2 erased conversations\n"
    assert command("verify", folder) == (0, "", ok)
    code, _, err = command(*arguments, **leading_to(sandbox))
    assert (code, err.startswith("0 fetched, 0 failed, 2 already done, 1 of them erased, ")) == (0, True)


def test_files_that_may_hold_it_are_printed(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert command("export", "zild:1", "--to", str(folder), **leading_to(sandbox))[0] == 0
    (folder / "damaged").mkdir()
    (folder / "damaged" / "part-000001.jsonl\x1b").touch()
    code, out, err = command("erase", str(folder), "zild:1")
    assert (code, out) == (1, "damaged/part-000001.jsonl\\x1b\n")
    assert err.splitlines() == [
        "1 erased; later runs skip it",
        "1 file may still hold erased text; look into it, and delete it",
    ]


def test_an_invalid_ref_is_wrong_usage(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    assert command("export", "zild:1", "--to", folder, **leading_to(sandbox))[0] == 0
    assert command("erase", folder, "zild:01")[0] == 2
    assert command("erase", folder)[0] == 2
