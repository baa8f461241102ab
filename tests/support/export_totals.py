"""The totals of an export's summary, for one assertion."""

from conversas import ExportSummary


def totals(summary: ExportSummary) -> tuple[int, int, int]:
    """Return how many refs were fetched, failed and skipped."""
    return summary.fetched, summary.failed, summary.skipped
