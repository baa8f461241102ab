"""`conversas refs`: the refs of the conversations that a provider lists, one a line."""

import click

import conversas
from conversas.cli.provider_config import provider_config
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import subcommand


@subcommand("refs", "conversas refs superagentes", "conversas refs superagentes --status UNRESOLVED > refs.txt")
@click.argument("provider")
@click.option("--status", metavar="STATUS", help="Only conversations with this status, as the provider writes it.")
@click.option("--agent-id", metavar="ID", help="Only conversations of this agent.")
def command(provider: str, status: str | None, agent_id: str | None) -> None:
    """Print the refs of the conversations that a provider lists.

    Redirect them to a file for `conversas export`. The provider may have more conversations than it lists: ask for each
    status by itself, for example with --status UNRESOLVED.
    """
    with conversas.Client(provider_config(provider)) as client:
        for ref in client.list_refs(provider, status=status, agent_id=agent_id):
            click.echo(escape_for_terminal(str(ref)))
