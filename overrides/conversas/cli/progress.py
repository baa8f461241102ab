"""How an export goes: a line that renews itself on a terminal, and a line now and then elsewhere. On stderr."""

import sys
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

import click
from attrs import define, evolve, field

from conversas.exporter.summary import ExportSummary

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_UPDATES = 0.1
LONGEST_SILENCE = 1.0  # seconds
_WINDOW_SECONDS = 30.0
_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


@define
class Pace:
    """How fast it goes, by the last half minute."""

    total: int | None
    _seen: deque[tuple[float, int]] = field(factory=deque[tuple[float, int]], init=False)

    def describe(self, summary: ExportSummary) -> str:
        """Say in one line how far it is."""
        of = f" of {self.total:,}" if self.total is not None else ""
        rate = self._rate(summary)
        parts = [f"{summary.done:,}{of} done", f"{summary.failed:,} failed", f"{summary.retried:,} retried"]
        parts.append(f"{rate:,.1f}/s")
        if self.total is not None and rate > 0 and self.total > summary.done:
            parts.append(f"{span((self.total - summary.done) / rate)} left")
        return ", ".join(parts)

    def _rate(self, summary: ExportSummary) -> float:
        """Give how many are asked for in a second; what is skipped takes no time."""
        self._seen.append((summary.elapsed_seconds, summary.fetched + summary.failed))
        while summary.elapsed_seconds - self._seen[0][0] > _WINDOW_SECONDS and len(self._seen) > 1:
            self._seen.popleft()
        began, done = self._seen[0] if len(self._seen) > 1 else (0.0, 0)
        seconds = summary.elapsed_seconds - began
        return (summary.fetched + summary.failed - done) / seconds if seconds > 0 else 0.0


def span(seconds: float) -> str:
    """Write a span of time by its largest unit."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1.0)
    return f"{seconds / size:,.0f} {unit}"


@define
class PlainLines:
    """For a log: a line now and then."""

    pace: Pace
    _next: float = field(factory=lambda: time.monotonic() + SECONDS_BETWEEN_LINES, init=False)

    def __call__(self, summary: ExportSummary) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + SECONDS_BETWEEN_LINES
            click.echo(self.pace.describe(summary), err=True)


Tell = Callable[[ExportSummary], None]


@contextmanager
def steadily(tell: Tell, silence: float = LONGEST_SILENCE) -> Generator[Tell]:
    """Tell also while nobody does, as the next ref takes its time: the run goes on meanwhile, with its summary."""
    one_at_a_time, over = Lock(), Event()
    last: tuple[ExportSummary, float] | None = None

    def keep(summary: ExportSummary) -> None:
        nonlocal last
        with one_at_a_time:
            last = summary, time.monotonic()
            tell(summary)

    def tell_again() -> None:
        while not over.wait(silence):
            with one_at_a_time, suppress(OSError):  # who reads it may be gone
                if last and (since := time.monotonic() - last[1]) >= silence:
                    tell(evolve(last[0], elapsed_seconds=last[0].elapsed_seconds + since))

    thread = Thread(target=tell_again, daemon=True)
    thread.start()
    try:
        yield keep
    finally:
        over.set()
        thread.join()


@contextmanager
def shown(total: int | None) -> Generator[Tell]:
    """Give what is to be told of the progress."""
    pace = Pace(total)
    if not (sys.stderr and sys.stderr.isatty()):  # it may be closed
        with steadily(PlainLines(pace)) as steady:
            yield steady
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=20), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        last = 0.0

        def tell(summary: ExportSummary) -> None:
            nonlocal last
            if time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
                last = time.monotonic()
                progress.update(task, completed=summary.done, description=pace.describe(summary))

        with steadily(tell) as steady:
            yield steady
