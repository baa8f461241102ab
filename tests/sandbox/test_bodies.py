"""The conversations of the sandbox: always the same, by the spec, and like those of real customers."""

import json
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from conversas import ConfigurationError, Conversation, ConversationRef, Role, Status, Verdict, decode
from conversas.providers import get_provider
from conversas.sandbox import Sandbox
from conversas.sandbox.bodies import body
from conversas.sandbox.dialogues.generator import LONGEST
from conversas.sandbox.dialogues.phrases import load_language
from conversas.sandbox.platforms.zild import _duration
from conversas.testing.conformance import CHECKS, Check
from support.mapping_doc import has_source, source_of
from support.processes import ROOT
from support.raw_http import PATHS, each_provider, id_of, ref_of

IDS = range(1, 601)
PAGES = {"superagentes": 50}
"""The number of messages that a page holds, for a provider that has pages."""

bodies = {provider: [body(provider, id_of(provider, number)) for number in IDS] for provider in PATHS}
conversations: dict[str, list[Conversation]] = {
    provider: [
        decode(provider, each, ref=ref_of(provider, number), on_drift="raise")
        for number, each in zip(IDS, given_, strict=True)
    ]
    for provider, given_ in bodies.items()
}


def shows(provider: str) -> Counter[Any]:
    return Counter(each.completeness.verdict for each in conversations[provider])


@each_provider
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(provider: str) -> None:
    assert [body(provider, id_of(provider, number), seed=0) for number in IDS] == bodies[provider]
    others = [body(provider, id_of(provider, number), seed=1) for number in IDS]
    assert all(one != other for one, other in zip(bodies[provider], others, strict=True))
    assert len({*bodies[provider], *others}) == 2 * len(IDS)


def test_a_sandbox_gives_the_bodies_of_its_seed() -> None:
    assert Sandbox(seed=5).body("zild:7") == body("zild", "7", seed=5)
    assert Sandbox(seed=5).body(ConversationRef("superagentes", "a:b"), messages=3) == body(
        "superagentes", "a:b", seed=5, messages=3
    )


def test_an_id_of_zild_is_a_number_however_it_is_written() -> None:
    assert body("zild", "007") == body("zild", "7")


@each_provider
def test_no_body_drifts_and_most_conversations_are_complete(provider: str) -> None:
    assert [each.drift for each in conversations[provider]] == [()] * len(IDS)
    assert shows(provider)[Verdict.COMPLETE] > len(IDS) * 0.6
    assert shows(provider)[Verdict.IN_PROGRESS] > len(IDS) * 0.1
    assert shows(provider)[Verdict.TRUNCATED] == 0


@each_provider
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_body_conforms(provider: str, check: Check) -> None:
    check(provider, body(provider, id_of(provider, 11), messages=4))


@each_provider
def test_every_body_is_valid_by_the_schema_of_the_spec(provider: str) -> None:
    spec = YAML(typ="safe").load(ROOT / "openapi" / f"{provider}.yaml")
    name = get_provider(provider).model.__name__
    schema = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for each in bodies[provider]:
        validator.validate(json.loads(each))


@pytest.mark.parametrize("provider", ["zild", "superagentes"])
def test_every_body_has_every_property_of_the_spec(provider: str) -> None:
    assert {tuple(sorted(json.loads(each))) for each in bodies[provider]} == {
        tuple(sorted(get_provider(provider).model._names))  # the run time is ours as well
    }


@each_provider
@given(seed=st.integers(0, 2**64), number=st.integers(-(2**31), 2**31 - 1), messages=st.integers(0, 70))
def test_any_conversation_of_any_length_is_by_the_spec(provider: str, seed: int, number: int, messages: int) -> None:
    given_ = body(provider, id_of(provider, number), seed=seed, messages=messages)
    conversation = decode(provider, given_, on_drift="raise")
    assert len(conversation.messages) == min(PAGES.get(provider, messages), messages)
    assert conversation.completeness.verdict in {
        Verdict.COMPLETE,
        Verdict.IN_PROGRESS,
        *([Verdict.UNKNOWN] if provider == "superagentes" and messages >= 50 else []),
    }


@given(id_=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_superagentes_has_a_conversation_for_any_text(id_: str) -> None:
    assert decode("superagentes", body("superagentes", id_, messages=1)).id == id_


@each_provider
def test_the_longest_have_five_thousand_messages(provider: str) -> None:
    longest = body(provider, id_of(provider, 1), messages=LONGEST)
    assert LONGEST == 5_000
    assert len(json.loads(longest)[source_of(provider, "messages")]) == PAGES.get(provider, 5_000)
    assert decode(provider, longest, on_drift="raise").ref


def test_most_conversations_have_4_to_60_messages() -> None:
    counts = Counter(len(each.messages) for each in conversations["zild"])
    usual = sum(count for number, count in counts.items() if 4 <= number <= 60)
    assert counts[0] > 0
    assert max(counts) > 60
    assert usual > 0.9 * len(IDS)
    assert max(counts[number] for number in range(4, 61)) < 0.25 * len(IDS)


def test_superagentes_shows_the_newest_fifty_newest_first() -> None:
    all_of_it = [json.loads(body("superagentes", "1", messages=120))]
    while all_of_it[-1]["messages"]:
        cursor = all_of_it[-1]["messages"][-1]["id"]
        all_of_it.append(json.loads(body("superagentes", "1", messages=120, cursor=cursor)))
    assert [len(page["messages"]) for page in all_of_it] == [50, 50, 20, 0]
    messages = [message for page in all_of_it for message in page["messages"]]
    times = [message["createdAt"] for message in messages]
    assert times == sorted(times, reverse=True)
    assert len({message["id"] for message in messages}) == 120
    assert {page["updatedAt"] for page in all_of_it} == {messages[0]["createdAt"]}


@pytest.mark.parametrize("cursor", ["", "m1", "cm", "{stem}", "{stem}0000078", "{stem}-000001", "{stem}78"])
def test_nothing_comes_before_a_message_that_is_not_in_the_conversation(cursor: str) -> None:
    newest = json.loads(body("superagentes", "1", messages=120))["messages"][0]["id"]
    older = json.loads(body("superagentes", "1", messages=120, cursor=cursor.format(stem=newest[:-7])))
    assert older["messages"] == []


@pytest.mark.parametrize(
    ("provider", "id_"), [("zild", "x"), ("zild", "2147483648"), ("superagentes", ""), ("acme", "1")]
)
def test_there_is_no_body_for_what_is_no_id(provider: str, id_: str) -> None:
    with pytest.raises(ValueError, match=r"32-bit integer|non-empty|unknown provider"):
        body(provider, id_)


def test_there_is_no_body_for_what_is_no_ref() -> None:
    with pytest.raises(ConfigurationError):
        Sandbox().body("zild:")
    with pytest.raises(ValueError, match="0 or more"):
        Sandbox().body("zild:1", messages=-1)


# Realism


@each_provider
def test_times_go_on_and_stay_within_the_conversation(provider: str) -> None:
    for each in conversations[provider]:
        times = [message.sent_at for message in each.messages if message.sent_at]
        assert len(times) == len(each.messages)
        assert times == sorted(times)
        assert each.created_at
        assert each.updated_at or not has_source(provider, "updated_at")
        updated_at = each.updated_at or max(times, default=each.created_at)
        assert all(each.created_at <= time <= (each.ended_at or updated_at) <= updated_at for time in times)
        assert 2023 <= each.created_at.year <= 2026


def test_zild_writes_seven_digits_and_an_offset() -> None:
    for each in bodies["zild"]:
        for time in (part.partition('"')[0] for part in each.decode().split('At":"')[1:]):
            assert len(time) == len("2023-08-14T22:00:03.1104217Z")
            assert time.endswith("Z")


@each_provider
def test_both_sides_speak_and_no_text_has_an_empty_place(provider: str) -> None:
    texts = [message.text or "" for each in conversations[provider] for message in each.messages]
    roles = Counter(message.role for each in conversations[provider] for message in each.messages)
    assert all(texts)
    assert not any("{" in text or "}" in text or text.startswith("|") for text in texts)
    assert min(roles[Role.CUSTOMER], roles[Role.AGENT]) > 0.3 * len(texts)
    speaking = [{message.role for message in each.messages} for each in conversations[provider]]
    assert all(Role.UNKNOWN not in found or found == {Role.UNKNOWN} for found in speaking)  # no customer spoke
    assert roles[Role.UNKNOWN] < 0.01 * len(texts)
    assert 0.01 < sum("\N{SMILING FACE WITH SMILING EYES}" in text or "👍" in text for text in texts) / len(texts) < 0.1


def test_about_seven_in_ten_are_in_portuguese() -> None:
    languages = Counter(
        next(variable.value for variable in each.variables if variable.name == "idioma")
        for each in conversations["zild"]
    )
    assert languages.keys() == {"pt-BR", "en-US"}
    assert languages["pt-BR"] / len(IDS) == pytest.approx(0.7, abs=0.07)


def test_the_order_number_is_one_throughout_a_conversation() -> None:
    for each in conversations["zild"]:
        order = next(item.value for item in each.collected_data if item.name == "pedido")
        topics = [message.text for message in each.messages if message.text and "pedido é o" in message.text]
        assert all(order and order in text for text in topics)


def test_voice_calls_tell_how_they_ended() -> None:
    calls = [each for each in conversations["zild"] if each.call]
    ended = [each for each in calls if each.status is Status.CLOSED]
    assert 0.08 < len(calls) / len(IDS) < 0.25
    for each in ended:
        assert each.call
        assert each.ended_at
        assert each.created_at
        assert each.call.disconnection_reason
        assert each.duration == each.ended_at - each.created_at
        assert each.call.successful == bool(each.messages)
    assert {each.call.status for each in calls if each.call} >= {"ended", "ongoing"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00"), (754, "00:12:34"), (5.123, "00:00:05.1230000"), (93_784, "1.02:03:04")],
)
def test_a_duration_is_written_as_dotnet_does(seconds: float, text: str) -> None:
    assert _duration(int(seconds * 1_000_000)) == text


@pytest.mark.parametrize("provider", [provider for provider in PATHS if has_source(provider, "participants")])
def test_some_conversations_are_handed_over_to_a_person(provider: str) -> None:
    persons = [
        each
        for each in conversations[provider]
        if any(participant.kind == "user" and participant.name for participant in each.participants)
    ]
    assert 0.3 < len(persons) / len(IDS) < 0.6


def test_evaluations_summaries_and_tags_are_there_for_most_of_what_is_finished() -> None:
    finished = [each for each in conversations["zild"] if each.status is Status.CLOSED and each.messages]
    scored = [each for each in finished if each.evaluation and each.evaluation.score]
    assert all(each.summary and each.tags and "{" not in each.summary for each in finished)
    assert 0.6 < len(scored) / len(finished) < 0.95
    assert {each.sentiment for each in scored} == {"negative", "neutral", "positive"}


@pytest.mark.parametrize("language", [load_language("pt"), load_language("en")], ids=lambda language: language.code)
def test_a_topic_begins_with_the_customer_and_ends_with_an_agent(language: Any) -> None:
    for topic in language.topics:
        speakers = [line.speaker for line in topic.lines]
        assert (speakers[0], speakers[-1], {*speakers}) == ("C", "A", {"C", "A"})
    pairs = [*language.asides, language.bridge, language.closing]
    assert [[line.speaker for line in pair] for pair in pairs] == [["C", "A"]] * len(pairs)
    assert [line.speaker for line in language.survey] == ["S", "R"]
