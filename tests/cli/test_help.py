"""Help, suggestions, shell completion and `-v`."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conversas.cli.app import LAZY_SUBCOMMANDS
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
