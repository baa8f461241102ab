"""The sandbox from the shell, and as a fixture of pytest."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands import ROOT, run
from conversas.sandbox import Fault, Sandbox
from wire import PATHS, ask, port_of

pytest_plugins = ["conversas.testing.fixtures"]

VARIABLES = ["ZILD_BASE_URL", "ZILD_TOKEN", "SUPERAGENTES_BASE_URL", "SUPERAGENTES_TOKEN"]


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start the command, and give it with the variables that it prints."""
    command = [sys.executable, "-W", "error", "-m", "conversas.sandbox", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, **pipes) as process:
        try:
            lines = [process.stdout.readline() for _ in VARIABLES]
            yield process, dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines)
        finally:
            process.kill()


class Remote:
    """A sandbox in another process, as `ask` needs it."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.url = variables["ZILD_BASE_URL"]


def statuses(variables: dict[str, str]) -> list[int]:
    tokens = {"zild": variables["ZILD_TOKEN"], "superagentes": variables["SUPERAGENTES_TOKEN"]}
    return [ask(Remote(variables), f"{path}1", tokens[provider]).status for provider, path in PATHS.items()]


ENDS: dict[str, Callable[[subprocess.Popen[str]], object]] = {
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "stdin": lambda process: process.stdin and process.stdin.close(),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_prints_what_leads_there_and_ends_when_told(end: str) -> None:
    with serving(*(["--until-stdin-closes"] if end == "stdin" else [])) as (process, variables):
        assert list(variables) == VARIABLES
        assert variables["SUPERAGENTES_BASE_URL"] == variables["ZILD_BASE_URL"] + "/api"
        assert statuses(variables) == [200, 200]
        ENDS[end](process)
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_shell_can_evaluate_what_it_prints() -> None:
    with serving() as (_, variables):
        script = "\n".join(f"export {name}={value}" for name, value in variables.items())
        shown = subprocess.run(
            ["/bin/sh", "-c", f"{script}\nenv"],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.environ["PATH"]},
        ).stdout
        assert {f"{name}={value}" for name, value in variables.items()} <= set(shown.splitlines())


def test_faults_the_seed_and_the_limit_are_options() -> None:
    options = ["--fault", "forbidden=0", "--fault", "unavailable", "--requests-per-second", "0.001", "--retry-after"]
    with serving("--seed", "5", *options) as (_, variables):
        assert statuses(variables) == [503, 503]
        again = ask(Remote(variables), "/api/Conversation/1", variables["ZILD_TOKEN"])
        assert again.status == 429
        assert 900 < int(again.headers["retry-after"]) <= 1000
    with serving("--seed", "5") as (_, variables):
        answer = ask(Remote(variables), "/api/Conversation/1", variables["ZILD_TOKEN"])
        assert answer.body == Sandbox(seed=5).body("zild:1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "nonsense"], "'nonsense' is not a valid Fault"),
        (["--fault", "reset=2"], "probability is a number from 0 to 1"),
        (["--fault", "status"], "status needs a status"),
        (["--requests-per-second", "0"], "requests_per_second is a number above 0"),
    ],
)
def test_a_wrong_option_is_told_on_stderr(options: list[str], message: str) -> None:
    result = run(sys.executable, "-m", "conversas.sandbox", *options, cwd=ROOT)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_port_that_is_taken_is_told_on_stderr(sandbox: Sandbox) -> None:
    result = run(sys.executable, "-m", "conversas.sandbox", "--port", str(port_of(sandbox)), cwd=ROOT)
    assert (result.returncode, result.stdout) == (2, "")
    assert "in use" in result.stderr


def test_help_and_the_page_name_every_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    shown = run(sys.executable, "-m", "conversas.sandbox", "--help", cwd=ROOT).stdout
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    assert f"order: {', '.join(Fault)}\n" in shown
    assert re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE) == list(Fault)


TESTS = """
import os, urllib.request

pytest_plugins = ["conversas.testing.fixtures"]

def test_one(sandbox):
    request = urllib.request.Request(f"{sandbox.url}/api/Conversation/1")
    request.add_header("Authorization", f"Bearer {sandbox.zild.token}")
    with urllib.request.urlopen(request) as answer:
        assert answer.read() == sandbox.body("zild:1")
    assert os.environ["NO_PROXY"].split(",") == ["intranet.example", "127.0.0.1"]

def test_two(sandbox):
    assert sandbox.counts.requests == 0
"""


def test_the_fixture_gives_each_test_a_sandbox_past_any_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    (tmp_path / "test_theirs.py").write_text(TESTS)
    options = ["-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist"]
    result = run(sys.executable, "-m", "pytest", *options, str(tmp_path), cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 passed" in result.stdout


def test_the_sandbox_needs_no_test_framework() -> None:
    code = "import sys, conversas.sandbox; print({'pytest', 'hypothesis', 'unittest', 'httpx'} & sys.modules.keys())"
    assert run(sys.executable, "-c", code, cwd=ROOT).stdout == "set()\n"
