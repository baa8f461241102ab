"""`conversas sandbox`: plays both platforms on this machine until it is stopped."""

import os
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event

import click

from conversas import ConfigurationError
from conversas.cli.param_types import ABOVE_0
from conversas.cli.sanitize import harmless
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.sandbox.bodies import find_body_files
from conversas.sandbox.platforms import platforms

DAY_SECONDS = 86_400.0


def _rule(text: str) -> Rule:
    name, _, probability = text.partition("=")
    if name not in list(Fault):
        raise ValueError(f"{name!r} is no fault; those are {', '.join(Fault)}")
    return Rule(Fault(name), probability=float(probability or "1"))


class RuleType(click.ParamType[Rule]):
    """A fault, and how probable it is: `reset=0.1`."""

    name = "fault"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Rule:
        try:
            return _rule(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free one by default.")
@click.option("--seed", default=0, help="Another one gives other conversations and other faults.")
@click.option(
    "--bodies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Serve the files zild/*.json and superagentes/*.json of a folder as they are, and print where.",
)
@click.option("--requests-per-second", type=ABOVE_0, metavar="N", help="Answer 429 over it.")
@click.option("--retry-after", is_flag=True, help="Say with a 429 over the limit how long to wait.")
@click.option(
    "--fault",
    "rules",
    type=RuleType(),
    multiple=True,
    metavar="NAME[=PROBABILITY]",
    help=f"Let answers go wrong. May be given often; the first that strikes wins. Names: {', '.join(Fault)}.",
)
@click.option("--until-stdin-closes", is_flag=True, help="End when stdin is closed.")
def command(  # its options
    port: int,
    seed: int,
    bodies: Path | None,
    requests_per_second: float | None,
    retry_after: bool,  # noqa: FBT001  # as click calls it
    rules: tuple[Rule, ...],
    until_stdin_closes: bool,  # noqa: FBT001
) -> None:
    """Play both platforms on this machine, and print the variables that lead a client there."""
    body_files = _find(bodies) if bodies else {}
    try:
        sandbox = Sandbox(
            seed=seed,
            bodies=_read(body_files),
            rules=rules,
            requests_per_second=requests_per_second,
            retry_after=retry_after,
            port=port,
            token_lifetime_seconds=DAY_SECONDS,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell lets what runs in its background ignore SIGINT
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        try:
            stack.enter_context(sandbox)
        except OSError as error:
            raise ConfigurationError(f"port {port} cannot be used: {os.strerror(error.errno or 0)}") from None
        click.echo("\n".join([*_exports(sandbox), *(harmless(f"# {ref}: {file}") for ref, file in body_files.items())]))
        _wait(until_stdin_closes=until_stdin_closes)


def _find(folder: Path) -> dict[str, Path]:
    if body_files := find_body_files(folder):
        return body_files
    expected = " and no ".join(f"{provider}/*.json" for provider in platforms())
    raise click.UsageError(f"there is no {expected} in {folder}")


def _read(body_files: dict[str, Path]) -> dict[str, bytes]:
    try:
        return {ref: file.read_bytes() for ref, file in body_files.items()}
    except OSError as error:
        raise ConfigurationError(f"{error.filename} cannot be read: {os.strerror(error.errno or 0)}") from None


def _wait(*, until_stdin_closes: bool) -> None:
    if not until_stdin_closes:
        Event().wait()
    elif sys.stdin:
        sys.stdin.buffer.read()


def _exports(sandbox: Sandbox) -> list[str]:
    """Return the lines by which a shell leads a client here."""
    return [f"export {name}={value}" for name, value in sandbox.env.items()]
