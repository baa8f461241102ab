"""`conversas status`: the status of an export."""

from collections.abc import Iterable

import click

from conversas import Export, ExportStatus, OutcomeGroup
from conversas.cli.sanitize import escape_for_terminal


@click.command("status")
@click.argument("path", metavar="DIR")
def command(path: str) -> None:
    """Print what an export has, what failed or is incomplete, and why: conversas status DIR.

    A run may be using the directory.
    """
    status = Export(path).status()
    parts = "part" if status.parts == 1 else "parts"
    click.echo(f"{status.fetched:,} fetched, {_describe_verdicts(status)}, in {status.parts:,} {parts}")
    _print_groups(status.failed)
    _print_groups(status.incomplete)
    if status.drifting:
        click.echo(f"{status.drifting:,} with drift; see conversas drift {escape_for_terminal(path)}")
    if not status.complete:
        click.echo("a run is using the directory, or the last one did not finish; the same export again continues it")


def _describe_verdicts(status: ExportStatus) -> str:
    """Return the counts by verdict: what is still open is apart from what may have lost something."""
    counts = (
        (status.fetched_in_progress, "in progress"),
        (status.fetched_truncated, "truncated"),
        (status.fetched_unknown, "unknown"),
    )
    others = [f"{count:,} {verdict}" for count, verdict in counts if count]
    return ", ".join([f"{status.fetched_complete:,} of them complete", *others])


def _print_groups(groups: Iterable[OutcomeGroup]) -> None:
    for group in groups:
        outcome = group.verdict.replace("_", " ") if group.verdict else "failed"
        next_run = ", fetched again by the next run" if group.fetch_again else ""
        click.echo(
            escape_for_terminal(f"{group.count:>9,} {outcome}, {group.reason}, e.g. {group.first_ref}{next_run}")
        )
