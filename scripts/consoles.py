"""Runs each `$ conversas ...` on docs/cli.md against a sandbox, and puts below it what it prints."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from conversas.sandbox import Sandbox

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100
_CONSOLE = re.compile(r"(?<=```console\n\$ )(conversas [^\n]*)\n.*?(?=```)", re.DOTALL)


def written_anew(page: str) -> str:
    """Give the text of a page with what its commands print now."""
    with Sandbox() as sandbox:
        environment = {"PATH": os.environ["PATH"], "COLUMNS": str(WIDTH), "NO_PROXY": "127.0.0.1"}
        environment |= {"ZILD_BASE_URL": sandbox.url, "ZILD_TOKEN": sandbox.issue_token("zild")}
        return _CONSOLE.sub(lambda found: f"{found[1]}\n{_printed(found[1], environment)}", page)


def _printed(command: str, environment: dict[str, str]) -> str:
    program = [sys.executable, "-c", "from conversas.cli import main; main()"]
    result = subprocess.run(
        [*program, *shlex.split(command)[1:]],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return result.stdout


def main() -> int:
    """Write the page, or with --check, tell whether it is as it would be written."""
    page = PAGE.read_text("utf-8")
    anew = written_anew(page)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(anew, "utf-8")
    elif anew != page:
        print("docs/cli.md is not what the command line prints: run scripts/docs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
