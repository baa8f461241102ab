"""What a manifest has to tell: what is done, what failed, what is incomplete, what drifts."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from os import PathLike
from pathlib import Path

from attrs import frozen

from conversas.decoding.drift_report import DriftReport
from conversas.exporter.directory import Folder
from conversas.exporter.manifest import Manifest


@frozen
class Group:
    """Outcomes that have something in common."""

    what: str
    count: int
    first_ref: str
    may_pass: bool = False
    """Whether the next run asks for them again."""


@frozen(kw_only=True)
class ExportStatus:
    """How an export stands."""

    fetched: int
    complete: int
    failed: tuple[Group, ...]
    """Failures by their reason."""
    incomplete: tuple[Group, ...]
    """Conversations that are not complete, by each of their reasons: some have several."""
    drifting: int
    parts: int
    sealed: bool
    """Whether the last run came to its end."""


def status(folder: str | PathLike[str]) -> ExportStatus:
    """Tell how an export stands. A run may be at work in it.

    Raises:
        ExportError: The folder is none of an export, or cannot be read.
    """
    with _manifest_of(folder) as (place, manifest):
        verdicts = {str(verdict): count for verdict, count, _ in manifest.count("verdict", "outcome = 'fetched'")}
        failed = manifest.count("error, reason, may_pass", "outcome = 'failed'")
        reasons = manifest.count("value", "outcome = 'fetched'", "outcomes, json_each(reasons)")
        return ExportStatus(
            fetched=sum(verdicts.values()),
            complete=verdicts.get("complete", 0),
            failed=tuple(Group(f"{error}: {text}", n, ref, bool(passes)) for error, text, passes, n, ref in failed),
            incomplete=tuple(Group(reason, count, ref) for reason, count, ref in reasons),
            drifting=sum(count for _, count, _ in manifest.count("outcome", "drift IS NOT NULL")),
            parts=len(manifest.parts()),
            sealed=place.sums.exists(),
        )


def drift_of(folder: str | PathLike[str]) -> DriftReport:
    """Count the drift of all conversations of an export.

    Raises:
        ExportError: The folder is none of an export, or cannot be read.
    """
    report = DriftReport()
    with _manifest_of(folder) as (_, manifest):
        for ref, drift in manifest.drift():
            report.add_counts(ref.partition(":")[0], ref, drift)
    return report


@contextmanager
def _manifest_of(folder: str | PathLike[str]) -> Generator[tuple[Folder, Manifest]]:
    place = Folder(Path(folder))
    with closing(Manifest.open(place.manifest)) as manifest:
        yield place, manifest
