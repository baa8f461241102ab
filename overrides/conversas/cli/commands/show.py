"""`conversas show`: one conversation that is on the disk, as a transcript or as JSON."""

from pathlib import Path

import click

from conversas import Conversation, DecodeError, DriftKind, Export, NotFoundError, decode
from conversas.cli.conversation_output import print_conversation
from conversas.cli.input_file import input_name, open_input
from conversas.providers import provider_names
from conversas.providers.environment import timezone_from_env


@click.command("show")
@click.argument("path")
@click.argument("ref", required=False)
@click.option("--provider", type=click.Choice(provider_names()), help="Provider of the body, if it may be of several.")
@click.option("--json", "as_json", is_flag=True, help="Print the neutral form as JSON.")
def command(path: str, ref: str | None, provider: str | None, as_json: bool) -> None:  # noqa: FBT001  # as click calls it
    """Print a conversation on the disk: conversas show body.json, or conversas show DIR zild:123.

    PATH is a file with the body that a provider sent, - for stdin, or the directory of an export, which needs REF.
    """
    if Path(path).is_dir():
        conversation = _from_export(path, ref, provider)
    elif ref is not None:
        raise click.UsageError(f"{path} is not a directory; a REF is for the directory of an export")
    else:
        conversation = _from_body(path, provider)
    print_conversation(conversation, as_json=as_json)


def _from_export(path: str, ref: str | None, provider: str | None) -> Conversation:
    if ref is None:
        raise click.UsageError(f"{path} is a directory; pass a REF as well, for example zild:123")
    if provider is not None:
        raise click.UsageError("--provider is for a body; the REF of an export has its provider")
    export = Export(path)
    if ref in export.erased():
        raise NotFoundError(f"{ref}: the conversation was erased from the export")
    for conversation in export.conversations():
        if str(conversation.ref) == ref:
            return conversation
    raise NotFoundError(f"{ref}: the export has no such conversation; see conversas status {path}")


def _from_body(path: str, provider: str | None) -> Conversation:
    """Return the conversation of a body, by its provider: the one named, else the one whose spec it follows by far.

    Raises:
        UsageError: It may be of several providers.
        DecodeError: It is not a conversation of any.
    """
    with open_input(Path(path)) as file:
        body = file.read()
    if provider is not None:
        return _decode(provider, body)
    decoded = sorted(_conversations(body), key=_differences)
    first, *others = (_differences(each) for each in decoded)
    if any(not _is_by_far_less(first, other) for other in others):
        names = " or ".join(sorted(each.provider for each in decoded))
        raise click.UsageError(f"{input_name(Path(path))} may be of several providers; pass --provider {names}")
    return decoded[0]


def _differences(conversation: Conversation) -> tuple[int, int]:
    """Return in how many places a body contradicts the spec, and in how many it differs, with unknown properties."""
    unknown = sum(drift.kind is DriftKind.UNKNOWN_FIELD for drift in conversation.drift)
    return len(conversation.drift) - unknown, len(conversation.drift)


def _is_by_far_less(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(2 * few < many for few, many in zip(one, other, strict=True))


def _conversations(body: bytes) -> list[Conversation]:
    """Return the conversations that a body may be, at least one.

    Raises:
        DecodeError: It is not a conversation of any provider.
    """
    found, refusal = list[Conversation](), None
    for name in provider_names():
        try:
            found.append(_decode(name, body))
        except DecodeError as error:
            refusal = error
    if refusal and not found:
        raise refusal
    return found


def _decode(provider: str, body: bytes) -> Conversation:
    try:
        return decode(provider, body, timezone=timezone_from_env(provider))
    except DecodeError as error:
        reason = error.reason
    raise DecodeError(f"the file has no conversation ({reason})", body=body, reason=reason, provider=provider)
