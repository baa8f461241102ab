"""`conversas erase`: deletes conversations from an export for good."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.ref_suggestion import parse_ref
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand
from conversas.plurals import counted


@subcommand("erase", "conversas erase DIR zild:123", "conversas erase DIR zild:123 zild:124")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
def command(path: str, refs: tuple[str, ...]) -> int:
    """Delete conversations from an export for good.

    Only the refs stay, so later runs skip them. If the command is killed, run it again to finish. The command prints
    the names of files that may contain the refs or their texts, but are not in the manifest. It does not change these
    files.
    """
    erasure = conversas.Export(path).erase([parse_ref(ref) for ref in refs])
    for name in erasure.left:
        click.echo(escape_for_terminal(name))
    before = f", {erasure.erased_before:,} erased before" if erasure.erased_before else ""
    absent = f", {erasure.absent:,} not in the export (check the ref)" if erasure.absent else ""
    them = "it" if erasure.erased + erasure.erased_before + erasure.absent == 1 else "them"
    print_line(f"{erasure.erased:,} erased{before}{absent}; later runs skip {them}", err=True)
    if erasure.damaged:
        files = counted(erasure.damaged, "damaged file was", "damaged files were")
        print_line(f"{files} also deleted; earlier runs had kept such files aside", err=True)
    if left := len(erasure.left):
        them = "it" if left == 1 else "them"
        print_line(f"{counted(left, 'file')} may still hold erased text; look into {them}, and delete {them}", err=True)
    return 1 if erasure.left else 0
