"""The sandbox as a fixture of pytest."""

import sys
from pathlib import Path

import pytest

from support.processes import ROOT, run

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
