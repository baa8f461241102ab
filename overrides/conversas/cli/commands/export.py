"""`conversas export`: many conversations into a folder."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import click

from conversas import Client, ConfigurationError, ConversasError, ExportError
from conversas.cli.param_types import ABOVE_0
from conversas.cli.progress import shown, span
from conversas.cli.ref_source import Refs
from conversas.cli.sanitize import harmless
from conversas.exporter.export import export
from conversas.exporter.formats.registry import ExportFormat
from conversas.exporter.settings import PartLimits
from conversas.exporter.summary import ExportSummary, Refresh
from conversas.providers import provider_names


@click.command("export")
@click.argument("refs", nargs=-1, required=True)
@click.option("--to", "folder", required=True, metavar="DIR", help="The folder, made where there is none.")
@click.option("--provider", type=click.Choice(provider_names()), help="Whose ids those are that name no provider.")
@click.option(
    "--format", "form", type=click.Choice([*map(str, ExportFormat)]), help="jsonl, unless the folder has another."
)
@click.option("--compress", is_flag=True, default=None, help="Compress with zstd.")
@click.option("--raw", is_flag=True, default=None, help="Keep the exact bodies, too.")
@click.option("--refresh", type=click.Choice([*map(str, Refresh)]), help="Fetch again what an earlier run has.")
@click.option("--concurrency", type=click.IntRange(min=1), default=32, show_default=True, help="How many at a time.")
@click.option("--requests-per-second", type=ABOVE_0, metavar="N", help="To each platform, at most.")
@click.option("--time-limit", type=ABOVE_0, metavar="SECONDS", help="End the run then; another one goes on.")
@click.option("--part-mib", type=ABOVE_0, default=64.0, show_default=True, help="Close a part at this size.")
@click.option(
    "--part-conversations", type=click.IntRange(min=1), default=10_000, show_default=True, help="Or at so many."
)
@click.option("--part-seconds", type=ABOVE_0, default=10.0, show_default=True, help="Or after so long.")
def command(
    refs: tuple[str, ...],
    folder: str,
    provider: str | None,
    form: Literal["jsonl", "parquet"] | None,
    compress: bool | None,  # noqa: FBT001  # as click calls it
    raw: bool | None,  # noqa: FBT001
    refresh: Literal["in-progress", "failed", "all"] | None,
    concurrency: int,
    requests_per_second: float | None,
    time_limit: float | None,
    part_mib: float,
    part_conversations: int,
    part_seconds: float,
) -> int:
    """Get many conversations into a folder: conversas export refs.txt --to DIR.

    REFS is a file with a ref such as zild:123 in each line, or - for stdin, or several refs. The same command again
    goes on where the last run ended, however it ended, and tries again what may pass.
    """
    asked = Refs.of(refs, provider)
    summary = ExportSummary()
    stopped: ConversasError | click.Abort | None = None
    with Client.from_env() as client, shown(asked.count()) as tell, _ended_by_sigterm():

        def keep(progress: ExportSummary) -> None:
            nonlocal summary
            summary = progress
            tell(progress)

        try:
            summary = export(
                asked,
                to=folder,
                client=client,
                format=form,
                compress=compress,
                raw=raw,
                refresh=refresh,
                concurrency=concurrency,
                requests_per_second=requests_per_second,
                total_seconds=time_limit,
                part=PartLimits(max_mib=part_mib, max_conversations=part_conversations, max_seconds=part_seconds),
                on_progress=keep,
            )
        except ConfigurationError as error:
            if not summary.done:
                raise
            stopped = _later(error)
        except ConversasError as error:
            stopped = error
        except KeyboardInterrupt:
            stopped = click.Abort()
    if summary.done or not isinstance(stopped, ExportError):  # which may have kept it from the beginning
        why = f"; conversas status {harmless(folder)} says why" if summary.failed else ""
        click.echo(f"{describe(summary)}{why}", err=True)
    if stopped:
        raise stopped
    return 1 if summary.failed else 0


@contextmanager
def _ended_by_sigterm() -> Generator[None]:
    """Let SIGTERM, by which a service is stopped, end a run as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _later(error: ConfigurationError) -> ConversasError:
    """Give an error in the middle of a run, such as of a token file: that of an option says that nothing was begun."""
    later = ConversasError(str(error), provider=error.provider)
    for note in getattr(error, "__notes__", ()):
        later.add_note(note)
    return later


def describe(summary: ExportSummary) -> str:
    """Say in a few words what a run did."""
    parts = [f"{summary.fetched:,} fetched", f"{summary.failed:,} failed", f"{summary.skipped:,} already done"]
    parts += [f"{summary.retried:,} retried", f"{summary.incomplete:,} incomplete", f"{summary.drifting:,} with drift"]
    return f"{', '.join(parts)}, in {span(summary.elapsed_seconds)}"
