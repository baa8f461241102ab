"""The command line, as far as it can be told without its extra: where that is missing, what to install."""

import sys

EXTRA = ("click", "rich")


def main() -> None:
    """Run `conversas`, and end the process with its exit code."""
    try:
        from conversas.cli.app import run

        code = run()
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        sys.stderr.write(f"error: the command line needs {error.name}: pip install 'conversas[cli]'\n")
        code = 2
    except KeyboardInterrupt:  # before click takes it
        code = 130
    sys.exit(code)
