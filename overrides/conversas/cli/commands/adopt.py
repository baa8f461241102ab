"""`conversas adopt`: a new manifest from the parts of an export."""

import click

from conversas import Export
from conversas.cli.sanitize import escape_for_terminal


@click.command("adopt")
@click.argument("path", metavar="DIR")
def command(path: str) -> int:
    """Rebuild the manifest of an export from its sound parts: conversas adopt DIR.

    The old manifest is kept under another name. Files that are no sound parts are printed, and left as they are.
    """
    adoption = Export(path).adopt()
    for name in adoption.rejected:
        click.echo(escape_for_terminal(name))
    parts = "1 part" if adoption.parts == 1 else f"{adoption.parts:,} parts"
    click.echo(f"{adoption.conversations:,} conversations in {parts} adopted", err=True)
    if adoption.rejected:
        click.echo(f"{len(adoption.rejected):,} files were not adopted; move them away before the next run", err=True)
    return 1 if adoption.rejected else 0
