"""Runs each command after a `$` in docs/, against a sandbox, and puts below it what it prints."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from conversas.sandbox import Sandbox

PAGES = [Path(__file__).parents[3] / "docs" / name for name in ("cli.md", "export.md")]
WIDTH = 100
_CONSOLE = re.compile(r"(?<=```console\n\$ )([^\n]*)\n.*?(?=```)", re.DOTALL)
_HOW_LONG = re.compile(r"(?<=, in )\d+ s$", re.MULTILINE)


def written_anew(page: str) -> str:
    """Give the text of a page with what its commands print now. They share a folder that is empty at first."""
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bin").mkdir()
        program = Path(folder) / "bin" / "conversas"
        program.write_text(f"#!{sys.executable}\nfrom conversas.cli import main\nmain()\n", "utf-8")
        program.chmod(0o700)
        environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "COLUMNS": str(WIDTH), "NO_PROXY": "127.0.0.1"}
        environment |= {"ZILD_BASE_URL": sandbox.url, "ZILD_TOKEN": sandbox.issue_token("zild")}
        return _CONSOLE.sub(lambda found: f"{found[1]}\n{_printed(found[1], folder, environment)}", page)


def _printed(command: str, folder: str, environment: dict[str, str]) -> str:
    result = subprocess.run(
        ["bash", "-c", command],  # noqa: S607
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return _HOW_LONG.sub("1 s", result.stdout)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(written_anew(page.read_text("utf-8")), "utf-8")
