"""`conversas verify`: whether an export is what its runs left."""

import click

from conversas.cli.sanitize import harmless
from conversas.exporter.verify import verify


@click.command("verify")
@click.argument("folder", metavar="DIR")
def command(folder: str) -> int:
    """Hold each file of an export against its manifest.

    What is wrong is told on stderr; the refs to fetch again are printed, so that they can be given to conversas export
    --refresh all.
    """
    problems = verify(folder)
    for problem in problems:
        click.echo(harmless(problem.text), err=True)
    for ref in sorted({ref for problem in problems for ref in problem.refs}):
        click.echo(harmless(ref))
    if not problems:
        click.echo("all is as the manifest says", err=True)
    return 1 if problems else 0
