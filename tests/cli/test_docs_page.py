"""docs/cli.md says what the command line prints."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from conversas.cli.app import LAZY_SUBCOMMANDS
from conversas.sandbox import Sandbox
from support.cli import GUARD_SECONDS, PROGRAM, Run, environment
from tools.docs.cli_output import DOCS, PAGES, refresh_console_blocks, shell

TEXT = (DOCS / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_what_each_of_its_commands_prints(page: Path) -> None:
    text = page.read_text("utf-8")
    without = re.sub(r"(?<=```console\n)(\$ [^\n]*)\n.*?(?=```)", r"\1\nspoiled\n", text, flags=re.DOTALL)
    assert without.count("\nspoiled\n") == text.count("```console")
    assert refresh_console_blocks(without, PAGES[page]) == text, "run scripts/docs"


def test_each_page_with_commands_is_one_of_these() -> None:
    assert [page for page in sorted(DOCS.glob("*.md")) if "```console\n" in page.read_text("utf-8")] == sorted(PAGES)


def test_the_page_has_the_help_of_every_command() -> None:
    shown = re.findall(r"^\$ conversas (?:(\w+) )?--help$", TEXT, re.MULTILINE)
    assert shown == ["", *LAZY_SUBCOMMANDS]
    assert re.findall(r"^## (\w+)$", TEXT, re.MULTILINE) == list(LAZY_SUBCOMMANDS)


def blocks(language: str) -> list[str]:
    every = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [text for name, text in every if name == language]


def test_what_the_page_shows_of_doctor_is_what_it_prints(command: Run, sandbox: Sandbox) -> None:
    token = sandbox.issue_token("zild", lifetime_seconds=-2 * 86_400)
    _, out, _ = command("doctor", COLUMNS="100", ZILD_BASE_URL=sandbox.url, ZILD_TOKEN=token)
    (shown,) = [block for block in blocks("") if "token" in block]
    assert shown in out


def test_the_script_with_a_sandbox_runs_and_ends_it(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "conversas"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(PROGRAM)} "$@"\n', "utf-8")
    program.chmod(0o700)
    (script,) = [block for block in blocks("sh") if "conversas sandbox" in block]
    with subprocess.Popen(
        ["/bin/sh", "-euc", script],
        cwd=tmp_path,
        env=environment(PATH=f"{program.parent}:{os.environ['PATH']}"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=GUARD_SECONDS)  # until all have ended that write there
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("zild:123  closed, complete, ")


def test_the_line_for_cron_reads_its_variables_from_the_file(sandbox: Sandbox, tmp_path: Path) -> None:
    line = re.findall(r"^15 2 \* \* \*  (.*)$", (DOCS / "cron.md").read_text("utf-8"), re.MULTILINE)
    variables = "".join(f"{name}={value}\n" for name, value in sandbox.env.items())
    (tmp_path / ".conversas.env").write_text(variables, "utf-8")
    (tmp_path / "refs.txt").write_text("zild:1\n", "utf-8")
    with shell((), HOME=str(tmp_path)) as run:
        assert [run(command.replace("$HOME/conversas/.venv/bin/", "")) for command in line] == [""]
    (tmp_path / "refs.txt").write_text("zild:x\n", "utf-8")
    with shell((), HOME=str(tmp_path)) as run:
        (mail,) = [run(command.replace("$HOME/conversas/.venv/bin/", "")) for command in line]
    assert mail.startswith("conversas export: exit code 2: error: ")
    first, second = (tmp_path / "calls.log").read_text("utf-8").splitlines()
    assert ("1 fetched, 0 failed" in first, "refs.txt:1: a Zild id must be" in second) == (True, True)
