"""Comparison of this checkout with another revision. Each line alternates between the two in fresh processes."""

import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

from tools.bench import first_decode, measurements
from tools.bench.bodies import drifting, superagentes_conversation, zild_conversation
from tools.bench.latency import fixed_server
from tools.bench.revision import ROOT, Revision, RevisionError, checked_out

FIRST_DECODE = "import and first decode"
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))


@frozen
class Line:
    """Seconds of one operation in each round, for the other revision and for this checkout."""

    name: str
    old: Sequence[float]
    new: Sequence[float]

    @property
    def ratio(self) -> float:
        """Median of this checkout divided by the median of the other revision."""
        return statistics.median(self.new) / statistics.median(self.old)

    @property
    def spread(self) -> tuple[float, float]:
        """Lowest and highest ratio of a single round."""
        ratios = [new / old for old, new in zip(self.old, self.new, strict=True)]
        return min(ratios), max(ratios)

    def __str__(self) -> str:
        old, new = (_format_seconds(statistics.median(side)) for side in (self.old, self.new))
        lowest, highest = self.spread
        return f"{self.name:<34}{old:>10}{new:>10}{self.ratio:>9.2f}   {lowest:.2f} to {highest:.2f}"


def _format_seconds(seconds: float) -> str:
    scale, unit = next(((scale, unit) for scale, unit in UNITS if seconds >= scale), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"


def compare(name: str, *, only: str, rounds: int, seconds: float, refs: int) -> int:
    """Print the times of both revisions and their ratios. Return 1 if a line cannot be measured, 2 if none can be."""
    new, failures = Revision("this checkout", ROOT), 0
    try:
        with checked_out(name) as old, _served_bodies() as (bodies, url):
            for revision in (old, new):
                revision.check()
            print(
                f"{'CPU time, unless named elapsed':<34}{'old':>10}{'new':>10}{'new/old':>9}   single rounds",
                flush=True,
            )
            for label, program in _programs(bodies, url, seconds, refs).items():
                if only in label:
                    failures += not _print_line(label, program, (old, new), rounds)
    except RevisionError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    return 1 if failures else 0


def _print_line(label: str, program: Sequence[str], revisions: tuple[Revision, Revision], rounds: int) -> bool:
    """Measure and print one line. Return whether the line could be measured."""
    times: dict[Revision, list[float]] = {revision: [] for revision in revisions}
    for number in range(rounds):
        for revision in revisions if number % 2 == 0 else reversed(revisions):
            try:
                times[revision].append(float(revision.run(*program)))
            except RevisionError as error:
                print(f"{label:<34}not measured: {revision.name}: {error}", flush=True)
                return False
    old, new = revisions
    print(Line(label, times[old], times[new]), flush=True)
    return True


def _programs(bodies: Path, url: str, seconds: float, refs: int) -> dict[str, list[str]]:
    """Return the program of each line, with its arguments."""
    programs = {FIRST_DECODE: [first_decode.__file__, str(bodies / "zild-10.json")]}
    for name in measurements.MEASUREMENTS:
        programs[name] = [measurements.__file__, name, str(bodies), url, str(seconds), str(refs)]
    return programs


@contextmanager
def _served_bodies() -> Iterator[tuple[Path, str]]:
    """Yield the folder of the bodies that both revisions read, and the base URL of a server of conversations."""
    served = json.dumps(zild_conversation(10) | {"id": "@id@"}, ensure_ascii=False)
    with TemporaryDirectory() as name, fixed_server(served.encode()) as url:
        for file, body in _bodies():
            (Path(name) / file).write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        yield Path(name), url


def _bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    for messages in (10, 50):
        yield f"zild-{messages}.json", zild_conversation(messages)
        yield f"superagentes-{messages}.json", superagentes_conversation(messages)
    yield "zild-drifting.json", drifting(zild_conversation(50), 10)
