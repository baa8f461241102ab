"""`conversas refs`: prints the refs of the conversations that a provider lists, one per line."""

import click

import conversas
from conversas.cli.console import print_line
from conversas.cli.provider_config import provider_config
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import subcommand
from conversas.providers import get_provider


@subcommand("refs", "conversas refs superagentes", "conversas refs superagentes --status open > refs.txt")
@click.argument("provider")
@click.option(
    "--status",
    metavar="STATUS",
    help="Only conversations with this status: open, waiting, closed, or the provider's own word.",
)
@click.option("--agent-id", metavar="ID", help="Only conversations of this agent.")
def command(provider: str, status: str | None, agent_id: str | None) -> None:
    """Print the refs of the conversations that a provider lists.

    Redirect the refs to a file for `conversas export`. A provider may have more conversations than it lists at once.
    List each status separately, for example with --status open.
    """
    with conversas.Client(provider_config(provider)) as client:
        refs = [str(ref) for ref in client.list_refs(provider, status=status, agent_id=agent_id)]
    for ref in refs:
        click.echo(escape_for_terminal(ref))
    if not refs:
        print_line(
            escape_for_terminal(f"{provider} lists no such conversation{_documented(provider, status)}"), err=True
        )


def _documented(provider: str, status: str | None) -> str:
    """Return the statuses that a provider documents, for a message about an unknown status."""
    statuses = get_provider(provider).require_list_operation().statuses
    if status is None or status in {*statuses, *statuses.values()}:
        return ""
    known = ", ".join(f"{neutral} ({word})" for neutral, word in statuses.items())
    return f"; it documents these statuses: {known}"
