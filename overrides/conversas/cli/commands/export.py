"""`conversas export`: exports many conversations to a directory."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import click

from conversas import Client, ConfigurationError, ConversasError, ExportError
from conversas.cli.console import print_line
from conversas.cli.param_types import NON_NEGATIVE_FLOAT, POSITIVE_FLOAT
from conversas.cli.progress import format_duration, progress_reporter
from conversas.cli.redaction import redaction_options, redactor_from
from conversas.cli.ref_source import RefSource
from conversas.cli.ref_spool import RefSpool
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import DIRECTORIES, FILES, subcommand
from conversas.client.refresh import Refresh
from conversas.exporter.export import export
from conversas.exporter.formats.registry import ExportFormat
from conversas.exporter.settings import PartLimits
from conversas.exporter.summary import ExportSummary
from conversas.plurals import counted
from conversas.providers import provider_names


@subcommand(
    "export",
    "conversas export refs.txt --to DIR",
    "conversas export zild:1..5000 --to DIR --format parquet",
    groups={
        "What to fetch": ["--provider", "--column", "--refresh"],
        "Output": ["--to", "--format", "--compress", "--raw", "--original"],
        "Personal data": ["--redact", "--redact-key-file"],
        "Rate, retries and time": ["--concurrency", "--requests-per-second", "--outage-seconds", "--time-limit"],
        "Size of a part": ["--part-mib", "--part-conversations", "--part-seconds"],
        "Exit code": ["--fail-on-drift"],
    },
    shows_retries=False,  # the progress bar shows them
)
@click.argument("refs", nargs=-1, required=True, shell_complete=FILES)
@click.option(
    "--to",
    "path",
    required=True,
    metavar="DIR",
    shell_complete=DIRECTORIES,
    help="Directory, created if it does not exist.",
)
@click.option("--provider", type=click.Choice(provider_names()), help="Provider of bare ids.")
@click.option("--column", metavar="NAME", help="Column of refs, if the file is CSV, TSV or Parquet.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([*map(str, ExportFormat)]),
    help="Format of the parts; by default the format of DIR, or jsonl in a new DIR.",
)
@click.option("--compress", is_flag=True, default=None, help="Compress with zstd.")
@click.option("--raw", is_flag=True, default=None, help="Also keep the exact bodies.")
@click.option("--original", is_flag=True, default=None, help="Add the provider's own object to each conversation.")
@redaction_options
@click.option(
    "--refresh",
    type=click.Choice([*map(str, Refresh)]),
    help="Fetch these refs again, even if an earlier run has processed them.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    metavar="N",
    help="Maximum number of conversations fetched at a time.",
)
@click.option("--requests-per-second", type=POSITIVE_FLOAT, metavar="N", help="Maximum rate for each provider.")
@click.option(
    "--time-limit", type=POSITIVE_FLOAT, metavar="SECONDS", help="Time limit of the run; the next run continues."
)
@click.option(
    "--outage-seconds",
    type=NON_NEGATIVE_FLOAT,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Time to wait for a provider that does not respond; 0 stops immediately.",
)
@click.option(
    "--part-mib",
    type=POSITIVE_FLOAT,
    default=64.0,
    show_default=True,
    metavar="MIB",
    help="Start a new part at this size.",
)
@click.option(
    "--part-conversations",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Start a new part after this number of conversations and failures.",
)
@click.option(
    "--part-seconds",
    type=POSITIVE_FLOAT,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Start a new part after this time.",
)
@click.option(
    "--fail-on-drift", is_flag=True, help="Exit with 1 if a conversation that this run fetched differs from its spec."
)
def command(
    refs: tuple[str, ...],
    path: str,
    provider: str | None,
    column: str | None,
    format_: Literal["jsonl", "parquet"] | None,
    compress: bool | None,  # noqa: FBT001  # as click calls it
    raw: bool | None,  # noqa: FBT001
    original: bool | None,  # noqa: FBT001
    redact: bool,  # noqa: FBT001
    redact_key_file: str | None,
    refresh: Literal["in-progress", "unscored", "failed", "all"] | None,
    concurrency: int,
    requests_per_second: float | None,
    time_limit: float | None,
    outage_seconds: float,
    part_mib: float,
    part_conversations: int,
    part_seconds: float,
    fail_on_drift: bool,  # noqa: FBT001
) -> int:
    """Export many conversations to a directory.

    REFS is a file with one ref on each line (for example zild:123), - for stdin, or several refs. A ref may be a range,
    for example zild:1..5000. All refs are checked before the first is fetched. However a run ended, run the same
    command again to continue and to retry temporary failures.
    """
    redactor = redactor_from(redact, redact_key_file)
    source = RefSource.parse(refs, provider, column)
    summary = ExportSummary()
    stopped: ConversasError | click.Abort | None = None
    with (
        _interrupted_by_sigterm(),
        Client.from_env() as client,
        source.checked() as checked,
        progress_reporter(total := checked.count()) as report,
    ):
        left_out = _announce_left_out(checked)

        def on_progress(progress: ExportSummary) -> None:
            nonlocal summary
            summary = progress
            report(progress)

        try:
            summary = export(
                checked,
                to=path,
                client=client,
                format=format_,
                compress=compress,
                raw=raw,
                original=original,
                redact=redactor,
                refresh=refresh,
                concurrency=concurrency,
                requests_per_second=requests_per_second,
                total_seconds=time_limit,
                outage_seconds=outage_seconds,
                part=PartLimits(max_mib=part_mib, max_conversations=part_conversations, max_seconds=part_seconds),
                on_progress=on_progress,
            )
        except ConfigurationError as error:
            if not summary.done:
                raise
            stopped = _as_run_error(error)
        except ConversasError as error:
            stopped = error
        except KeyboardInterrupt:
            stopped = click.Abort()
    if summary.done or not isinstance(stopped, ExportError):  # an ExportError may have prevented the start
        _print_summary(summary, max(0, total - summary.done) if stopped else 0, path, left_out)
    if stopped:
        raise stopped
    return 1 if summary.failed or summary.damaged or (fail_on_drift and summary.drifting) else 0


@contextmanager
def _interrupted_by_sigterm() -> Generator[None]:
    """Handle SIGTERM, which stops a service, like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _as_run_error(error: ConfigurationError) -> ConversasError:
    """Convert an error in the middle of a run, for example of a token file. Only errors of options exit with 2."""
    run_error = ConversasError(str(error), provider=error.provider)
    for note in getattr(error, "__notes__", ()):
        run_error.add_note(note)
    return run_error


def _announce_left_out(refs: RefSpool) -> str:
    """Print and return the numbers of repeated refs and of empty cells. Print nothing if both are 0."""
    counts = (refs.duplicates, "duplicate left out", "duplicates left out"), (refs.empty, "empty cell", "empty cells")
    left_out = ", ".join(counted(*each) for each in counts if each[0])
    if left_out:
        print_line(f"{counted(refs.count(), 'ref')}, {left_out}", err=True)
    return left_out


def _print_summary(summary: ExportSummary, left: int, path: str, left_out: str) -> None:
    """Print the counts of a run. If the run ended early, `left` is the number of refs that it did not finish."""
    left_out = ", ".join(filter(None, [f"{left:,} left" if left else "", left_out]))
    hint = f"; see conversas status {escape_for_terminal(path)}" if summary.failed or summary.failed_earlier else ""
    hint = hint or (f"; see conversas drift {escape_for_terminal(path)}" if summary.drifting else "")
    print_line(f"{describe(summary, left_out)}{hint}", err=True)
    if summary.damaged:
        print_line(_describe_damage(summary, path), err=True)


def _describe_damage(summary: ExportSummary, path: str) -> str:
    """Return a description of the damage on one line."""
    parts = counted(summary.damaged, "part was", "parts were")
    kept = f"{parts} missing or damaged; what is left of the files is in {escape_for_terminal(path)}/damaged"
    lost = counted(summary.lost, "conversation is", "conversations are")
    return f"{kept}; {lost} fetched again" if summary.lost else kept


def describe(summary: ExportSummary, left_out: str = "") -> str:
    """Return the counts of a run on one line."""
    parts = [f"{summary.fetched:,} fetched", f"{summary.failed:,} failed", f"{summary.skipped:,} already done"]
    parts += [f"{summary.failed_earlier:,} of them failed earlier"] if summary.failed_earlier else []
    parts += [f"{summary.erased:,} of them erased"] if summary.erased else []
    parts += [f"{summary.not_there:,} not there"] if summary.not_there else []
    parts += [f"{summary.retried:,} retried", f"{summary.incomplete:,} incomplete", f"{summary.drifting:,} with drift"]
    parts += [left_out] if left_out else []
    return f"{', '.join(parts)}, in {format_duration(summary.elapsed_seconds)}"
