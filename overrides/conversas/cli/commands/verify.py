"""`conversas verify`: the files of an export against its manifest."""

import click

from conversas import Export
from conversas.cli.sanitize import escape_for_terminal


@click.command("verify")
@click.argument("path", metavar="DIR")
def command(path: str) -> int:
    """Check every file of an export against its manifest: conversas verify DIR.

    Problems go to stderr. The refs to fetch again are printed, one a line, for conversas export --refresh all.
    """
    export = Export(path)
    problems = export.verify()
    for problem in problems:
        click.echo(escape_for_terminal(problem.text), err=True)
    for ref in sorted({ref for problem in problems for ref in problem.refs}):
        click.echo(escape_for_terminal(ref))
    if not problems:
        erased = len(export.erased())
        without = f", and none holds one of the {erased:,} erased conversations" if erased else ""
        click.echo(f"OK: every file matches the manifest{without}", err=True)
    return 1 if problems else 0
