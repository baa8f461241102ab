"""The rules of a sandbox: which requests they strike, and which rules are refused."""

from collections.abc import Callable
from datetime import datetime

import pytest

from conversas.providers import PROVIDERS
from conversas.sandbox import Fault, Rule, Sandbox
from conversas.sandbox.faults import Attempt, rule_for
from support.raw_http import each_provider, get

pytest_plugins = ["conversas.testing.fixtures"]


def test_the_first_rule_that_strikes_wins(sandbox: Sandbox) -> None:
    sandbox.rules = [
        Rule(Fault.FORBIDDEN, ids=["2", 3]),
        Rule(Fault.UNAVAILABLE, provider="superagentes"),
        Rule(Fault.INTERNAL_ERROR, times=2),
    ]
    assert [get(sandbox, "zild", id_).status for id_ in ("1", "2", "3")] == [500, 403, 403]
    assert [get(sandbox, "superagentes", id_).status for id_ in ("1", "2")] == [503, 403]
    assert [get(sandbox, "zild", "1").status for _ in range(3)] == [500, 200, 200]
    assert get(sandbox, "zild", "9").status == 500


def test_rules_may_follow_one_after_another(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.TOO_MANY_REQUESTS, times=2), Rule(Fault.UNAVAILABLE, times=3)]
    assert [get(sandbox, "zild", "1").status for _ in range(5)] == [429, 429, 503, 200, 200]


def test_an_id_is_the_same_however_it_is_written(sandbox: Sandbox) -> None:
    sandbox.rules = [Rule(Fault.UNAVAILABLE, ids=["7"], times=3)]
    assert [get(sandbox, "zild", id_).status for id_ in ("007", "+7", "%37", "7")] == [503, 503, 503, 200]


def test_rules_may_change_while_it_serves(sandbox: Sandbox) -> None:
    assert get(sandbox, "zild", "1").status == 200
    sandbox.rules.append(Rule(Fault.FORBIDDEN))
    assert get(sandbox, "zild", "1").status == 403
    sandbox.rules.clear()
    assert get(sandbox, "zild", "1").status == 200


def test_setting_rules_begins_to_count_anew(sandbox: Sandbox) -> None:
    get(sandbox, "zild", "1")
    sandbox.rules = [Rule(Fault.FORBIDDEN, times=1)]
    assert [get(sandbox, "zild", "1").status for _ in range(2)] == [403, 200]


def struck(seed: int, probability: float, requests: list[Attempt]) -> list[Attempt]:
    rules = [Rule(Fault.HANG, probability=probability)]
    return [request for request in requests if rule_for(request, rules, seed=seed)]


@each_provider
@pytest.mark.parametrize("probability", [0.01, 0.1, 0.5, 0.9])
def test_the_share_that_is_struck_is_near_the_probability(provider: str, probability: float) -> None:
    requests = [Attempt(provider, str(id_), number) for id_ in range(5_000) for number in range(4)]
    share = len(struck(0, probability, requests)) / len(requests)
    assert share == pytest.approx(probability, abs=4 * (probability * (1 - probability) / len(requests)) ** 0.5)


def test_what_is_struck_depends_on_the_request_and_the_seed_alone() -> None:
    requests = [Attempt("zild", str(id_), number) for id_ in range(200) for number in range(3)]
    assert set(struck(0, 0.5, requests[::-1])) == set(struck(0, 0.5, requests))
    assert set(struck(1, 0.5, requests)) != set(struck(0, 0.5, requests))
    other = [Attempt("superagentes", each.id, each.number) for each in requests]
    assert [each.id for each in struck(0, 0.5, other)] != [each.id for each in struck(0, 0.5, requests)]


def test_two_rules_of_one_probability_strike_independently() -> None:
    rules = [Rule(Fault.HANG, probability=0.5), Rule(Fault.RESET, probability=0.5)]
    faults = [
        rule and rule.fault for id_ in range(2_000) if [rule := rule_for(Attempt("zild", str(id_), 0), rules, seed=0)]
    ]
    shares = {fault: faults.count(fault) / len(faults) for fault in (Fault.HANG, Fault.RESET, None)}
    assert shares == {
        Fault.HANG: pytest.approx(0.5, abs=0.05),
        Fault.RESET: pytest.approx(0.25, abs=0.05),
        None: pytest.approx(0.25, abs=0.05),
    }


def test_two_runs_have_the_same_faults_in_whatever_order() -> None:
    rules = [Rule(Fault.INTERNAL_ERROR, probability=0.5)]
    ids = [str(number) for number in range(40)]
    seen = []
    for order in (ids, ids[::-1]):
        with Sandbox(seed=3, rules=rules) as sandbox:
            seen.append({id_: get(sandbox, "zild", id_).status for id_ in order})
    assert seen[0] == seen[1]
    assert {*seen[0].values()} == {200, 500}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rule("no-such-fault"), "no-such-fault"),
        (lambda: Rule(Fault.RESET, probability=1.1), "probability must be a number from 0 to 1"),
        (lambda: Rule(Fault.RESET, probability=float("nan")), "probability must be a number from 0 to 1"),
        (lambda: Rule(Fault.RESET, provider="acme"), f"unknown provider; expected one of: {', '.join(PROVIDERS)}"),
        (lambda: Rule(Fault.RESET, ids="123"), "ids must be a collection"),
        (lambda: Rule(Fault.RESET, times=0), "times must be a number from 1"),
        (lambda: Rule(Fault.STATUS), "status needs a status"),
        (lambda: Rule(Fault.STATUS, status=101), "status must be a number from 200 to 599"),
        (lambda: Rule(Fault.RESET, status=500), "status does not apply to reset, only to html-page, status"),
        (lambda: Rule(Fault.HTML_PAGE, status=204), "has no page"),
        (lambda: Rule(Fault.RESET, seconds=1), "seconds does not apply to reset, only to hang, slow, slow-body"),
        (lambda: Rule(Fault.SLOW_BODY, seconds=-1), "seconds must be a number from 0"),
        (lambda: Rule(Fault.RESET, location="/"), "location does not apply to reset"),
        (lambda: Rule(Fault.REDIRECT, location="/\r\nX: y"), "printable ASCII"),
        (lambda: Rule(Fault.RESET, megabytes=1), "megabytes does not apply to reset"),
        (lambda: Rule(Fault.HUGE, megabytes=0), "megabytes must be a number from 0.001"),
        (lambda: Rule(Fault.UNAVAILABLE, retry_after=-1), "0 seconds or more"),
        (lambda: Rule(Fault.UNAVAILABLE, retry_after="1\n"), "printable ASCII"),
        (lambda: Rule(Fault.UNAVAILABLE, retry_after=datetime(2030, 1, 1)), "a time with an offset"),  # noqa: DTZ001
    ],
)
def test_a_rule_that_cannot_work_is_refused(make: Callable[[], Rule], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_rule_takes_the_name_of_a_fault() -> None:
    assert Rule("reset").fault is Fault.RESET
    assert Rule(Fault.RESET, ids=[1, "a"]).ids == {"1", "a"}
