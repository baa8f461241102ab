"""`conversas status`: how an export stands."""

from collections.abc import Iterable

import click

from conversas.cli.sanitize import harmless
from conversas.exporter.status import Group, status


@click.command("status")
@click.argument("folder", metavar="DIR")
def command(folder: str) -> None:
    """Tell what an export has, what failed and why, and what is incomplete and why.

    A run may be at work in the folder.
    """
    found = status(folder)
    parts = "part" if found.parts == 1 else "parts"
    click.echo(f"{found.fetched:,} fetched, {found.complete:,} of them complete, in {found.parts:,} {parts}")
    _show("failed", found.failed)
    _show("incomplete", found.incomplete)
    if found.drifting:
        click.echo(f"{found.drifting:,} differ from the spec: conversas drift {harmless(folder)}")
    if not found.sealed:
        click.echo("a run is at work, or the last one did not come to its end: the same export again goes on")


def _show(what: str, groups: Iterable[Group]) -> None:
    for group in groups:
        again = ", the next run tries again" if group.may_pass else ""
        click.echo(harmless(f"{group.count:>9,} {what}, {group.what}, such as {group.first_ref}{again}"))
