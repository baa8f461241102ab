"""`conversas erase`: conversations are deleted from an export for good."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.ref_suggestion import parse_ref
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand


@subcommand("erase", "conversas erase DIR zild:123", "conversas erase DIR zild:123 zild:124")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
def command(path: str, refs: tuple[str, ...]) -> int:
    """Delete conversations from an export for good.

    Only the refs stay, so later runs skip them. If the command is killed, run it again. It prints the names of
    files that may contain the refs or their texts but are not in the manifest; it does not change these files.
    """
    erasure = conversas.Export(path).erase([parse_ref(ref) for ref in refs])
    for name in erasure.left:
        click.echo(escape_for_terminal(name))
    absent = f", {erasure.absent:,} not in the export or erased before" if erasure.absent else ""
    print_line(f"{erasure.erased:,} erased{absent}; later runs skip them", err=True)
    if erasure.damaged:
        print_line(f"{erasure.damaged:,} damaged files that were kept aside are deleted as well", err=True)
    if erasure.left:
        print_line(f"{len(erasure.left):,} files may still hold it; look into them, and delete them", err=True)
    return 1 if erasure.left else 0
