"""The command `conversas`: its subcommands, each imported when it is called, and what its exit codes mean."""

import os
import sys
from collections.abc import Sequence
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
from conversas.cli.sanitize import harmless
from conversas.providers import PROVIDERS, get_provider, provider_names

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "get": ("get", "Print one conversation: conversas get zild:123."),
    "export": ("export", "Get many conversations into a folder: conversas export refs.txt --to DIR."),
    "status": ("status", "Tell what an export has, what failed and why, and what is incomplete and why."),
    "verify": ("verify", "Hold each file of an export against its manifest."),
    "drift": ("drift", "Tell where the bodies of an export differ from the specs."),
    "doctor": ("doctor", "Tell what is configured, and whether it works."),
    "sandbox": ("sandbox", "Play both platforms on this machine, and print the variables that lead a client there."),
}
"""Each subcommand: the module that has it, and what it does, for the list of all."""


class Commands(click.Group):
    """Subcommands that are imported when they are called, so that none waits for what another one needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = import_module(f"conversas.cli.commands.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # as click calls it
    if wanted and not ctx.resilient_parsing:
        specs = (f"{name} {_spec_version(name)}" for name in provider_names())
        click.echo(f"conversas {__version__}, specs: {', '.join(specs)}")
        ctx.exit()


def _spec_version(name: str) -> str:
    if name in PROVIDERS:  # without importing all that decoding needs
        return str(import_module(f"conversas_api.{name}").SPEC_VERSION)
    return get_provider(name).spec_version


@click.group(
    cls=Commands,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show versions."
)
def conversas() -> None:
    """Get customer conversations from Zild and Superagentes.

    Set ZILD_BASE_URL and ZILD_TOKEN (or ZILD_TOKEN_FILE), and SUPERAGENTES_TOKEN (or SUPERAGENTES_TOKEN_FILE), or
    either. `conversas doctor` tells whether they work.

    Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, say in one line what went wrong, and give the exit code."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is None:
        return _tell("stdout is closed: there is nowhere to write to", WRONG_USAGE)
    reconfigure(errors="backslashreplace")  # not every terminal has all of Unicode
    try:
        code: Any = conversas.main(arguments, prog_name="conversas", standalone_mode=False)
    except SystemExit:  # so click and rich end where who reads our output has seen enough of it
        return DONE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # what has no meaning to the user is raised again
        return _tell(*_meaning(error))
    return code if isinstance(code, int) else DONE


def _meaning(error: Exception) -> tuple[str, int]:
    """Say what an error means to who called the command, and its exit code."""
    match error:
        case click.ClickException():
            return _usage(error), WRONG_USAGE
        case ConfigurationError():
            return str(error), WRONG_USAGE
        case TransportError(reason=TransportErrorReason.RUN_TIMEOUT):
            return _said(error), FAILED
        case AuthenticationError() | PermissionDeniedError() | TransportError():
            return f"{_said(error)}; see conversas doctor", FAILED
        case ConversasError():
            return _said(error), FAILED
        case OSError():
            _drop(sys.stdout)
            return f"the output cannot be written: {os.strerror(error.errno or 0)}", FAILED
        case _:
            raise error


def _said(error: ConversasError) -> str:
    """Give what an error says, how long the platform asks to wait, and its notes, such as that a run stopped."""
    wait = error.retry_after if isinstance(error, ApiError) else None
    asked = [f"the platform asks to wait {wait:,.0f} seconds"] if wait else []
    return "; ".join([str(error), *asked, *getattr(error, "__notes__", ())])


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "conversas"
    return f"{error.format_message().rstrip('.')}; see {command} --help"


def _tell(message: str, code: int) -> int:
    try:
        if sys.stderr:
            sys.stderr.write(f"error: {harmless(' '.join(message.split()))}\n")
    except OSError:  # where nobody can be told, the exit code tells
        _drop(sys.stderr)
    return code


def _drop(stream: TextIO) -> None:
    """Lose what is not written yet: Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
