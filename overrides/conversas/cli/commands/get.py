"""`conversas get`: one conversation, as a transcript, as JSON, as a page, or as its exact bytes."""

import sys

import click

import conversas
from conversas.cli.conversation_output import check_timezone, print_conversation
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
        "Output": ["--json", "--html", "--raw", "--timezone"],
        "Personal data": ["--redact", "--redact-key-file"],
    },
)
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
@click.option("--html", "as_html", is_flag=True, help="Print a page, to be redirected to a file.")
@click.option("--raw", is_flag=True, help="Write the exact bytes that the provider sent.")
@click.option(
    "--timezone", metavar="ZONE", help="Time zone of all times, for example America/Sao_Paulo; not with --json."
)
@redaction_options
@click.option("--timeout", type=POSITIVE_FLOAT, metavar="SECONDS", help="Time limit, with all retries.")
def command(
    ref: str,
    as_json: bool,  # noqa: FBT001  # as click calls it
    as_html: bool,  # noqa: FBT001
    raw: bool,  # noqa: FBT001
    redact: bool,  # noqa: FBT001
    redact_key_file: str | None,
    timeout: float | None,
    timezone: str | None,
) -> None:
    """Print one conversation."""
    redactor = redactor_from(redact, redact_key_file)
    if raw and redactor:
        raise click.UsageError("--raw and --redact exclude each other: the exact bytes are not redacted; pass one")
    if as_json + as_html + raw > 1:
        raise click.UsageError("--json, --html and --raw exclude each other; pass one of them")
    check_timezone(timezone, as_bytes_or_json=as_json or raw)
    if raw and sys.stdout.isatty():
        raise click.UsageError("--raw writes bytes that may change the terminal; redirect them to a file or a pipe")
    parsed = parse_ref(ref)
    with conversas.Client(provider_config(parsed.provider, asked=str(parsed))) as client:
        conversation = client.get(parsed, timeout=timeout)
    if redactor:
        conversation = redactor(conversation).conversation
    if raw:
        sys.stdout.buffer.write(conversation.raw)
        sys.stdout.buffer.flush()
    elif as_html:
        click.echo(conversas.transcript_html(conversation, timezone=timezone), nl=False)
    else:
        print_conversation(conversation, as_json=as_json, timezone=timezone)
