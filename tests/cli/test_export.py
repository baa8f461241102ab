"""`conversas export`, `status`, `verify` and `drift`: their arguments, output and exit codes."""

import errno
import io
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from conversas.cli.progress import LogProgress, Throughput, format_duration, heartbeat, progress_bar
from conversas.exporter.summary import ExportSummary
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import GUARD_SECONDS, PROGRAM, Run, environment, leading_to, one_line
from support.export_reader import exported, fetched, outcomes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def summary_of(stderr: str) -> str:
    """Return the summary of a run without its duration."""
    return stderr.splitlines()[-1].rpartition(", in ")[0]


def test_refs_come_from_a_file(command: Run, sandbox: Sandbox, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "refs.txt"
    file.write_bytes(b"\xef\xbb\xbf# mine\r\n1\r\n\r\n zild:2 \nsuperagentes:a\n")
    code, out, err = command("export", str(file), "--provider", "zild", "--to", str(folder), **leading_to(sandbox))
    assert (code, out) == (0, "")
    assert summary_of(err) == "3 fetched, 0 failed, 0 already done, 0 retried, 0 incomplete, 0 with drift"
    assert outcomes(folder) == {"zild:1": "fetched", "zild:2": "fetched", "superagentes:a": "fetched"}


def test_refs_come_one_by_one_and_from_stdin(
    command: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("export", "zild:1", "zild:2", "--to", str(folder), **leading_to(sandbox))[0] == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"zild:2\nzild:3")))
    code, _, err = command("export", "-", "--to", str(folder), **leading_to(sandbox))
    assert (code, summary_of(err)[:35]) == (0, "1 fetched, 0 failed, 1 already done")
    assert exported(folder) == {"zild:1": 1, "zild:2": 1, "zild:3": 1}


def test_refs_come_by_a_named_pipe(command: Run, sandbox: Sandbox, folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "refs"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=("1\n2\n",))
    writer.start()
    code, _, err = command("export", str(pipe), "--provider", "zild", "--to", str(folder), **leading_to(sandbox))
    writer.join()
    assert (code, summary_of(err)[:19]) == (0, "2 fetched, 0 failed")
    assert exported(folder) == {"zild:1": 1, "zild:2": 1}


class _Broken(io.RawIOBase):
    """A pipe that breaks after two refs."""

    is_broken = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.is_broken:
            raise OSError(errno.EIO, "not for users")
        self.is_broken = True
        buffer[:14] = b"zild:1\nzild:2\n"
        return 14


def test_a_file_of_refs_that_cannot_be_read_to_its_end_is_told(
    command: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = command("export", "/proc/self/mem", "--to", str(folder), **leading_to(sandbox))
    assert (code, one_line(err)) == (2, "error: /proc/self/mem cannot be read: Input/output error")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(_Broken())))
    sandbox.rules = [Rule(Fault.HANG, seconds=60)]  # so that nothing is fetched before
    code, _, err = command("export", "-", "--to", str(folder), **leading_to(sandbox))
    assert (code, err.splitlines()[-1]) == (2, "error: stdin cannot be read: Input/output error")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["zild:1"], "Missing option '--to'"),
        (["zild:1", "/etc/hostname", "--to", "x"], "/etc/hostname is a file of refs; pass either one file or refs"),
        (["nofile", "--to", "x"], "nofile is neither a file nor a ref (for example zild:123)"),
        (["zild:1", "--to", "x", "--format", "csv"], "'csv' is not one of 'jsonl', 'parquet'"),
        (["zild:1", "--to", "x", "--concurrency", "0"], "0 is not in the range x>=1"),
        (["zild:1", "--to", "x", "--time-limit", "0"], "0.0 is not in the range x>0"),
        (
            ["zild:1", "--to", "x", "--time-limit", "nan"],
            "for '--time-limit': nan is not in the range x>0",
        ),
        (["zild:1", "--to", "x", "--part-seconds", "inf"], "inf is not in the range x>0"),
        (["zild:1", "--to", "x", "--outage-seconds", "-1"], "-1.0 is not in the range x>=0"),
        (["zild:1", "--to", "x", "--outage-seconds", "inf"], "inf is not in the range x>=0"),
    ],
)
def test_wrong_usage_is_one_line_and_2(command: Run, sandbox: Sandbox, arguments: list[str], message: str) -> None:
    code, out, err = command("export", *arguments, **leading_to(sandbox))
    assert (code, out) == (2, "")
    assert message in one_line(err)


def test_without_variables_it_says_what_to_set(command: Run, folder: Path) -> None:
    code, _, err = command("export", "zild:1", "--to", str(folder))
    assert (code, folder.exists()) == (2, False)
    assert "set ZILD_BASE_URL and ZILD_TOKEN" in one_line(err)


def test_a_run_that_stops_says_why_and_what_it_did(command: Run, sandbox: Sandbox, folder: Path) -> None:
    variables = leading_to(sandbox)
    sandbox.revoke(variables["ZILD_TOKEN"])
    refs = [f"zild:{number}" for number in range(1, 101)]
    code, _, err = command("export", *refs, "superagentes:a", "--to", str(folder), **variables)
    assert code == 1
    did, why = err.splitlines()
    assert did.startswith("1 fetched, 0 failed, 0 already done, ")
    assert ", 100 left, in " in did
    assert "401: the token is rejected; the run stopped for zild; a later run can fetch what is left" in why
    assert fetched(folder) == {"superagentes:a"}
    assert command("status", str(folder))[1].splitlines()[-1] == (
        "a run is using the directory, or the last run did not finish; to finish it, run the same export again"
    )


def test_a_run_that_stops_for_both_platforms_says_why_for_each(command: Run, sandbox: Sandbox, folder: Path) -> None:
    sandbox.rules = [Rule(Fault.TOO_MANY_REQUESTS, retry_after=100)]
    code, _, err = command("export", "zild:1", "superagentes:a", "--to", str(folder), **leading_to(sandbox))
    assert code == 1
    why = one_line(err.partition("\n")[2])
    assert "; the provider asks to wait 100 seconds; the run stopped for " in why
    assert [f"{ref}: the provider answered 429: too many requests" in why for ref in ("zild:1", "superagentes:a")] == [
        True,
        True,
    ]


def test_the_longest_outage_is_an_option(command: Run, sandbox: Sandbox, folder: Path) -> None:
    code, _, err = command("export", "zild:1", "--to", str(folder), "--outage-seconds", "0", **leading_to(sandbox))
    assert (code, fetched(folder)) == (0, {"zild:1"}), err


def test_a_run_whose_time_is_over_says_so(command: Run, sandbox: Sandbox, folder: Path) -> None:
    sandbox.rules = [Rule(Fault.HANG, seconds=60)]
    code, _, err = command("export", "zild:1", "--to", str(folder), "--time-limit", "0.1", **leading_to(sandbox))
    assert code == 1
    why = one_line(err.partition("\n")[2])
    assert why == "error: the time for the run is over; a later run can fetch what is left"


def test_status_tells_failures_and_incompleteness_by_their_reasons(
    command: Run, sandbox: Sandbox, folder: Path
) -> None:
    sandbox.rules = [
        Rule(Fault.NOT_FOUND, ids=["1"]),
        Rule(Fault.TRUNCATED_JSON, ids=["2"]),
        Rule(Fault.UNKNOWN_FIELD, ids=["3"]),
    ]
    command("export", *(f"zild:{number}" for number in range(1, 11)), "--to", str(folder), **leading_to(sandbox))
    code, out, err = command("status", str(folder))
    assert (code, err) == (0, "")
    no_conversation = "the body is not a conversation (not_json)"
    not_found = "the provider answered 404: there is no such conversation"
    assert out.splitlines() == [
        "8 fetched, 6 of them complete, 2 in progress, in 1 part",
        f"        1 failed, DecodeError: {no_conversation}, e.g. zild:2, fetched again by the next run",
        f"        1 failed, NotFoundError: {not_found}, e.g. zild:1, fetched again with --refresh failed",
        "        2 in progress, not-finished, e.g. zild:10",
        f"1 with drift; see conversas drift {folder}",
    ]


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--fail-on-drift"], 1)])
def test_drift_fails_a_run_only_on_request(
    command: Run, sandbox: Sandbox, folder: Path, options: list[str], code: int
) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, ids=["1"])]
    arguments = ["export", "zild:1", "zild:2", "--to", str(folder), *options]
    found, _, err = command(*arguments, **leading_to(sandbox))
    assert (found, err.strip().endswith(f"; see conversas drift {folder}")) == (code, True)
    assert command(*arguments, **leading_to(sandbox))[0] == 0  # nothing is fetched, so nothing drifts


def test_verify_prints_what_to_fetch_again(command: Run, sandbox: Sandbox, folder: Path) -> None:
    command("export", "zild:1", "superagentes:a", "--to", str(folder), **leading_to(sandbox))
    assert command("verify", str(folder)) == (0, "", "OK: every file matches the manifest\n")
    (part,) = (folder / "parts").iterdir()
    part.write_bytes(b"")
    damaged = "parts/part-000001.jsonl is missing or damaged\n"
    assert command("verify", str(folder)) == (1, "superagentes:a\nzild:1\n", damaged)


def test_drift_is_counted_and_proposed_for_the_spec(command: Run, sandbox: Sandbox, folder: Path) -> None:
    sandbox.rules = [Rule(Fault.UNKNOWN_FIELD, ids=["1", "a"]), Rule(Fault.ENVELOPE, ids=["3"])]
    refs = ("zild:1", "zild:2", "zild:3", "superagentes:a")
    command("export", *refs, "--to", str(folder), **leading_to(sandbox))
    code, out, _ = command("drift", str(folder))
    assert (code, out.splitlines()[0]) == (0, "2 of 3 conversations differ from the spec")
    assert out.splitlines()[-1] == f"1 body could not be decoded; see conversas status {folder} --failed"
    code, _, err = command("drift", str(folder), "--patch")
    assert code == 2
    assert "choose one with --provider superagentes or zild" in one_line(err)
    code, out, _ = command("drift", str(folder), "--patch", "--provider", "zild")
    assert code == 0
    assert {operation["op"] for operation in json.loads(out)} == {"add"}


@pytest.mark.parametrize("name", ["status", "verify", "drift"])
def test_a_folder_of_no_export_is_told(command: Run, tmp_path: Path, name: str) -> None:
    code, out, err = command(name, str(tmp_path))
    assert (code, out) == (1, "")
    assert "is not an export" in one_line(err)


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    throughput = Throughput(total=1_000)
    for second in range(61):
        done = 10 * min(second, 30) + 20 * max(0, second - 30)
        said = throughput.describe(ExportSummary(fetched=done, failed=1, retried=2, elapsed_seconds=float(second)))
    assert said == "901 of 1,000 done, 1 failed, 2 retried, 20.0/s, 5 s left"
    assert Throughput(None).describe(ExportSummary()) == "0 done, 0 failed, 0 retried, 0.0/s"
    assert [format_duration(seconds) for seconds in (0.4, 59, 61, 7_200)] == ["0 s", "59 s", "1 min", "2 h"]


def test_elsewhere_than_on_a_terminal_a_line_comes_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    report = LogProgress(Throughput(None))
    report(ExportSummary(fetched=1))
    assert capsys.readouterr().err == ""
    report._next = 0.0
    report(ExportSummary(fetched=1))
    report(ExportSummary(fetched=2))
    assert capsys.readouterr().err.count("\n") == 1


def test_a_terminal_shows_a_bar_with_counts_which_disappears() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with progress_bar(1_000, console) as report:
        report(ExportSummary(fetched=400, failed=3, skipped=100, retried=7))
        console.print("a line, so that the bar is drawn")
    shown = re.sub(r"\x1b\[[0-9]+m", "", screen.getvalue())
    assert re.search(r" 503/1000 3 failed, 7 retried 0:00:0\d ", shown)
    assert shown.endswith("\x1b[1A\x1b[2K")


def test_it_is_told_how_far_it_is_while_a_ref_takes_its_time() -> None:
    told = SimpleQueue[tuple[int, float]]()
    summary = ExportSummary(fetched=1, elapsed_seconds=5.0)
    with heartbeat(lambda now: told.put((now.done, now.elapsed_seconds)), interval_seconds=0.01) as report:
        report(summary)
        assert told.get(timeout=GUARD_SECONDS) == (1, 5.0)
        summary.fetched = 2
        while (seen := told.get(timeout=GUARD_SECONDS))[0] == 1:
            pass
        assert seen[1] >= 5.01


def test_a_token_that_cannot_be_had_in_the_middle_of_a_run_keeps_what_was_fetched(
    command: Run, sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(str(sandbox.zild.token))
    variables = leading_to(sandbox) | {"ZILD_TOKEN": "", "ZILD_TOKEN_FILE": str(file)}
    refs = [f"zild:{number}" for number in range(1, 10)]
    sandbox.rules.append(Rule(Fault.SLOW, ids=["8"], seconds=0.5))

    def empty_the_token_file() -> None:
        assert sandbox.wait_for_requests(8)
        file.write_text("")
        sandbox.revoke(str(sandbox.zild.token))

    with ThreadPoolExecutor(1) as pool:
        emptying = pool.submit(empty_the_token_file)
        options = ["--concurrency", "1", "--outage-seconds", "0"]
        code, _, err = command("export", *refs, *options, "--to", str(folder), **variables)
        emptying.result()
    assert code == 1
    did, told = err.splitlines()[-2:]
    assert " fetched, 0 failed, 0 already done" in did  # what was under way may have had the token that is revoked
    assert len(fetched(folder)) >= 1
    assert told.startswith(f"error: the token file {file} is empty; the run stopped for zild; ")


def test_a_closed_stderr_keeps_no_run_from_its_work(sandbox: Sandbox, folder: Path) -> None:
    script = f'exec {shlex.join(PROGRAM)} export zild:1 --to "$0" 2>&-'
    result = subprocess.run(["/bin/sh", "-c", script, folder], env=environment(**leading_to(sandbox)), check=False)
    assert (result.returncode, exported(folder)) == (0, {"zild:1": 1})


def test_permanent_failures_of_earlier_runs_are_told(command: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.rules = [Rule(Fault.NOT_FOUND, ids=["3"])]
    arguments = ("export", "zild:1", "zild:3", "--to", str(tmp_path / "export"))
    assert command(*arguments, **leading_to(sandbox))[0] == 1
    code, _, err = command(*arguments, **leading_to(sandbox))
    assert (code, err.splitlines()[-1][:69]) == (
        0,
        "0 fetched, 0 failed, 2 already done, 1 of them failed earlier, 0 retr",
    )
    code, _, err = command(*arguments, "--refresh", "failed", **leading_to(sandbox))
    assert (code, err.splitlines()[-1][:53]) == (1, "0 fetched, 1 failed, 1 already done, 0 retried, 0 inc")
