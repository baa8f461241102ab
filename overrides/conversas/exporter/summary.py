"""Summary of a run."""

from attrs import define

NOT_THERE = "not there, requested as part of a range"
"""Reason for a ref of a range that the provider does not have."""


@define
class ExportSummary:
    """Counts of a run, so far or at its end."""

    fetched: int = 0
    """Number of fetched conversations."""
    failed: int = 0
    """Number of refs whose conversation could not be fetched. The manifest has the reasons."""
    skipped: int = 0
    """Number of refs that an earlier run fetched, that failed permanently, that were erased, or that came twice."""
    retried: int = 0
    """Number of requests beyond the first request for a ref."""
    incomplete: int = 0
    """Number of conversations whose verdict is not `complete`."""
    drifting: int = 0
    """Number of conversations whose body differs from the spec."""
    damaged: int = 0
    """Number of parts of earlier runs that were missing or damaged. Their sound conversations are kept."""
    lost: int = 0
    """Number of conversations of damaged parts that this run or the next run fetches again."""
    elapsed_seconds: float = 0.0
    """Duration of the run, in seconds."""
    not_there: int = 0
    """Number of refs of a range that the provider does not have."""
    failed_earlier: int = 0
    """Number of skipped refs that failed permanently in an earlier run. `refresh="failed"` fetches them again."""

    erased: int = 0
    """Number of skipped refs that were erased."""

    @property
    def done(self) -> int:
        """Number of refs that are finished: fetched, failed, not there or skipped."""
        return self.fetched + self.failed + self.not_there + self.skipped
