"""`conversas get`: prints one conversation as a transcript, as JSON, as a page, or as its exact bytes."""

import sys
from typing import Any

import click

import conversas
from conversas.cli.conversation_output import OUTPUT_OPTIONS, Output, output_options
from conversas.cli.param_types import POSITIVE_FLOAT
from conversas.cli.provider_config import provider_config
from conversas.cli.redaction import redaction_options, redactor_from
from conversas.cli.ref_suggestion import parse_ref
from conversas.cli.subcommand import subcommand


@subcommand(
    "get",
    "conversas get zild:123",
    "conversas get zild:123 --json > conversation.json",
    groups={
        "Output": [*OUTPUT_OPTIONS, "--raw"],
        "Personal data": ["--redact", "--redact-key-file"],
    },
)
@click.argument("ref")
@output_options
@click.option("--raw", "as_raw", is_flag=True, help="Write the exact bytes that the provider sent.")
@redaction_options
@click.option("--timeout", type=POSITIVE_FLOAT, metavar="SECONDS", help="Time limit, including all retries.")
def command(
    ref: str,
    redact: bool,  # noqa: FBT001  # as click calls it
    redact_key_file: str | None,
    timeout: float | None,
    **options: Any,
) -> None:
    """Print one conversation."""
    output, redactor = Output(**options), redactor_from(redact, redact_key_file)
    if output.as_raw and redactor:
        raise click.UsageError("--raw and --redact exclude each other: the exact bytes are not redacted; pass one")
    if output.as_raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal; redirect them to a file or a pipe")
    parsed = parse_ref(ref)
    with conversas.Client(provider_config(parsed.provider, asked=str(parsed))) as client:
        conversation = client.get(parsed, timeout=timeout)
    output.print(redactor(conversation).conversation if redactor else conversation)
