"""Progress of an export on stderr: a bar on a terminal, or a line every few seconds in a log."""

import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import click
from attrs import define, evolve, field

from conversas.cli.log_output import keep_retries
from conversas.exporter.summary import ExportSummary

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

SECONDS_BETWEEN_LINES = 10.0
HEARTBEAT_SECONDS = 1.0
RATE_WINDOW_SECONDS = 30.0
_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))

Report = Callable[[ExportSummary], None]
"""Function that shows a summary."""


@contextmanager
def progress_reporter(total: int | None) -> Generator[Report]:
    """Yield a function that shows the progress of a run. `total` is the number of refs, if it is known."""
    if sys.stderr and sys.stderr.isatty():  # stderr may be closed
        from rich.console import Console

        with progress_bar(total, Console(stderr=True)) as report:
            yield report
    else:
        with heartbeat(LogProgress(Throughput(total))) as report:
            yield report


@contextmanager
def progress_bar(total: int | None, console: "Console") -> Generator[Report]:
    """Show a progress bar and the pending retry. Both refresh themselves, and disappear at the end."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class ProgressWithRetry(Progress):
        def get_renderables(self) -> "Iterable[RenderableType]":
            yield from super().get_renderables()
            if notice.text:
                yield Text(notice.text, style="dim", no_wrap=True, overflow="ellipsis")

    columns = (
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]:,} failed, {task.fields[retried]:,} retried"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    options: dict[str, Any] = {"transient": True, "speed_estimate_period": RATE_WINDOW_SECONDS}
    with keep_retries() as notice, ProgressWithRetry(*columns, console=console, **options) as progress:
        task = progress.add_task("", total=total, failed=0, retried=0)
        yield lambda summary: progress.update(
            task, completed=summary.done, failed=summary.failed, retried=summary.retried
        )


@define
class Throughput:
    """Description of a summary on one line, with the rate of the last half minute."""

    total: int | None
    _samples: deque[tuple[float, int]] = field(factory=deque[tuple[float, int]], init=False)

    def describe(self, summary: ExportSummary) -> str:
        """Return the line, and remember the summary for the rate."""
        of_total = f" of {self.total:,}" if self.total is not None else ""
        rate = self._rate(summary)
        parts = [f"{summary.done:,}{of_total} done", f"{summary.failed:,} failed", f"{summary.retried:,} retried"]
        parts.append(f"{rate:,.1f}/s")
        if self.total is not None and rate > 0 and self.total > summary.done:
            parts.append(f"{format_duration((self.total - summary.done) / rate)} left")
        return ", ".join(parts)

    def _rate(self, summary: ExportSummary) -> float:
        """Return the number of refs that are fetched per second. Skipped refs take no time, and are not counted."""
        self._samples.append((summary.elapsed_seconds, summary.done - summary.skipped))
        while summary.elapsed_seconds - self._samples[0][0] > RATE_WINDOW_SECONDS and len(self._samples) > 1:
            self._samples.popleft()
        start, fetched = self._samples[0] if len(self._samples) > 1 else (0.0, 0)
        seconds = summary.elapsed_seconds - start
        return (summary.done - summary.skipped - fetched) / seconds if seconds > 0 else 0.0


@define
class LogProgress:
    """Report that prints a line every few seconds."""

    throughput: Throughput
    _next: float = field(factory=lambda: time.monotonic() + SECONDS_BETWEEN_LINES, init=False)

    def __call__(self, summary: ExportSummary) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + SECONDS_BETWEEN_LINES
            click.echo(self.throughput.describe(summary), err=True)


@contextmanager
def heartbeat(report: Report, interval_seconds: float = HEARTBEAT_SECONDS) -> Generator[Report]:
    """Repeat the last summary while no new summary is reported: a run continues while it awaits the next ref."""
    lock, stopped = Lock(), Event()
    last: tuple[ExportSummary, float] | None = None

    def remember(summary: ExportSummary) -> None:
        nonlocal last
        with lock:
            last = summary, time.monotonic()
            report(summary)

    def repeat() -> None:
        while not stopped.wait(interval_seconds):
            with lock, suppress(OSError):  # the reader of stderr may be gone
                if last and (silence := time.monotonic() - last[1]) >= interval_seconds:
                    report(evolve(last[0], elapsed_seconds=last[0].elapsed_seconds + silence))

    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield remember
    finally:
        stopped.set()
        thread.join()


def format_duration(seconds: float) -> str:
    """Return a duration in its largest unit, such as `5 min`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1.0)
    return f"{seconds / size:,.0f} {unit}"
