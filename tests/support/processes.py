"""Running other programs, apart from the folder and the paths that the tests run with."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE_TOOLS = ROOT / "scripts" / "node" / "node_modules" / ".bin"
OUR_PATHS = {"PYTHONPATH", "MYPYPATH", "VIRTUAL_ENV"}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code."""
    environment = {name: value for name, value in os.environ.items() if name not in OUR_PATHS}
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def output(*command: str | Path, cwd: Path) -> str:
    """Return what a program writes to stdout. A failure shows what it wrote elsewhere."""
    result = run(*command, cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def uv(*arguments: str | Path, cwd: Path) -> str:
    return output(sys.executable, "-m", "uv", *arguments, cwd=cwd)
