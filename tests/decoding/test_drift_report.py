"""Drift of many conversations, counted by place. tests/test_spec_patch.py has what it proposes for the spec."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conversas import ConfigurationError, Conversation, Drift, DriftKind, DriftReport, decode
from conversas.providers import provider_names
from support.examples import OUTCOMES, WITHOUT_DRIFT, example
from support.generated import PROVIDERS
from support.processes import ROOT
from tools.regenerate.spec import load_yaml

SPECS = {provider: load_yaml(ROOT / "openapi" / f"{provider}.yaml") for provider in PROVIDERS}


def zild(**body: Any) -> Conversation:
    return decode("zild", json.dumps(body).encode())


def test_drift_is_counted_by_provider_place_kind_and_type_with_the_first_ref() -> None:
    report = DriftReport.from_conversations(
        [
            zild(id=1, messages=[{"sent": 1}, {"sent": "no"}, {"sent": 0}]),
            zild(id=2, messages=[{"sent": 1}], agentType=77),
            zild(id=3, agentType=77),
            zild(id=4),
            decode("superagentes", b'{"id": "c", "status": "SNOOZED"}'),
        ]
    )
    assert (report.conversations, report.drifting) == (5, 4)
    assert [seen.conversations for seen in report.counts] == [2, 2, 1, 1]
    assert [
        (seen.count, seen.provider, seen.drift.path, seen.drift.kind, seen.drift.found, seen.first_ref)
        for seen in report.counts
    ] == [
        (3, "zild", "/messages/*/sent", "wrong-type", "integer", "zild:1"),
        (2, "zild", "/agentType", "unknown-value", 77, "zild:2"),
        (1, "superagentes", "/status", "unknown-value", "string", "superagentes:c"),
        (1, "zild", "/messages/*/sent", "wrong-type", "string", "zild:1"),
    ]


def test_conversations_are_read_one_by_one() -> None:
    report = DriftReport()

    def stream() -> Iterator[Conversation]:
        for number in (1, 2, 3):
            yield zild(id=number, agentType=77)
            report.add(zild(id=number))

    assert DriftReport.from_conversations(stream()).counts[0].count == report.conversations == 3


def test_a_report_reads_as_a_table() -> None:
    report = DriftReport()
    report.add(zild(id=1, agentType=77, tags=[None, None]))
    assert str(report).splitlines() == [
        "1 of 1 conversation differs from the spec",
        "       1  zild  /tags/*  unexpected-null: null instead of object, 2 times, first in zild:1",
        "       1  zild  /agentType  unknown-value: 77 instead of integer enum, once, first in zild:1",
    ]


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x85", "\u2028"], ids=ascii)
def test_the_name_of_a_property_begins_no_line_of_a_report(end: str) -> None:
    report = DriftReport.from_conversations([zild(id=1, **{f"a{end}       9  zild  /b": 1})])
    report.add_counts("zild", f"zild:1{end}0", [(Drift("/c", DriftKind.UNKNOWN_FIELD, "nothing", "string"), 1)])
    escaped = end.encode("unicode_escape").decode()
    first, unknown, other = str(report).splitlines()
    assert first == "2 of 2 conversations differ from the spec"
    assert unknown.startswith(f"       1  zild  /a{escaped}       9  zild  ")
    assert other.endswith(f"first in zild:1{escaped}0")
    assert report.counts[0].drift.path == f"/a{end}       9  zild  ~1b"


def test_a_conversation_without_a_ref_is_counted_and_not_named() -> None:
    report = DriftReport.from_conversations([zild(agentType=77), zild(id=1, agentType=77)])
    assert (report.counts[0].count, report.counts[0].first_ref) == (2, None)
    assert "None" not in str(report)


def test_a_report_without_drift_is_empty() -> None:
    for report in (DriftReport(), DriftReport.from_conversations(example(name) for name in WITHOUT_DRIFT)):
        assert report.counts == ()
        assert str(report) == f"0 of {report.conversations} conversations differ from the spec"
        assert report.to_json_patch(SPECS["zild"]) == []


@pytest.mark.parametrize("provider", SPECS)
def test_a_report_shows_no_value_of_a_body(provider: str) -> None:
    examples = [example(name) for name in OUTCOMES if name.startswith(provider)]
    values = {message.text for conversation in examples for message in conversation.messages if message.text}
    values |= {"instagram", "SNOOZED", "NEUTRAL", "copilot", "vendas", "há dois dias"}
    report = DriftReport.from_conversations(examples)
    shown = f"{report} {report!r} {report.counts} {report.to_json_patch({**SPECS[provider]})}"
    assert [value for value in values if value in shown] == []


@pytest.mark.parametrize("path", ["/2024", "/messages/0/2024", "/messages/0/007"])
def test_the_name_of_an_unknown_property_is_no_index(path: str) -> None:
    drift = Drift(path, DriftKind.UNKNOWN_FIELD, "nothing", "string")
    report = DriftReport.from_conversations([Conversation(provider="zild", drift=(drift,))])
    assert report.counts[0].drift.path == path.replace("/0/", "/*/")


def test_a_patch_is_of_one_provider() -> None:
    report = DriftReport.from_conversations([zild(agentType=77), example("superagentes/phone-numbers")])
    for provider, message in (
        (None, "choose one of superagentes, zild"),
        ("zlid", f"expected one of: {', '.join(provider_names())}"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            report.to_json_patch(SPECS["zild"], provider=provider)
    assert [step["path"] for step in report.to_json_patch(SPECS["superagentes"], provider="superagentes")] == [
        "/components/schemas/Contact/properties/phoneNumber",
        "/components/schemas/VisitorContact/properties/phoneNumber",
    ]
