"""`conversas verify`: checks the files of an export against its manifest."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand


@subcommand("verify", "conversas verify DIR", "conversas verify DIR > damaged.txt")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
def command(path: str) -> int:
    """Check every file of an export against its manifest.

    The command prints the problems to stderr, and the refs to fetch again to stdout, one per line, for conversas export
    --refresh all.
    """
    export = conversas.Export(path)
    problems = export.verify()
    for problem in problems:
        print_line(escape_for_terminal(problem.text), err=True)
    for ref in sorted({ref for problem in problems for ref in problem.refs}):
        click.echo(escape_for_terminal(ref))
    if not problems:
        erased = len(export.erased())
        conversations = "the erased conversation" if erased == 1 else f"any of the {erased:,} erased conversations"
        without = f", and none of them holds {conversations}" if erased else ""
        print_line(f"OK: every file matches the manifest{without}", err=True)
    return 1 if problems else 0
