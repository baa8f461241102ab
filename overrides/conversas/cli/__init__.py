"""Entry point of the command line, which needs the extra `cli`."""

import sys

EXTRA = ("click", "rich")


def main() -> None:
    """Run `conversas` and exit with its code; if the extra is missing, print how to install it."""
    try:
        from conversas.cli.app import run

        code = run()
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        from conversas.optional import how_to_install

        sys.stderr.write(f"error: {how_to_install(error.name, needed_for='the command line', extra='cli')}\n")
        code = 2
    except KeyboardInterrupt:  # before click handles it
        code = 130
    sys.exit(code)
