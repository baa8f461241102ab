"""The command `conversas`: its subcommands, its error messages and its exit codes."""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, TextIO

import click

from conversas import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    ConversasError,
    PermissionDeniedError,
    TransportError,
    TransportErrorReason,
    __version__,
)
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal
from conversas.providers import PROVIDERS, get_provider, provider_names

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

LAZY_SUBCOMMANDS = {
    "get": ("get", "Print one conversation."),
    "show": ("show", "Print a conversation from a file or an export."),
    "refs": ("refs", "Print the refs of the conversations that a provider lists."),
    "export": ("export", "Export many conversations to a directory."),
    "convert": (
        "convert",
        "Write an export for people or language models.",
    ),
    "status": ("status", "Print what an export has, what failed or is incomplete, and why."),
    "verify": ("verify", "Check every file of an export against its manifest."),
    "redecode": ("redecode", "Decode the raw bodies of an export again, after an upgrade."),
    "erase": ("erase", "Delete conversations from an export for good."),
    "adopt": ("adopt", "Rebuild the manifest of an export from its sound parts."),
    "drift": ("drift", "Count the differences between an export and the specs."),
    "doctor": ("doctor", "Check the configuration and the connection to each provider."),
    "sandbox": ("sandbox", "Imitate the providers on this machine, and print the variables for a client."),
}
"""Module and first line of the help of each subcommand."""


class LazyGroup(click.Group):
    """Group that imports a subcommand when it is called, so that no command waits for another command's imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return list(LAZY_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        if cmd_name not in LAZY_SUBCOMMANDS:
            return None
        module, _ = LAZY_SUBCOMMANDS[cmd_name]
        command: click.Command = import_module(f"conversas.cli.commands.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand of these arguments.

        Raises:
            UsageError: The subcommand does not exist. The message suggests a similar subcommand.
        """
        name = args[0]
        if name not in LAZY_SUBCOMMANDS and not ctx.resilient_parsing and not name.startswith("-"):
            similar = get_close_matches(name, LAZY_SUBCOMMANDS, n=1)
            suggestion = f" Did you mean {similar[0]!r}?" if similar else ""
            raise click.UsageError(f"No such command {name!r}.{suggestion}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in LAZY_SUBCOMMANDS.items()])


def _print_version(ctx: click.Context, _: click.Parameter, is_set: bool) -> None:  # noqa: FBT001  # as click calls it
    if is_set and not ctx.resilient_parsing:
        specs = (f"{name} {_spec_version(name)}" for name in provider_names())
        click.echo(f"conversas {__version__}, specs: {', '.join(specs)}")
        ctx.exit()


def _spec_version(name: str) -> str:
    if name in PROVIDERS:  # without importing the decoder
        return str(import_module(f"conversas_api.{name}").SPEC_VERSION)
    return get_provider(name).spec_version


@click.group(
    cls=LazyGroup,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the versions and exit.",
)
def conversas() -> None:
    """Get customer conversations from Zild and Superagentes.

    For Zild, set ZILD_BASE_URL and ZILD_TOKEN (or ZILD_TOKEN_FILE). For Superagentes, set SUPERAGENTES_TOKEN (or
    SUPERAGENTES_TOKEN_FILE). One provider is enough.
    `conversas doctor` checks whether they work.

    Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, print an error on one line, and return the exit code."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is None:
        return _print_error("stdout is closed, so no output can be written", WRONG_USAGE)
    reconfigure(errors="backslashreplace")  # not every terminal can show all of Unicode
    try:
        code: Any = conversas.main(arguments, prog_name="conversas", standalone_mode=False)
    except SystemExit:  # click and rich raise SystemExit when the reader of a pipe closes it
        return DONE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # an error that no user can fix is raised again
        return _print_error(*_message_and_exit_code(error))
    return code if isinstance(code, int) else DONE


def _message_and_exit_code(error: Exception) -> tuple[str, int]:
    match error:
        case click.ClickException():
            return _usage(error), WRONG_USAGE
        case ConfigurationError():
            return str(error), WRONG_USAGE
        case TransportError(reason=TransportErrorReason.RUN_TIMEOUT):
            return _describe(error), FAILED
        case AuthenticationError() | PermissionDeniedError() | TransportError():
            return f"{_describe(error)}; see conversas doctor", FAILED
        case ConversasError():
            return _describe(error), FAILED
        case OSError():
            _discard(sys.stdout)
            return f"the output cannot be written: {os.strerror(error.errno or 0)}", FAILED
        case _:
            raise error


def _describe(error: ConversasError) -> str:
    """Return the message of an error with its Retry-After and its notes, for example that a run stopped."""
    wait = error.retry_after if isinstance(error, ApiError) else None
    retry_after = [f"the provider asks to wait {wait:,.0f} seconds"] if wait else []
    return "; ".join([str(error), *retry_after, *getattr(error, "__notes__", ())])


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "conversas"
    message = error.format_message().rstrip(".")
    see = " See" if message.endswith("?") else "; see"
    return f"{message}{see} {command} --help"


def _print_error(message: str, code: int) -> int:
    try:
        if sys.stderr:
            print_line(f"error: {escape_for_terminal(' '.join(message.split()))}", err=True)
    except OSError:  # stderr is closed or full: the exit code alone reports it
        _discard(sys.stderr)
    return code


def _discard(stream: TextIO) -> None:
    """Discard buffered output: Python would report the error again when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
