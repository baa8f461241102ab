"""The command line, as far as it can be told without its extra: where that is missing, what to install."""

import sys


def main() -> None:
    """Run `conversas`, and end the process with its exit code."""
    try:
        from conversas.cli.program import run
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.stderr.write(f"error: the command line needs {error.name}: pip install 'conversas[cli]'\n")
        sys.exit(2)
    sys.exit(run())
