"""Summary of a run."""

from attrs import define

NOT_THERE = "not there, by a scan of a range"
"""Reason of a ref of a range that the provider does not have."""


@define
class ExportSummary:
    """Counts of a run, so far or at its end."""

    fetched: int = 0
    """Conversations."""
    failed: int = 0
    """Refs whose conversation could not be fetched. The manifest has the reasons."""
    skipped: int = 0
    """Refs that an earlier run fetched, whose failure is permanent, or that were erased."""
    retried: int = 0
    """Requests beyond the first one for a ref."""
    incomplete: int = 0
    """Conversations whose verdict is not `complete`."""
    drifting: int = 0
    """Conversations whose body differs from the spec."""
    damaged: int = 0
    """Parts of earlier runs that were missing or damaged. What was sound of them is kept."""
    lost: int = 0
    """Conversations of damaged parts that are fetched again, by this run or the next one."""
    elapsed_seconds: float = 0.0
    """Duration."""
    not_there: int = 0
    """Refs of a range that the provider does not have."""
    failed_earlier: int = 0
    """Refs of `skipped` that failed permanently in an earlier run. They are fetched again with `refresh="failed"`."""

    @property
    def done(self) -> int:
        """Number of refs that are finished: fetched, failed, not there or skipped."""
        return self.fetched + self.failed + self.not_there + self.skipped
