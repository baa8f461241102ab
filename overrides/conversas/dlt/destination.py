"""Destination of a pipeline: the refs that it has, and the refs that are fetched again."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import dlt
import orjson
from attrs import define, field
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from conversas.client.refresh import EarlierOutcome, Refresh, needs_fetch
from conversas.providers import get_provider

REFS_AT_ONCE = 1_000
"""Number of refs that one query looks up."""
VERDICT_COLUMNS = ["ref", "completeness__reasons", "evaluation__score", "evaluation__final_score"]


@define
class Destination:
    """Destination of the running pipeline."""

    refresh: Refresh | None
    failed: set[str] = field(factory=set[str], init=False)
    """Refs that were looked up and are in the table `failures`."""

    def left(self, refs: Iterable[str]) -> Iterator[str]:
        """Yield the refs to fetch, without duplicates among each 1,000 refs."""
        remaining = iter(refs)
        while some := list(dict.fromkeys(islice(remaining, REFS_AT_ONCE))):
            earlier = self._look_up(some)
            yield from (ref for ref in some if ref not in earlier or self._needs_fetch(ref, earlier[ref]))

    def _needs_fetch(self, ref: str, earlier: EarlierOutcome) -> bool:
        has_scores = earlier.has_conversation and get_provider(ref.partition(":")[0]).has_scores
        return needs_fetch(earlier, self.refresh, has_scores=has_scores)

    def _look_up(self, refs: list[str]) -> dict[str, EarlierOutcome]:
        found = dict[str, EarlierOutcome]()
        for ref, fetch_again in _select("failures", ["ref", "fetch_again"], refs):
            self.failed.add(ref)
            found[ref] = EarlierOutcome(has_conversation=False, failed=True, fetch_again=fetch_again)
        for ref, reasons, *scores in _select("conversations", VERDICT_COLUMNS, refs):
            scored = any(score is not None for score in scores)
            found[ref] = EarlierOutcome(has_conversation=True, reasons=_to_set(reasons), scored=scored)
        return found


def _select(table: str, columns: list[str], refs: list[str]) -> Sequence[Sequence[Any]]:
    marks = ", ".join(["%s"] * len(refs))
    try:
        with dlt.current.pipeline().sql_client() as client:
            name = client.make_qualified_table_name(table)
            query = f"SELECT {', '.join(columns)} FROM {name} WHERE ref IN ({marks})"  # noqa: S608  # only our own names are in it
            return client.execute_sql(query, *refs) or []
    except DatabaseUndefinedRelation:  # in the first run, there are no tables yet
        return []


def _to_set(reasons: Any) -> frozenset[str]:
    """Return the reasons in a JSON column, which some destinations return as text."""
    return frozenset(orjson.loads(reasons) if isinstance(reasons, str) else reasons or [])
