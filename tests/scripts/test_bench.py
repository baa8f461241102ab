"""scripts/bench --compare: each line of this checkout next to another revision."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import ROOT
from support.sizes import size
from tools.bench.__main__ import main
from tools.bench.compare import FIRST_DECODE, Line
from tools.bench.measurements import MEASUREMENTS
from tools.bench.revision import Revision, RevisionError

ROW = re.compile(r"(.+?) {2,}([\d.e+]+ (?:s|ms|µs)) +([\d.e+]+ (?:s|ms|µs)) +(\d+\.\d\d) +(\d+\.\d\d) to (\d+\.\d\d)")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.bench", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)


def worktrees() -> str:
    return subprocess.run(["git", "worktree", "list"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


ONLY = size("", reduced="to")
"""Text of the lines that are measured: by default, `to_dict` and the exports to two formats."""


def test_a_comparison_has_a_number_on_every_line_and_leaves_no_checkout() -> None:
    result = bench("--compare", "HEAD", "--rounds", "1", "--seconds", "0.001", "--refs", "3", "--only", ONLY)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    _, *lines = result.stdout.splitlines()
    rows = [ROW.fullmatch(line) for line in lines]
    wanted = [name for name in (FIRST_DECODE, *MEASUREMENTS) if ONLY in name]
    assert len(wanted) >= 3
    assert [row and row[1] for row in rows] == wanted
    assert "conversas-bench-" not in worktrees()


def test_a_revision_that_does_not_exist_is_an_error() -> None:
    result = bench("--compare", "no-such-revision", "--rounds", "1")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "no-such-revision: fatal: invalid reference: no-such-revision\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--compare", "HEAD", "decoding"], "--compare takes no reports"),
        (["--compare", "HEAD", "--rounds", "0"], "argument --rounds: must be above 0, got 0"),
        (["--compare", "HEAD", "--seconds", "soon"], "argument --seconds: invalid float value: 'soon'"),
        (["nonsense"], "unknown report: nonsense; choose from decoding, "),
    ],
)
def test_wrong_usage_is_named(arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err


def test_a_ratio_is_that_of_the_medians_and_the_spread_that_of_single_rounds() -> None:
    line = Line("decode", old=[1.0, 2.0, 4.0], new=[2.0, 3.0, 4.0])
    assert line.ratio == 1.5
    assert line.spread == (1.0, 2.0)
    assert str(line).split() == ["decode", "2", "s", "3", "s", "1.50", "1.00", "to", "2.00"]


def test_an_installed_copy_is_not_measured_in_the_place_of_a_revision(tmp_path: Path) -> None:
    for folder in ("generated", "overrides"):
        (tmp_path / folder).mkdir()
    with pytest.raises(RevisionError, match=rf"conversas must be imported from {re.escape(str(tmp_path))}, got "):
        Revision("empty", tmp_path).check()


def test_the_error_of_a_line_is_that_of_its_process(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"^ValueError: of this line$"):
        Revision("any", tmp_path).run("-c", "raise ValueError('of this line')")
