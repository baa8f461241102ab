"""`conversas get`: one conversation, as a transcript, as JSON, as a page, or as its exact bytes."""

import sys

import click

from conversas import Client, ConversationRef, transcript_html
from conversas.cli.conversation_output import print_conversation
from conversas.cli.param_types import POSITIVE_FLOAT
from conversas.cli.provider_config import provider_config


@click.command("get")
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
@click.option("--html", "as_html", is_flag=True, help="Print a page, to be redirected to a file.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the provider sent.")
@click.option("--timeout", type=POSITIVE_FLOAT, metavar="SECONDS", help="Time limit, with all retries.")
def command(ref: str, as_json: bool, as_html: bool, raw: bool, timeout: float | None) -> None:  # noqa: FBT001  # as click calls it
    """Print one conversation: conversas get zild:123."""
    if as_json + as_html + raw > 1:
        raise click.UsageError("--json, --html and --raw exclude each other; pass one of them")
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal; redirect them to a file or a pipe")
    parsed = ConversationRef.parse(ref)
    with Client(provider_config(parsed.provider, asked=str(parsed))) as client:
        conversation = client.get(parsed, timeout=timeout)
    if raw:
        sys.stdout.buffer.write(conversation.raw)
        sys.stdout.buffer.flush()
    elif as_html:
        click.echo(transcript_html(conversation), nl=False)
    else:
        print_conversation(conversation, as_json=as_json)
