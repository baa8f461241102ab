"""Status of an export, by its manifest: what is fetched, failed, incomplete, and drifts."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from attrs import frozen

from conversas.decoding.drift_report import DriftReport
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.manifest import Manifest, body_name
from conversas.records.enums import Verdict


@frozen
class OutcomeGroup:
    """Outcomes that have the same reason."""

    reason: str
    """Reason of the failure, or of the incompleteness."""
    count: int
    """Number of refs."""
    first_ref: str
    """One of them: the first in the order of their texts."""
    fetch_again: bool = False
    """True if the next run fetches them again."""
    verdict: Verdict | None = None
    """Verdict of the conversations; None for failures."""


@frozen(kw_only=True)
class ExportStatus:
    """Status of an export."""

    fetched: int
    """Conversations."""
    fetched_complete: int
    """Those whose verdict is `complete`."""
    fetched_in_progress: int
    """Those whose verdict is `in_progress`: they were still open."""
    fetched_truncated: int
    """Those whose verdict is `truncated`."""
    fetched_unknown: int
    """Those whose verdict is `unknown`: something may be missing."""
    failed: tuple[OutcomeGroup, ...]
    """Failures by their reason, the most frequent first."""
    incomplete: tuple[OutcomeGroup, ...]
    """Conversations that are not complete, by verdict and each of their reasons: some have several."""
    drifting: int
    """Conversations whose body differs from the spec."""
    erased: int
    """Refs that were erased. Runs skip them."""
    parts: int
    """Files with conversations."""
    complete: bool
    """True if the last run finished, so that `SHA256SUMS` exists."""


@frozen(kw_only=True)
class ExportFailure:
    """A ref whose conversation could not be fetched."""

    ref: str
    """The ref, as text: it may be an invalid one."""
    error: str
    """The class of the error, such as `NotFoundError`."""
    reason: str
    """The message of the error, without the ref."""
    attempts: int
    """Number of requests."""
    fetch_again: bool
    """True if the next run fetches it again."""
    time: datetime
    """Time of the failure, in UTC."""
    body: str | None
    """The file of the export that has the undecodable body, for example `undecodable/….body`; None without a body."""


def export_status(directory: ExportDirectory) -> ExportStatus:
    """Return the status of an export.

    Raises:
        ExportError: The directory is not an export, or cannot be read.
    """
    with closing(Manifest.open(directory.manifest)) as manifest:
        verdicts = {verdict: count for verdict, count, _ in manifest.count("verdict", "outcome = 'fetched'")}
        failed = manifest.count("error, reason, fetch_again", "outcome = 'failed'")
        reasons = manifest.count("verdict, value", "outcome = 'fetched'", "outcomes, json_each(reasons)")
        return ExportStatus(
            fetched=sum(verdicts.values()),
            fetched_complete=verdicts.get(Verdict.COMPLETE, 0),
            fetched_in_progress=verdicts.get(Verdict.IN_PROGRESS, 0),
            fetched_truncated=verdicts.get(Verdict.TRUNCATED, 0),
            fetched_unknown=verdicts.get(Verdict.UNKNOWN, 0),
            failed=tuple(
                OutcomeGroup(f"{error}: {reason}", count, ref, bool(fetch_again))
                for error, reason, fetch_again, count, ref in failed
            ),
            incomplete=tuple(
                OutcomeGroup(reason, count, ref, verdict=Verdict(verdict)) for verdict, reason, count, ref in reasons
            ),
            drifting=sum(count for _, count, _ in manifest.count("outcome", "drift IS NOT NULL")),
            erased=len(manifest.erased()),
            parts=len(manifest.parts()),
            complete=directory.checksums.exists(),
        )


def export_failures(directory: ExportDirectory) -> Iterator[ExportFailure]:
    """Yield the failures of an export, by ref.

    Raises:
        ExportError: The directory is not an export, or cannot be read.
    """
    with closing(Manifest.open(directory.manifest)) as manifest:
        for row in manifest.batched_rows("outcome = 'failed'"):
            yield ExportFailure(
                ref=row.ref,
                error=row.error or "",
                reason=row.reason or "",
                attempts=row.attempts,
                fetch_again=bool(row.fetch_again),
                time=datetime.fromisoformat(row.time),
                body=body_name(row.sha256) if row.sha256 else None,
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
