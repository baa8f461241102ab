"""`conversas redecode`."""

from pathlib import Path

from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import Run, leading_to, one_line


def test_the_time_zone_of_the_export_is_taken(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    sandbox.rules = [Rule(Fault.NAIVE_DATE, ids=["2"])]
    variables = {**leading_to(sandbox), "ZILD_TIMEZONE": "America/Sao_Paulo"}
    assert command("export", "zild:1", "zild:2", "--to", folder, "--raw", **variables)[0] == 0
    nothing = "2 decoded, 0 of them changed, 0 that could not be decoded before, 0 kept as they were\n"
    assert command("redecode", folder, ZILD_TIMEZONE="Asia/Tokyo") == (0, "", nothing)
    assert command("verify", folder)[0] == 0


def test_a_damaged_part_exits_with_1(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert command("export", "zild:1", "--to", str(folder), "--raw", **leading_to(sandbox))[0] == 0
    part = folder / "parts" / "part-000001.jsonl"
    part.write_bytes(part.read_bytes().replace(b"zild", b"ZILD", 1))
    code, _, err = command("redecode", str(folder))
    assert code == 1
    assert err.splitlines()[1] == "parts/part-000001.jsonl is damaged or has no raw archive, and stays unchanged"


def test_an_export_without_raw_bodies_is_an_error(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "export")
    assert command("export", "zild:1", "--to", folder, **leading_to(sandbox))[0] == 0
    code, _, err = command("redecode", folder)
    assert (code, "has no raw bodies to decode" in one_line(err)) == (1, True)
