"""Serves a sandbox from the shell: `python -m conversas.sandbox --port 8080 --fault internal-error=0.1`."""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import suppress
from threading import Event

from conversas.sandbox import Fault, Rule, Sandbox

DAY_SECONDS = 86_400.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, or until stdin is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with suppress(KeyboardInterrupt), _sandbox(options) as sandbox:
            sys.stdout.write(_exports(sandbox))
            sys.stdout.flush()
            _wait(options)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser("python -m conversas.sandbox", description="Play Zild and Superagentes on this machine.")
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument("--seed", type=int, default=0, help="another gives other conversations and other faults")
    parser.add_argument("--requests-per-second", type=float, metavar="N", help="answer 429 over it")
    parser.add_argument("--retry-after", action="store_true", help="say with a 429 over the limit how long to wait")
    parser.add_argument(
        "--fault",
        type=_rule,
        action="append",
        default=[],
        metavar="NAME[=PROBABILITY]",
        help=f"let answers go wrong; several are tried in order: {', '.join(Fault)}",
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when stdin is closed")
    return parser


def _rule(text: str) -> Rule:
    name, _, probability = text.partition("=")
    try:
        return Rule(Fault(name), probability=float(probability or "1"))
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def _sandbox(options: Namespace) -> Sandbox:
    return Sandbox(
        seed=options.seed,
        rules=options.fault,
        requests_per_second=options.requests_per_second,
        retry_after=options.retry_after,
        port=options.port,
    )


def _exports(sandbox: Sandbox) -> str:
    """Give what a shell sets to lead a client here. The token is good for a day."""
    variables = {
        "ZILD_BASE_URL": sandbox.url,
        "ZILD_TOKEN": sandbox.issue_token("zild", lifetime_seconds=DAY_SECONDS),
        "SUPERAGENTES_BASE_URL": f"{sandbox.url}/api",
        "SUPERAGENTES_TOKEN": sandbox.issue_token("superagentes"),
    }
    return "".join(f"export {name}={value}\n" for name, value in variables.items())


def _wait(options: Namespace) -> None:
    if options.until_stdin_closes:
        sys.stdin.buffer.read()
    else:
        Event().wait()


if __name__ == "__main__":
    sys.exit(main())
