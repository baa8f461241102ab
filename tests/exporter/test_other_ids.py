"""A body of another id than the one that was asked for: a failure of an export, fetched again by the next run."""

from pathlib import Path
from typing import Any

from conversas import Export
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import fetched
from support.export_totals import totals

REFS = ["zild:1", "zild:2", "superagentes:a", "superagentes:b"]


def test_it_is_kept_and_fetched_again_by_the_next_run(run: Any, folder: Path, sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.OTHER_ID, ids=["2", "b"])]
    assert totals(run(REFS)) == (2, 2, 0)
    failures = list(Export(folder).failures())
    assert {str(failure.ref) for failure in failures} == {"zild:2", "superagentes:b"}
    assert {failure.reason for failure in failures} == {"the body belongs to another conversation (id_mismatch)"}
    assert len(list((folder / "undecodable").iterdir())) == 2
    sandbox.rules = []
    assert totals(run(REFS)) == (2, 0, 2)
    assert fetched(folder) == {*REFS}
    assert Export(folder).verify() == []
