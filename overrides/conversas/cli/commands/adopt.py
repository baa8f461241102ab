"""`conversas adopt`: a new manifest from the parts of an export."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand


@subcommand("adopt", "conversas adopt DIR", "conversas adopt DIR > rejected.txt")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
def command(path: str) -> int:
    """Rebuild the manifest of an export from its sound parts.

    The old manifest is kept under another name. The command prints the names of damaged files, and of files
    that are not parts. It does not change these files.
    """
    adoption = conversas.Export(path).adopt()
    for name in adoption.rejected:
        click.echo(escape_for_terminal(name))
    parts = "1 part" if adoption.parts == 1 else f"{adoption.parts:,} parts"
    noun = "conversation" if adoption.conversations == 1 else "conversations"
    print_line(f"{adoption.conversations:,} {noun} in {parts} adopted", err=True)
    if rejected := len(adoption.rejected):
        files = (
            "1 file was not adopted; move it" if rejected == 1 else f"{rejected:,} files were not adopted; move them"
        )
        print_line(f"{files} away before the next run", err=True)
    return 1 if adoption.rejected else 0
