"""`conversas adopt`: a new manifest from the parts of an export."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand
from conversas.plurals import counted


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
    conversations, parts = counted(adoption.conversations, "conversation"), counted(adoption.parts, "part")
    print_line(f"{conversations} in {parts} adopted", err=True)
    if rejected := len(adoption.rejected):
        files = counted(rejected, "file was not adopted; move it", "files were not adopted; move them")
        print_line(f"{files} away before the next run", err=True)
    return 1 if adoption.rejected else 0
