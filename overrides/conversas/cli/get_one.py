"""`conversas get`: one conversation, to read or to pass on."""

import json
import sys

import click

from conversas import Client, Conversation
from conversas.cli.harmless import harmless_json


@click.command("get")
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the platform sent.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Give up after so long."
)
def command(ref: str, as_json: bool, raw: bool, timeout: float | None) -> None:  # noqa: FBT001  # as click calls it
    """Print one conversation: conversas get zild:123."""
    if as_json and raw:
        raise click.UsageError("--json and --raw exclude each other")
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal: write them to a file or a pipe")
    with Client.from_env() as client:
        conversation = client.get(ref, timeout=timeout)
    if raw:
        sys.stdout.buffer.write(conversation.raw)
    elif as_json:
        _print_json(conversation)
    else:
        _print_transcript(conversation)


def _print_json(conversation: Conversation) -> None:
    form = json.dumps(conversation.to_dict(), ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    click.echo(harmless_json(form))


def _print_transcript(conversation: Conversation) -> None:
    from rich.console import Console

    from conversas.cli.transcript import print_transcript

    print_transcript(conversation, Console(highlight=False, markup=False, emoji=False))
