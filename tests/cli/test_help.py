"""Help, suggestions, shell completion and `-v`."""

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from rich.console import Console

from conversas.cli.app import LAZY_SUBCOMMANDS
from conversas.cli.app import conversas as app
from conversas.cli.log_output import keep_retries
from conversas.cli.progress import progress_bar
from conversas.sandbox import Fault, Rule, Sandbox
from support.cli import PROGRAM, Run, environment


@pytest.mark.parametrize("name", LAZY_SUBCOMMANDS)
def test_help_begins_with_a_sentence_and_two_examples(command: Run, name: str) -> None:
    _, out, _ = command(name, "--help")
    _, sentence, examples, *_ = out.split("\n\n")
    title, *lines = examples.splitlines()
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert title == "Examples:"
    assert len(lines) == 2
    assert all(f"conversas {name}" in line for line in lines)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("get", ["Output", "Personal data"]),
        (
            "export",
            ["What to fetch", "Output", "Personal data", "Rate, retries and time", "Size of a part", "Exit code"],
        ),
        ("convert", ["Output", "Pages and tables", "Language models", "Personal data"]),
        ("sandbox", ["Conversations", "Rate limit and faults", "Server"]),
    ],
)
def test_options_are_grouped_and_aligned(command: Run, name: str, headings: list[str]) -> None:
    _, out, _ = command(name, "--help")
    _, _, options = out.partition(f"\n{headings[0]}:\n")
    assert re.findall(r"^(\S.*):$", out, re.MULTILINE) == ["Examples", *headings, "Options"]
    assert len({len(found) for found in re.findall(r"^  -.*?  +(?=\S)", options, re.MULTILINE)}) == 1
    usable = [each.opts[-1] for each in click_command(name).params if each.opts[-1].startswith("--")]
    assert sorted(re.findall(r"^  (?:-\w, )?(--[\w-]+)", out, re.MULTILINE)) == sorted([*usable, "--help"])


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("gte",), "Did you mean 'get'? See conversas --help"),
        (("exprt",), "Did you mean 'export'? See conversas --help"),
        (("get", "zild:1", "--jsno"), "'--json'"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(command: Run, arguments: tuple[str, ...], suggestion: str) -> None:
    code, _, err = command(*arguments)
    assert code == 2
    assert suggestion in err


@pytest.mark.parametrize(
    ("words", "current", "kind"),
    [("conversas status", "", "dir"), ("conversas show", "bo", "file"), ("conversas export", "re", "file")],
)
def test_the_shell_completes_files_and_directories(words: str, current: str, kind: str) -> None:
    variables = {"_CONVERSAS_COMPLETE": "zsh_complete", "COMP_WORDS": f"{words} {current}", "COMP_CWORD": "2"}
    result = subprocess.run(
        [sys.executable, "-c", "from conversas.cli import main; main()"],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.splitlines()[0] == kind


def test_verbose_prints_requests_and_retries(command: Run, sandbox: Sandbox) -> None:
    sandbox.rules.append(Rule(Fault.INTERNAL_ERROR, times=1))
    code, _, err = command("get", "zild:1", "-v", **sandbox.env)
    assert code == 0
    assert "GET zild:1: 500, attempt 1" in err
    assert "; attempt 2 in" in err
    assert "GET zild:1: 200, attempt 2" in err
    assert logging.getLogger("conversas").handlers == []


def test_a_pipe_gets_no_log_without_verbose(command: Run, sandbox: Sandbox) -> None:
    sandbox.rules.append(Rule(Fault.INTERNAL_ERROR, times=1))
    assert command("get", "zild:1", **sandbox.env)[2] == ""


def test_a_person_sees_a_retry_while_waiting(sandbox: Sandbox) -> None:
    sandbox.rules.append(Rule(Fault.INTERNAL_ERROR, times=1))
    reader, terminal = os.openpty()
    with subprocess.Popen(
        [*PROGRAM, "get", "zild:1"], env=environment(**sandbox.env), stdout=subprocess.DEVNULL, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = os.read(reader, 1000)
        assert process.wait() == 0
    os.close(reader)
    assert b"; attempt 2 in" in shown


def test_an_export_shows_the_last_retry_that_is_waited_for_below_its_bar() -> None:
    screen, logger = io.StringIO(), logging.getLogger("conversas.retry")
    with progress_bar(9, Console(file=screen, force_terminal=True, width=60, height=5)):
        for number in range(20):
            logger.info("zild:%d: 500; attempt 2 in 60.0 s", number, extra={"wait_seconds": 60.0})
        before = len(screen.getvalue())
        while "zild:19: 500; attempt 2 in 60.0 s" not in (drawn := screen.getvalue()[before:]):
            assert "zild:18" not in drawn
    assert logger.handlers == []


def test_a_retry_is_shown_for_as_long_as_it_waits() -> None:
    logger = logging.getLogger("conversas.retry")
    with keep_retries() as notice:
        logger.info("zild:1: 500; attempt 2 in 60.0 s", extra={"wait_seconds": 60.0})
        assert notice.text == "zild:1: 500; attempt 2 in 60.0 s"
        logger.info("zild:2: 500; attempt 2 in 0.0 s", extra={"wait_seconds": 0.0})
        assert notice.text == ""


def test_times_are_printed_in_the_time_zone_that_is_asked_for(command: Run, sandbox: Sandbox) -> None:
    _, utc, _ = command("get", "zild:123", **sandbox.env)
    code, local, _ = command("get", "zild:123", "--timezone", "America/Sao_Paulo", **sandbox.env)
    assert code == 0
    assert "11:02" in utc
    assert "08:02" in local


@pytest.mark.parametrize("option", ["--json", "--raw"])
def test_a_time_zone_is_for_people(command: Run, option: str) -> None:
    code, _, err = command("get", "zild:1", option, "--timezone", "UTC")
    assert (code, "--timezone is for the transcript" in err) == (2, True)


@pytest.mark.parametrize("name", ["get", "adopt", "erase", "redecode", "refs", "verify", "status", "drift", "show"])
def test_help_imports_no_client(name: str) -> None:
    code = "import sys; from conversas.cli.app import run; run(sys.argv[1:]); print(*sys.modules, sep='\\n')"
    result = subprocess.run([sys.executable, "-c", code, name, "--help"], capture_output=True, text=True, check=True)
    loaded = result.stdout.splitlines()
    assert not {"httpx", "rich", "conversas.client", "conversas.decoding", "jsonschema_rs"} & set(loaded)


def test_lines_wrap_at_the_width_of_a_terminal(tmp_path: Path, command: Run, sandbox: Sandbox) -> None:
    sandbox.rules.append(Rule(Fault.NOT_FOUND))
    assert command("export", "zild:1", "--to", str(tmp_path / "out"), **sandbox.env)[0] == 1
    _, piped, _ = command("status", str(tmp_path / "out"), "--failed")
    shown = on_a_terminal("status", str(tmp_path / "out"), "--failed")
    assert len(piped.splitlines()) == 1
    assert len(shown) > 1
    assert max(map(len, shown)) <= 80
    assert " ".join(shown).split() == piped.split()


def on_a_terminal(*arguments: str) -> list[str]:
    """Return the lines that a command prints on a terminal of 80 columns."""
    reader, terminal = os.openpty()
    with subprocess.Popen([*PROGRAM, *arguments], env=environment(), stdout=terminal) as process:
        os.close(terminal)
        shown = os.read(reader, 10_000).decode()
        process.wait()
    os.close(reader)
    return shown.splitlines()


def click_command(name: str) -> click.Command:
    command = app.get_command(click.Context(app), name)
    assert command
    return command
