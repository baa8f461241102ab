"""Runs `conversas` in a separate process, with only the environment that it needs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conversas.sandbox import Sandbox

PROGRAM = [sys.executable, "-W", "error", "-m", "conversas"]
GUARD_SECONDS = 60.0  # only a deadlock takes so long

Run = Callable[..., tuple[int, str, str]]
"""The fixture `command`."""


def environment(**variables: str) -> dict[str, str]:
    """Return an environment with these variables, otherwise without configuration and proxy."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"NO_PROXY": "127.0.0.1"} | variables


def leading_to(sandbox: Sandbox) -> dict[str, str]:
    """Return the variables that point the command to a sandbox."""
    return sandbox.env


def conversas(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command, and wait for its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


@contextmanager
def running(
    *arguments: str, variables: dict[str, str] | None = None, below: Sequence[str] = (), **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command, or `below`, a program that starts it, and kill it afterwards."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | pipes
    command = [*below, *PROGRAM, *arguments]
    with subprocess.Popen(command, env=environment(**(variables or {})), **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def one_line(stderr: str | bytes) -> str:
    """Check that stderr has one line that begins as errors do, and return it."""
    text = stderr.decode() if isinstance(stderr, bytes) else stderr
    assert text.startswith("error: "), text
    assert text.endswith("\n"), text
    assert text.count("\n") == 1, text
    return text.rstrip("\n")
