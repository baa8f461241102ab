"""scripts/demo: what it shows, wherever it is run, and that it shows conversations as `conversas get` does."""

import re
import subprocess
import sys

import pytest

from conversas import decode
from conversas.sandbox import Sandbox
from support.cli import conversas, environment, leading_to
from support.processes import ROOT
from tools.demo import LONGEST_TRANSCRIPT, show


def test_it_shows_two_conversations_and_a_hundred_that_go_wrong() -> None:
    elsewhere = "http://127.0.0.1:9"  # a proxy of the environment does not keep it from this machine
    variables = environment(PYTHONPATH="scripts", NO_PROXY="", HTTP_PROXY=elsewhere, ALL_PROXY=elsewhere)
    command = [sys.executable, "-W", "error", "-m", "tools.demo"]
    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.findall(r"^(zild|superagentes):\w+  \w+, ", result.stdout, re.MULTILINE) == ["zild", "superagentes"]
    counts = {what: int(number) for number, what in re.findall(r"^ +(\d+)  (.+)$", result.stdout, re.MULTILINE)}
    assert counts["fetched"] + counts["failed"] == 100
    for what in ("failed", "after a retry", "with drift", "not known to be complete"):
        assert [count for name, count in counts.items() if what in name] > [0]
    assert "export ZILD_BASE_URL=" in result.stdout
    assert "conversas doctor\n" in result.stdout


@pytest.mark.parametrize("provider", ["zild", "superagentes"])
def test_the_demo_shows_the_transcript_of_the_command_line(capsys: pytest.CaptureFixture[str], provider: str) -> None:
    with Sandbox() as sandbox:
        conversations = (decode(provider, sandbox.body(f"{provider}:{id_}")) for id_ in range(1, 100))
        short = next(one for one in conversations if 3 < len(one.messages) <= LONGEST_TRANSCRIPT)
        shown = conversas("get", str(short.ref), **leading_to(sandbox)).stdout.decode()
    show(short)
    assert capsys.readouterr().out == f"{shown}\n"
    assert shown.startswith(str(short.ref))
