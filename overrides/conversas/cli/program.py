"""The command `conversas`: its subcommands, each imported when it is called, and what its exit codes mean."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from conversas import ConfigurationError, ConversasError, __version__
from conversas.cli.harmless import harmless

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {"get": "get_one", "doctor": "doctor", "sandbox": "play"}
"""Each subcommand, and the module that has it."""


class Commands(click.Group):
    """Subcommands that are imported when they are called, so that none waits for what another one needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the same
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"conversas.cli.{module}").command
        return command


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # as click calls it
    if wanted and not ctx.resilient_parsing:
        specs = (f"{name} {import_module(f'conversas_api.{name}').SPEC_VERSION}" for name in ("zild", "superagentes"))
        click.echo(f"conversas {__version__}, specs: {', '.join(specs)}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    try:
        code: Any = conversas.main(arguments, prog_name="conversas", standalone_mode=False)
    except click.ClickException as error:
        return _tell(_usage(error), WRONG_USAGE)
    except ConfigurationError as error:
        return _tell(str(error), WRONG_USAGE)
    except ConversasError as error:
        return _tell(str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    return code if isinstance(code, int) else DONE


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "conversas"
    return f"{error.format_message().rstrip('.')}; see {command} --help"


def _tell(message: str, code: int) -> int:
    click.echo(f"error: {harmless(' '.join(message.split()))}", err=True)
    return code


def _pipe_closed() -> int:
    """End quietly: whoever read our output has seen enough, and Python would complain once more when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE
