"""`conversas sandbox`: imitates the providers on this machine until it is stopped."""

import os
import signal
import sys
import textwrap
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event

import click
from attrs import evolve

from conversas import ConfigurationError
from conversas.cli.param_types import POSITIVE_FLOAT
from conversas.cli.ref_suggestion import parse_ref
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import subcommand
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.sandbox.bodies import canonical_ref, find_body_files
from conversas.sandbox.platforms import platforms

DAY_SECONDS = 86_400.0
LIST_WIDTH = 76  # characters
FAULTS = "\b\nNames of faults:\n" + "\n".join(textwrap.wrap(", ".join(Fault), LIST_WIDTH, break_on_hyphens=False))
"""Text with the names of the faults. No line breaks at a hyphen."""


def _rule(text: str) -> Rule:
    rule, _, conversation = text.partition("@")
    name, _, probability = rule.partition("=")
    if name not in list(Fault):
        raise ValueError(f"{name!r} is not a fault; expected one of {', '.join(Fault)}")
    selected = Rule(Fault(name), probability=_probability(probability))
    if not conversation:
        return selected
    ref = canonical_ref(parse_ref(conversation))
    return evolve(selected, provider=ref.provider, ids=[ref.id])


def _probability(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        raise ValueError(f"the probability of a fault must be a number from 0 to 1, got {text!r}") from None


class RuleType(click.ParamType[Rule]):
    """A fault, optionally with its probability and its conversation, such as `reset=0.1` and `not-found@zild:3`."""

    name = "fault"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Rule:
        try:
            return _rule(str(value))
        except (ValueError, ConfigurationError) as error:
            self.fail(str(error), param, ctx)


@subcommand(
    "sandbox",
    "conversas sandbox",
    "conversas sandbox --port 8080 --fault internal-error=0.1",
    groups={
        "Conversations": ["--seed", "--bodies"],
        "Rate limit and faults": ["--requests-per-second", "--retry-after", "--fault"],
        "Server": ["--port", "--until-stdin-closes"],
    },
    epilog=FAULTS,
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="PORT",
    help="Port of the server; by default a free port.",
)
@click.option("--seed", default=0, metavar="N", help="Seed of the conversations and faults.")
@click.option(
    "--bodies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Serve the bodies in DIR/PROVIDER/*.json unchanged, and print their refs.",
)
@click.option(
    "--requests-per-second", type=POSITIVE_FLOAT, metavar="N", help="Rate limit; above the limit, the response is 429."
)
@click.option("--retry-after", is_flag=True, help="Send Retry-After with each 429 above the limit.")
@click.option(
    "--fault",
    "rules",
    type=RuleType(),
    multiple=True,
    metavar="NAME[=PROBABILITY][@REF]",
    help="Simulate a fault from the list below, for example internal-error=0.1, or not-found@zild:3 for one "
    "conversation. Repeat the option for several faults; the first fault that occurs wins.",
)
@click.option("--until-stdin-closes", is_flag=True, help="Stop when stdin is closed.")
def command(  # one parameter for each option
    port: int,
    seed: int,
    bodies: Path | None,
    requests_per_second: float | None,
    retry_after: bool,  # noqa: FBT001  # as click calls it
    rules: tuple[Rule, ...],
    until_stdin_closes: bool,  # noqa: FBT001
) -> None:
    """Imitate the providers on this machine, and print the variables for a client."""
    body_files = _find_body_files(bodies) if bodies else {}
    try:
        sandbox = Sandbox(
            seed=seed,
            bodies={ref: file.read_bytes() for ref, file in body_files.items()},
            rules=rules,
            requests_per_second=requests_per_second,
            retry_after=retry_after,
            port=port,
            token_lifetime_seconds=DAY_SECONDS,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell makes its background processes ignore SIGINT
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        try:
            stack.enter_context(sandbox)
        except OSError as error:
            raise ConfigurationError(f"port {port} cannot be used: {os.strerror(error.errno or 0)}") from None
        served = (escape_for_terminal(f"# {ref}: {file}") for ref, file in body_files.items())
        click.echo("\n".join([*_exports(sandbox), *served]))
        _wait(until_stdin_closes=until_stdin_closes)


def _find_body_files(directory: Path) -> dict[str, Path]:
    try:
        body_files = find_body_files(directory)
    except OSError as error:
        raise ConfigurationError(f"{error.filename} cannot be read: {os.strerror(error.errno or 0)}") from None
    if body_files:
        return body_files
    expected = " or ".join(f"{provider}/*.json" for provider in platforms())
    raise click.UsageError(f"{directory} contains no {expected}")


def _wait(*, until_stdin_closes: bool) -> None:
    if not until_stdin_closes:
        Event().wait()
    elif sys.stdin:
        sys.stdin.buffer.read()


def _exports(sandbox: Sandbox) -> list[str]:
    """Return shell commands that point a client to the sandbox. The token is valid for a day."""
    return [f"export {name}={value}" for name, value in sandbox.env.items()]
