"""Output of the commands in docs/. Each command after a `$` runs against a sandbox."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conversas.sandbox import Sandbox
from conversas.sandbox.platforms import get_platform

DOCS = Path(__file__).parents[3] / "docs"
PAGES = dict.fromkeys(
    [DOCS / f"{name}.md" for name in ("cli", "cron", "export", "personal-data", "redaction", "refs")], ("zild",)
) | {DOCS / "transcripts.md": ("superagentes",)}  # this provider has ratings
"""Pages, each with the providers that are configured for its commands."""
WIDTH = 100
_CONSOLE = re.compile(r"(?<=```console\n\$ )([^\n]*)\n.*?(?=```)", re.DOTALL)
# Output that depends on the speed of the machine.
_DURATION = re.compile(r"(?<=, in )\d+ s$", re.MULTILINE)
_PROGRESS = re.compile(r"^[\d,]+(?: of [\d,]+)? done, .*\n", re.MULTILINE)


def refresh_console_blocks(page: str, providers: Sequence[str]) -> str:
    """Return the page with the current output of its commands. All commands share a folder, which is empty at first."""
    with shell(providers) as run:
        return _CONSOLE.sub(lambda found: f"{found[1]}\n{run(found[1])}", page)


@contextmanager
def shell(providers: Sequence[str], **variables: str) -> Generator[Callable[[str], str]]:
    """Yield a function that runs a command in an empty folder against a sandbox, and returns its output."""
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bin").mkdir()
        program = Path(folder) / "bin" / "conversas"
        program.write_text(f"#!{sys.executable}\nfrom conversas.cli import main\nmain()\n", "utf-8")
        program.chmod(0o700)
        environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "COLUMNS": str(WIDTH), "NO_PROXY": "127.0.0.1"}
        for name in providers:
            environment |= get_platform(name).env(sandbox.url, sandbox.issue_token(name))
        environment |= variables
        yield lambda command: _output(command, folder, environment)


def _output(command: str, folder: str, environment: dict[str, str]) -> str:
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
    return _DURATION.sub("1 s", _PROGRESS.sub("", result.stdout))


if __name__ == "__main__":
    for page, providers in PAGES.items():
        page.write_text(refresh_console_blocks(page.read_text("utf-8"), providers), "utf-8")
