"""`conversas get`: one conversation, as a transcript, as JSON, or as its exact bytes."""

import json
import sys

import click

from conversas import Client, ConfigurationError, Conversation, ConversationRef
from conversas.cli.param_types import POSITIVE_FLOAT
from conversas.cli.sanitize import escape_json_for_terminal
from conversas.providers import get_provider, provider_names
from conversas.providers.base import ProviderConfig
from conversas.providers.environment import provider_from_env


@click.command("get")
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the provider sent.")
@click.option("--timeout", type=POSITIVE_FLOAT, metavar="SECONDS", help="Time limit, with all retries.")
def command(ref: str, as_json: bool, raw: bool, timeout: float | None) -> None:  # noqa: FBT001  # as click calls it
    """Print one conversation: conversas get zild:123."""
    if as_json and raw:
        raise click.UsageError("--json and --raw exclude each other; pass one of them")
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal; redirect them to a file or a pipe")
    parsed = ConversationRef.parse(ref)
    with Client(_provider_config(parsed)) as client:
        conversation = client.get(parsed, timeout=timeout)
    if raw:
        sys.stdout.buffer.write(conversation.raw)
        sys.stdout.buffer.flush()
    elif as_json:
        _print_json(conversation)
    else:
        _print_transcript(conversation)


def _provider_config(ref: ConversationRef) -> ProviderConfig:
    """Return the provider of a ref, whatever the configuration of the others.

    Raises:
        ConfigurationError: The provider does not exist, or is not configured.
    """
    if ref.provider not in provider_names():
        raise ConfigurationError(f"{ref}: a ref must begin with {' or '.join(f'{name}:' for name in provider_names())}")
    config = provider_from_env(ref.provider)
    if config is None:
        raise ConfigurationError(f"{ref}: its provider is not configured; set {get_provider(ref.provider).env_help}")
    return config


def _print_json(conversation: Conversation) -> None:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    text = json.dumps(conversation.to_dict(), ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    click.echo(escape_json_for_terminal(text))


def _print_transcript(conversation: Conversation) -> None:
    from conversas.cli.console import plain_console
    from conversas.cli.transcript import print_transcript

    print_transcript(conversation, plain_console())
