"""Command line of scripts/bench."""

import argparse
import sys
from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.compare is not None:
        if options.reports:
            _parser().error("--compare takes no reports")
        from tools.bench.compare import compare

        return compare(
            options.compare, only=options.only, rounds=options.rounds, seconds=options.seconds, refs=options.refs
        )
    from tools.bench.peer_report import REPORTS

    if unknown := set(options.reports) - REPORTS.keys():
        _parser().error(f"unknown report: {', '.join(sorted(unknown))}; choose from {', '.join(REPORTS)}")
    for name in options.reports or REPORTS:
        REPORTS[name]()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Compare this package with its peers, or with another revision of itself, and print ratios.",
        epilog="For example: scripts/bench decoding; scripts/bench --compare HEAD~1 --rounds 9 --only decode",
    )
    parser.add_argument("reports", metavar="REPORT", nargs="*", help="a comparison with peers (default: all reports)")
    comparison = parser.add_argument_group("comparison with another revision")
    comparison.add_argument(
        "--compare", metavar="REVISION", help="a commit, branch or tag to compare this checkout with"
    )
    comparison.add_argument("--only", metavar="TEXT", default="", help="measure only the lines that contain this text")
    comparison.add_argument(
        "--rounds", metavar="N", type=_positive(int), default=5, help="rounds for each line (default: 5)"
    )
    comparison.add_argument(
        "--seconds",
        metavar="SECONDS",
        type=_positive(float),
        default=0.5,
        help="approximate time to measure one revision in a round (default: 0.5)",
    )
    comparison.add_argument(
        "--refs",
        metavar="N",
        type=_positive(int),
        default=500,
        help="number of conversations in each line that fetches or exports many of them (default: 500)",
    )
    return parser


def _positive(kind: type[int] | type[float]) -> Callable[[str], int | float]:
    def parse(text: str) -> int | float:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
        return value

    parse.__name__ = kind.__name__  # argparse uses this name in "invalid int value"
    return parse


if __name__ == "__main__":
    sys.exit(main())
