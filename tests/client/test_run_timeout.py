"""A run of many that has only so much time."""

import pytest

from conversas import ConfigurationError, Fetched, TransportError
from conversas.sandbox import Fault, Rule, Sandbox
from support.client_kinds import Kind, each_client, get_many


@each_client
def test_a_run_ends_in_time_and_gives_what_it_has(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    outcomes = list[Fetched]()
    with Sandbox(rules=[Rule(Fault.HANG, ids=["7"], seconds=60)]) as sandbox:
        refs = [f"zild:{number}" for number in range(1, 21)]
        with pytest.raises(TransportError, match="a later run can fetch") as ended:
            get_many(kind, refs, sandbox.zild, total_seconds=1.5, into=outcomes)
    assert ended.value.reason == "run_timeout"
    assert {str(outcome.ref) for outcome in outcomes} == {*refs} - {"zild:7"}


@each_client
@pytest.mark.parametrize("seconds", [0, -1, float("inf"), "5", True])
def test_a_time_that_is_none_is_refused(kind: Kind, seconds: object) -> None:
    with (
        Sandbox() as sandbox,
        pytest.raises(ConfigurationError, match="`total_seconds` must be a positive number or None, got"),
    ):
        get_many(kind, ["zild:1"], sandbox.zild, total_seconds=seconds)
