"""Export of many conversations to a directory. A crash at any moment costs at most the open part."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, nullcontext
from os import PathLike
from typing import Literal

from attrs import frozen

from conversas.client.refresh import Refresh
from conversas.client.results import Outcomes, with_middleware
from conversas.client.sync_client import Client
from conversas.errors import ConfigurationError, ConversasError, ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.maintenance.repair import Repair
from conversas.exporter.maintenance.session import finish, prepare
from conversas.exporter.manifest_schema import Account
from conversas.exporter.run import PREFETCH, ExportRun
from conversas.exporter.settings import (
    UNFINISHED,
    PartLimits,
    RequestedSettings,
    accounts_of,
    check_accounts,
    open_manifest,
    record_new_urls,
    redaction_of,
)
from conversas.exporter.summary import ExportSummary
from conversas.exporter.writer import Writer
from conversas.records.ref import ConversationRef
from conversas.redaction.redactor import Redactor

PROGRESS_INTERVAL_SECONDS = 0.1


def export(
    refs: Iterable[ConversationRef | str],
    *,
    to: str | PathLike[str],
    client: Client | None = None,
    format: Literal["jsonl", "parquet"] | None = None,  # noqa: A002  # `format` is the usual word for it
    compress: bool | None = None,
    raw: bool | None = None,
    original: bool | None = None,
    redact: Redactor | None = None,
    refresh: Literal["in-progress", "unscored", "failed", "all"] | None = None,
    concurrency: int = 32,
    requests_per_second: float | None = None,
    total_seconds: float | None = None,
    outage_seconds: float = 300.0,
    part: PartLimits | None = None,
    on_progress: Callable[[ExportSummary], None] | None = None,
) -> ExportSummary:
    """Export many conversations to a directory. Repeat the call to fetch what is missing or failed temporarily.

    `docs/export.md` describes the files. All committed conversations are on the disk. However a run ends, the next run
    continues it, and each ref is exported exactly once.

    Args:
        refs: Refs to fetch, read as they are needed. An invalid ref is recorded as a failure in the manifest.
        to: Directory of the export, created if it does not exist.
        client: Client that fetches the conversations; by default `Client.from_env()`.
        format: `jsonl` or `parquet` (needs the extra `parquet`); by default the format of the directory, or `jsonl` in
            a new directory.
        compress: Compress with zstd (JSON lines need the extra `compress`); by default the setting of the directory,
            or False in a new directory.
        raw: Also keep the exact bodies. The default is the same as for `compress`.
        original: Add the provider's own object to each conversation. The default is the same as for `compress`.
        redact: Redact each conversation before any of it is written. All conversations of the directory must then be
            redacted, with the same key. Bodies that are not conversations are not kept.
        refresh: Conversations to fetch again. A newer version replaces the older version.
        concurrency: Maximum number of conversations that are fetched at a time.
        requests_per_second: Maximum rate for each provider, for this run alone; None means no limit.
        total_seconds: Deadline of the run; the next run fetches the rest.
        outage_seconds: Maximum wait for a provider that worked and then fails for all refs; 0 means no wait.
        part: Limits at which a part is closed and committed.
        on_progress: Called with the summary so far, ten times a second, except while the next ref is awaited.

    Raises:
        ConfigurationError: An option is invalid; or an option, or the account or time zone of a provider, differs from
            the setting of the directory.
        ExportError: The directory cannot be read or written, or another run is using it.
        ConversasError: The run stopped because of a provider, after the refs of all other providers were done; or the
            deadline has passed. All fetched conversations are committed.
    """
    _check_redactor(redact)
    requested = RequestedSettings(format, compress, raw, original, redaction_of(redact))
    limits = part or PartLimits()
    refreshed = Refresh.parse(refresh)
    if client and not isinstance(client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        kind = type(client).__name__
        raise ConfigurationError(f"client must be a Client, got {kind}; an export blocks, even within an event loop")
    with nullcontext(client) if client else Client.from_env() as exporting_client:
        accounts = accounts_of(exporting_client.providers)
        exporter = _Exporter(ExportDirectory.at(to), requested, refreshed, limits, accounts, redact)
        outcomes = exporting_client.get_many(
            refs,
            concurrency=concurrency,
            requests_per_second=requests_per_second,
            total_seconds=total_seconds,
            outage_seconds=outage_seconds,
        )
        return exporter.export(outcomes, on_progress or _ignore_progress)


@frozen
class _Exporter:
    """Steps of an export: lock, prepare, run, compact, write the checksums."""

    directory: ExportDirectory
    requested: RequestedSettings
    refresh: Refresh | None
    limits: PartLimits
    accounts: Mapping[str, Account]
    redactor: Redactor | None

    def export(self, outcomes: Outcomes, on_progress: Callable[[ExportSummary], None]) -> ExportSummary:
        self.directory.create()
        with self.directory.exclusive_lock():
            manifest, settings = open_manifest(self.directory, self.requested)
            with closing(manifest):
                check_accounts(self.directory, manifest, self.accounts.values())
                repair = Repair.of(self.directory, manifest, settings)
                prepare(repair)
                record_new_urls(manifest, self.accounts.values())
                manifest.put_setting(UNFINISHED, str(True))
                format_, raw = repair.part_format, settings.raw
                writer = Writer(self.directory, manifest, format_, raw, settings.compress, self.limits, self.accounts)
                run = ExportRun(self.refresh, writer, repair, self.redactor)
                outcomes = with_middleware(outcomes, run, prefetch=PREFETCH)
                error = _run_to_end(outcomes, lambda: on_progress(run.progress()))
                manifest.put_setting(UNFINISHED, str(error is not None))
                finish(repair)
        on_progress(run.progress())
        if error:
            raise error
        return run.progress()


def _run_to_end(outcomes: Outcomes, report: Callable[[], None]) -> ConversasError | None:
    """Wait until all refs are done. Return the error if the run stopped because of a provider.

    Raises:
        ExportError: The directory cannot be written.
    """
    try:
        with outcomes:
            while True:
                report()  # even before the first ref, which may take a while
                outcomes.next(timeout=PROGRESS_INTERVAL_SECONDS)
    except StopIteration:
        report()
        return None
    except ExportError:
        report()  # the summary no longer counts what was not committed
        raise
    except ConversasError as error:
        report()
        return error


def _check_redactor(redactor: object) -> None:
    """Check the type of the redactor: `True` would look as if conversations were redacted."""
    if redactor is not None and not isinstance(redactor, Redactor):
        raise ConfigurationError(f"`redact` must be a Redactor, got {type(redactor).__name__}; pass Redactor()")


def _ignore_progress(_: ExportSummary) -> None:
    """Do nothing."""
