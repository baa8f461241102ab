"""Status of an export, from its manifest: what is fetched, what failed, what is incomplete, and what drifts."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from attrs import frozen

from conversas.decoding.drift_report import DriftReport
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.manifest import Manifest, body_name
from conversas.exporter.settings import UNFINISHED
from conversas.records.enums import Verdict


@frozen
class OutcomeGroup:
    """Outcomes that have the same reason."""

    reason: str
    """Reason for the failure, or for the incompleteness."""
    count: int
    """Number of refs."""
    first_ref: str
    """First of these refs in alphabetical order."""
    fetch_again: bool = False
    """True if the next run fetches these refs again."""
    verdict: Verdict | None = None
    """Verdict of the conversations; None for failures."""


@frozen(kw_only=True)
class ExportStatus:
    """Status of an export."""

    fetched: int
    """Number of fetched conversations."""
    fetched_complete: int
    """Number of conversations whose verdict is `complete`."""
    fetched_in_progress: int
    """Number of conversations whose verdict is `in_progress`: they were still open."""
    fetched_truncated: int
    """Number of conversations whose verdict is `truncated`."""
    fetched_unknown: int
    """Number of conversations whose verdict is `unknown`: something may be missing."""
    failed: tuple[OutcomeGroup, ...]
    """Failures by reason, the most frequent first."""
    not_refreshed: tuple[OutcomeGroup, ...]
    """Conversations that could not be refreshed, by reason. The export still has their older versions."""
    incomplete: tuple[OutcomeGroup, ...]
    """Incomplete conversations by verdict and reason. A conversation with several reasons is counted for each."""
    drifting: int
    """Number of conversations whose body differs from the spec."""
    erased: int
    """Number of erased refs. Runs skip them."""
    parts: int
    """Number of files with conversations."""
    complete: bool
    """True if the last run processed all its refs, and no run or other change is under way or was interrupted."""


@frozen(kw_only=True)
class ExportFailure:
    """A ref whose last fetch failed."""

    ref: str
    """Ref as a string. It may be invalid."""
    error: str
    """The class of the error, such as `NotFoundError`."""
    reason: str
    """The message of the error, without the ref."""
    attempts: int
    """Number of requests."""
    fetch_again: bool
    """True if the next run fetches the ref again."""
    time: datetime
    """Time of the failure, in UTC."""
    body: str | None
    """File that holds the undecodable body, for example `undecodable/….body`; None if there is no body."""
    has_conversation: bool
    """True if the ref could not be refreshed: the export still has the older conversation."""


def export_status(directory: ExportDirectory) -> ExportStatus:
    """Return the status of an export.

    Raises:
        ExportError: The directory is not an export, or cannot be read.
    """
    with closing(Manifest.open(directory.manifest)) as manifest:
        verdicts = {verdict: count for verdict, count, _ in manifest.count("verdict", "outcome = 'fetched'")}
        reasons = manifest.count("verdict, value", "outcome = 'fetched'", "outcomes, json_each(reasons)")
        return ExportStatus(
            fetched=sum(verdicts.values()),
            fetched_complete=verdicts.get(Verdict.COMPLETE, 0),
            fetched_in_progress=verdicts.get(Verdict.IN_PROGRESS, 0),
            fetched_truncated=verdicts.get(Verdict.TRUNCATED, 0),
            fetched_unknown=verdicts.get(Verdict.UNKNOWN, 0),
            failed=_failures_by_reason(manifest, "failed"),
            not_refreshed=_failures_by_reason(manifest, "fetched"),
            incomplete=tuple(
                OutcomeGroup(reason, count, ref, verdict=Verdict(verdict)) for verdict, reason, count, ref in reasons
            ),
            drifting=sum(count for _, count, _ in manifest.count("outcome", "drift IS NOT NULL")),
            erased=len(manifest.erased()),
            parts=len(manifest.parts()),
            complete=directory.checksums.exists() and manifest.settings.get(UNFINISHED) != str(True),
        )


def _failures_by_reason(manifest: Manifest, outcome: str) -> tuple[OutcomeGroup, ...]:
    groups = manifest.count("error, reason, fetch_again", f"outcome = '{outcome}' AND error IS NOT NULL")
    return tuple(
        OutcomeGroup(f"{error}: {reason}", count, ref, bool(fetch_again))
        for error, reason, fetch_again, count, ref in groups
    )


def export_failures(directory: ExportDirectory) -> Iterator[ExportFailure]:
    """Yield the failures of an export, sorted by ref.

    Raises:
        ExportError: The directory is not an export, or cannot be read.
    """
    with closing(Manifest.open(directory.manifest)) as manifest:
        for row in manifest.batched_rows("error IS NOT NULL"):
            yield ExportFailure(
                ref=row.ref,
                error=row.error or "",
                reason=row.reason or "",
                attempts=row.attempts,
                fetch_again=bool(row.fetch_again),
                time=datetime.fromisoformat(row.time),
                body=body_name(row.undecodable) if row.undecodable else None,
                has_conversation=row.outcome == "fetched",
            )


def drift_report(directory: ExportDirectory) -> DriftReport:
    """Count the drift of all conversations of an export.

    Raises:
        ExportError: The directory is not an export, or cannot be read.
    """
    report = DriftReport()
    with closing(Manifest.open(directory.manifest)) as manifest:
        for ref, counts in manifest.drift_counts():
            report.add_counts(ref.partition(":")[0], ref, counts)
    return report
