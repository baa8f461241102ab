"""Summary of a run, and its option to fetch again what an earlier run has."""

from enum import StrEnum
from typing import Self

from attrs import define

from conversas.errors import ConfigurationError


class Refresh(StrEnum):
    """Refs that are fetched again, although an earlier run has their outcome."""

    IN_PROGRESS = "in-progress"
    """Conversations that were not finished, whatever else is missing of them."""
    UNSCORED = "unscored"
    """Conversations without a score, if their provider has scores: they may be evaluated by now."""
    FAILED = "failed"
    """Every failure, also of a conversation that the provider does not have."""
    ALL = "all"
    """Everything."""

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Convert the option of a run.

        Raises:
            ConfigurationError: There is no such value.
        """
        if text is None:
            return None
        if text not in list(cls):
            raise ConfigurationError(f"refresh must be one of {', '.join(cls)}, got {text!r}")
        return cls(text)


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

    @property
    def done(self) -> int:
        """Number of refs that are finished: fetched, failed, not there or skipped."""
        return self.fetched + self.failed + self.not_there + self.skipped
