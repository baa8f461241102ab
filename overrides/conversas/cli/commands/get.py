"""`conversas get`: one conversation, to read or to pass on."""

import json
import sys

import click

from conversas import Client, ConfigurationError, Conversation, ConversationRef
from conversas.cli.param_types import ABOVE_0
from conversas.cli.sanitize import harmless_json
from conversas.providers import get_provider, provider_names
from conversas.providers.base import ProviderConfig
from conversas.providers.environment import provider_from_env


@click.command("get")
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the platform sent.")
@click.option("--timeout", type=ABOVE_0, metavar="SECONDS", help="Give up after so long.")
def command(ref: str, as_json: bool, raw: bool, timeout: float | None) -> None:  # noqa: FBT001  # as click calls it
    """Print one conversation: conversas get zild:123."""
    if as_json and raw:
        raise click.UsageError("--json and --raw exclude each other")
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal: write them to a file or a pipe")
    asked = ConversationRef.parse(ref)
    with Client(_config(asked)) as client:
        conversation = client.get(asked, timeout=timeout)
    if raw:
        sys.stdout.buffer.write(conversation.raw)
        sys.stdout.buffer.flush()
    elif as_json:
        _print_json(conversation)
    else:
        _print_transcript(conversation)


def _config(ref: ConversationRef) -> ProviderConfig:
    """Give the platform that a ref is of. That another one is set up wrong is no matter.

    Raises:
        ConfigurationError: There is no such platform, or it is not set up.
    """
    if ref.provider not in provider_names():
        raise ConfigurationError(f"{ref}: a ref begins with {' or '.join(f'{name}:' for name in provider_names())}")
    config = provider_from_env(ref.provider)
    if config is None:
        raise ConfigurationError(f"{ref}: no token is set: set {get_provider(ref.provider).env_help}")
    return config


def _print_json(conversation: Conversation) -> None:
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    form = json.dumps(conversation.to_dict(), ensure_ascii=not is_utf8, indent=2 if sys.stdout.isatty() else None)
    click.echo(harmless_json(form))


def _print_transcript(conversation: Conversation) -> None:
    from conversas.cli.console import plain_console
    from conversas.cli.transcript import print_transcript

    print_transcript(conversation, plain_console())
