"""Crashes of an export: kills at any moment, a full disk, a directory that cannot be written."""

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversas import Export
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import GUARD_SECONDS, PROGRAM, conversas, environment, leading_to
from support.export_reader import exported, fetched, outcomes
from support.requirements import skip_unless_required
from support.sizes import size

FAULTS = [
    Rule(Fault.RESET, probability=0.03),
    Rule(Fault.UNAVAILABLE, probability=0.02, retry_after=0),
    Rule(Fault.TOO_MANY_REQUESTS, probability=0.02, retry_after=0),
    Rule(Fault.HTML_PAGE, probability=0.02),
    Rule(Fault.TRUNCATED_JSON, probability=0.01),
]
"""Together 10 %."""
REFS = size(2_000, reduced=600)
"""Number of refs of the export that is killed again and again."""
KILLS = size(20, reduced=10)


def test_a_run_that_is_killed_many_times_has_each_ref_exactly_once(
    sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    refs = [f"{provider}:{number}" for provider in ("zild", "superagentes") for number in range(1, REFS // 2 + 1)]
    (tmp_path / "refs.txt").write_text("\n".join(refs))
    sandbox.rules = FAULTS
    chance = random.Random(2026)
    command = [*PROGRAM, "export", str(tmp_path / "refs.txt"), "--to", str(folder), "--raw"]
    command += [f"--part-conversations={REFS // 40}"]
    committed = dict[str, int]()
    """Number of requests for each ref when it was first seen to be committed."""

    def look() -> None:
        done, counts = fetched(folder) if folder.exists() else set[str](), sandbox.counts.refs
        for ref in done - committed.keys():
            committed[ref] = counts[ref]

    for _ in range(KILLS):
        until = sandbox.counts.requests + chance.randrange(1, REFS * 3 // (2 * KILLS))
        with subprocess.Popen(command, env=environment(**leading_to(sandbox)), stderr=subprocess.DEVNULL) as process:
            assert sandbox.wait_for_requests(until, timeout_seconds=GUARD_SECONDS)
            process.kill()
        look()
    assert 0 < len(committed) < len(refs)
    while left := {ref for ref, outcome in outcomes(folder).items() if outcome != "fetched"} or fetched(folder) != {
        *refs
    }:
        subprocess.run(command, env=environment(**leading_to(sandbox)), stderr=subprocess.DEVNULL, check=False)
        look()
    assert not left
    assert exported(folder) == dict.fromkeys(refs, 1)
    assert Export(folder).verify() == []
    assert {ref: sandbox.counts.refs[ref] for ref in committed} == committed


@pytest.mark.program("strace")
def test_names_are_committed_before_their_files_are_created_and_files_are_on_the_disk_before_their_rows(
    sandbox: Sandbox, folder: Path, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.TRUNCATED_JSON, ids=["2"])]
    arguments = ["--raw", "--concurrency=1", "--to", str(folder)]
    assert conversas("export", "zild:3", *arguments, **leading_to(sandbox)).returncode == 0
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,unlink,openat", "-o", str(trace), *PROGRAM]
    command += ["export", "zild:1", "zild:2", *arguments]
    traced = subprocess.run(command, env=environment(**leading_to(sandbox)), check=False, capture_output=True)
    assert traced.returncode == 1  # some failed
    (body,) = (path.name for path in (folder / "undecodable").iterdir())
    committed = ["sync manifest.sqlite-journal", "sync manifest.sqlite", "delete manifest.sqlite-journal", "sync ."]
    assert list(_steps(trace.read_text(), folder)) == [
        "sync .",
        "delete SHA256SUMS",
        "sync .",
        *committed,  # no name is open
        *committed,  # the run is unfinished
        *committed,  # those of the part are
        "create parts/part-000002.jsonl.tmp",
        "create raw/part-000002.zip.tmp",
        *committed,  # that of the body is as well
        f"create undecodable/{body}.tmp",
        f"sync undecodable/{body}.tmp",
        f"rename undecodable/{body}.tmp",
        "sync undecodable",
        "sync parts/part-000002.jsonl.tmp",
        "sync raw/part-000002.zip.tmp",
        "rename parts/part-000002.jsonl.tmp",
        "rename raw/part-000002.zip.tmp",
        "sync parts",
        "sync raw",
        *committed,  # the rows
        *committed,  # the run is finished
        *committed,  # the name of the checksums is open
        "create SHA256SUMS.tmp",
        "sync SHA256SUMS.tmp",
        "rename SHA256SUMS.tmp",
        "sync .",
    ]


@pytest.mark.program("strace")
def test_the_name_of_a_new_folder_is_on_the_disk_and_those_above_it(sandbox: Sandbox, tmp_path: Path) -> None:
    folder, trace = tmp_path / "new" / "deeper" / "export", tmp_path / "trace"
    command = ["strace", "-f", "-y", "-e", "trace=fsync", "-o", str(trace), *PROGRAM, "export", "zild:1"]
    subprocess.run(
        [*command, "--to", "new/deeper/export"], cwd=tmp_path, env=environment(**leading_to(sandbox)), check=True
    )
    for path in (tmp_path, tmp_path / "new", tmp_path / "new" / "deeper", folder):
        assert f"<{path}>" in trace.read_text()


def _steps(trace: str, folder: Path) -> Iterator[str]:
    """Read what was done to files of the folder, but for the lock. All that SQLite does to sync a journal is one."""
    journal, last = "sync manifest.sqlite-journal", ""
    called = rf'(fsync|fdatasync|rename|unlink)\([^"/]*["<]?({re.escape(str(folder))}[^">]*)'
    created = rf'(openat)\([^"]*"({re.escape(str(folder))}[^"]*\.tmp)", [A-Z_|]*O_EXCL'
    for call in re.finditer(f"{called}|{created}", trace):
        name, path = (group for group in call.groups() if group)
        verb = {"rename": "rename", "unlink": "delete", "openat": "create"}.get(name, "sync")
        step = f"{verb} {Path(path).relative_to(folder)}"
        if step != "delete lock-journal" and (last != journal or step not in (journal, "sync .")):
            yield step
            last = step


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        skip_unless_required("a disk can be mounted by root alone")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.program("mount")
def test_a_full_disk_loses_nothing(sandbox: Sandbox, small_disk: Path) -> None:
    folder, refs = small_disk / "export", [f"zild:{number}" for number in range(1, 201)]
    command = ["export", *refs, "--to", str(folder), "--part-conversations=20"]
    full = conversas(*command, **leading_to(sandbox))
    assert full.returncode == 1
    did, told = full.stderr.decode().splitlines()[-2:]
    assert "No space left on device" in told or "disk is full" in told
    assert told.endswith("; fix that, and run the same command again")
    done = fetched(folder)
    assert 0 < len(done) < len(refs)
    assert did.startswith(f"{len(done)} fetched, 0 failed, 0 already done")
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert conversas(*command, **leading_to(sandbox)).returncode == 0
    assert exported(folder) == dict.fromkeys(refs, 1)
    assert Export(folder).verify() == []
    assert {sandbox.counts.refs[ref] for ref in done} == {1}


NOBODY = """
import os, sys
from conversas import Client, export
def run(to):
    with Client.from_env() as client:
        export(["zild:1"], to=to, client=client)
run(sys.argv[1])
os.setuid(65534)
try:
    run(sys.argv[2])
except Exception as error:
    print(type(error).__name__, error, sep=": ")
"""


def test_a_folder_that_cannot_be_written_is_a_clear_error(sandbox: Sandbox, folder: Path) -> None:
    if os.getuid() != 0:
        skip_unless_required("only root can become somebody else")
    variables = environment(**leading_to(sandbox))
    command = [sys.executable, "-c", NOBODY, str(folder), "/usr/lib/export"]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    why = "Permission denied; fix that, and run the same command again"
    assert result.stdout == f"ExportError: /usr/lib/export cannot be read or written: {why}\n"
    command[-1] = str(folder)
    folder.parent.chmod(0o755)
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("ExportError: ")
    assert "Permission denied" in result.stdout
    assert Export(folder).verify() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_command_soon_and_keeps_what_it_has(
    sandbox: Sandbox, folder: Path, number: signal.Signals
) -> None:
    sandbox.rules = [Rule(Fault.HANG, ids=["30"], seconds=60)]
    refs = [f"zild:{number}" for number in range(1, 41)]
    command = [*PROGRAM, "export", *refs, "--to", str(folder), "--part-conversations=10"]
    with subprocess.Popen(command, env=environment(**leading_to(sandbox)), stderr=subprocess.PIPE) as process:
        assert sandbox.wait_for_requests(40)
        process.send_signal(number)
        _, told = process.communicate(timeout=GUARD_SECONDS)
    assert process.returncode == 130
    assert told.decode().startswith(f"{len(fetched(folder))} fetched, 0 failed, 0 already done")
    assert told.count(b"\n") == 1
    sandbox.rules = []
    assert conversas(*command[len(PROGRAM) :], **leading_to(sandbox)).returncode == 0
    assert exported(folder) == dict.fromkeys(refs, 1)
