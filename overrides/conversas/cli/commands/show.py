"""`conversas show`: prints one conversation from a file or an export as a transcript, as JSON, or as a page."""

from pathlib import Path
from typing import Any

import click

import conversas
from conversas import DecodeError, NotFoundError
from conversas.cli.conversation_output import OUTPUT_OPTIONS, Output, output_options
from conversas.cli.input_file import input_name, open_input
from conversas.cli.redaction import redaction_options, redactor_from
from conversas.cli.ref_suggestion import did_you_mean, suggest_ref
from conversas.cli.subcommand import FILES, subcommand
from conversas.providers import provider_names
from conversas.providers.environment import timezone_from_env


@subcommand(
    "show",
    "conversas show body.json",
    "conversas show DIR zild:123",
    groups={"Output": OUTPUT_OPTIONS, "Personal data": ["--redact", "--redact-key-file"]},
)
@click.argument("path", shell_complete=FILES)
@click.argument("ref", required=False)
@click.option(
    "--provider", type=click.Choice(provider_names()), help="Provider of the body, if the body does not show it."
)
@output_options
@redaction_options
def command(
    path: str,
    ref: str | None,
    provider: str | None,
    redact: bool,  # noqa: FBT001  # as click calls it
    redact_key_file: str | None,
    **options: Any,
) -> None:
    """Print a conversation from a file or an export.

    PATH is a file with the body that a provider sent, - for stdin, or the directory of an export. With a directory,
    also pass REF.
    """
    output, redactor = Output(**options), redactor_from(redact, redact_key_file)
    if Path(path).is_dir():
        conversation = _from_export(path, ref, provider)
    elif ref is not None:
        raise click.UsageError(f"{path} is not a directory; pass REF only with the directory of an export")
    else:
        conversation = _from_body(path, provider)
    output.print(redactor(conversation).conversation if redactor else conversation)


def _from_export(path: str, ref: str | None, provider: str | None) -> "conversas.Conversation":
    if ref is None:
        raise click.UsageError(f"{path} is a directory; also pass a REF, for example zild:123")
    if provider is not None:
        raise click.UsageError("--provider is for a body; with an export, REF names the provider: omit --provider")
    export = conversas.Export(path)
    if ref in export.erased():
        raise NotFoundError(f"{ref}: the conversation was erased from the export")
    for conversation in export.conversations():
        if str(conversation.ref) == ref:
            return conversation
    suggestion = did_you_mean(suggest_ref(ref))
    raise NotFoundError(f"{ref}: the export has no such conversation; see conversas status {path}{suggestion}")


def _from_body(path: str, provider: str | None) -> "conversas.Conversation":
    """Return the conversation in a body, for the named provider, or else for the provider whose spec clearly fits best.

    Raises:
        UsageError: The body may belong to several providers.
        DecodeError: The body is not a conversation of any provider.
    """
    with open_input(Path(path)) as file:
        body = file.read()
    if provider is not None:
        return _decode(provider, body)
    decoded = sorted(_conversations(body), key=_differences)
    first, *others = (_differences(each) for each in decoded)
    if any(not _is_by_far_less(first, other) for other in others):
        names = " or ".join(sorted(each.provider for each in decoded))
        raise click.UsageError(f"{input_name(Path(path))} may belong to several providers; pass --provider {names}")
    return decoded[0]


def _differences(conversation: "conversas.Conversation") -> tuple[int, int]:
    """Return two counts: the places that contradict the spec, and all drift, which includes unknown properties."""
    unknown = sum(drift.kind is conversas.DriftKind.UNKNOWN_FIELD for drift in conversation.drift)
    return len(conversation.drift) - unknown, len(conversation.drift)


def _is_by_far_less(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(2 * few < many for few, many in zip(one, other, strict=True))


def _conversations(body: bytes) -> "list[conversas.Conversation]":
    """Return the conversations that a body may be, at most one for each provider.

    Raises:
        DecodeError: The body is not a conversation of any provider.
    """
    found, refusal = list["conversas.Conversation"](), None
    for name in provider_names():
        try:
            found.append(_decode(name, body))
        except DecodeError as error:
            refusal = error
    if refusal and not found:
        raise refusal
    return found


def _decode(provider: str, body: bytes) -> "conversas.Conversation":
    try:
        return conversas.decode(provider, body, timezone=timezone_from_env(provider))
    except DecodeError as error:
        reason = error.reason
    raise DecodeError(f"the file has no conversation ({reason})", body=body, reason=reason, provider=provider)
