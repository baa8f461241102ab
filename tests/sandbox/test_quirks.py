"""Each oddity that the sandbox plays is read for what it is."""

from collections import Counter
from typing import Any

import pytest

from conversas import Client, Conversation, DecodeError
from conversas.sandbox import Fault, Rule, Sandbox

PROVIDERS = ("zild", "superagentes")
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def played(sandbox: Sandbox, provider: str, *faults: Fault, id_: str = "12", timezone: str = "UTC") -> Conversation:
    config: Any = sandbox.provider(provider)
    config = type(config)(base_url=config.base_url, token=config.token, timezone=timezone)
    sandbox.rules = [Rule(fault) for fault in faults]
    with Client(config) as client:
        return client.get(f"{provider}:{id_}")


def roles(conversation: Conversation) -> Counter[str]:
    return Counter(str(message.role) for message in conversation.messages)


@each_provider
@pytest.mark.parametrize("fault", [Fault.ERROR_BODY, Fault.ENVELOPE, Fault.PASCAL_CASE])
def test_what_is_no_conversation_is_an_error(sandbox: Sandbox, provider: str, fault: Fault) -> None:
    with pytest.raises(DecodeError, match="not_a_conversation"):
        played(sandbox, provider, fault)


@each_provider
def test_a_list_in_an_object_is_the_list(sandbox: Sandbox, provider: str) -> None:
    conversation = played(sandbox, provider, Fault.REFERENCES)
    assert conversation.messages == played(sandbox, provider).messages
    assert "references-unwrapped" in conversation.notes


@each_provider
def test_newest_first_with_equal_times_is_turned_round(sandbox: Sandbox, provider: str) -> None:
    texts = [message.text for message in played(sandbox, provider, Fault.NEWEST_FIRST).messages]
    assert texts == [message.text for message in played(sandbox, provider).messages]


@each_provider
def test_a_message_without_time_keeps_its_place(sandbox: Sandbox, provider: str) -> None:
    conversation = played(sandbox, provider, Fault.MESSAGE_WITHOUT_TIME)
    texts = [message.text for message in conversation.messages]
    assert texts == [message.text for message in played(sandbox, provider).messages]
    assert [message.sent_at for message in conversation.messages].count(None) == 1
    assert "message-without-time" in conversation.completeness.reasons


@each_provider
def test_the_hour_that_the_clock_repeats_is_read_twice(sandbox: Sandbox, provider: str) -> None:
    conversation = played(sandbox, provider, Fault.CLOCK_TURNED_BACK, timezone="America/Sao_Paulo")
    offsets = Counter(message.sent_at.isoformat()[-6:] for message in conversation.messages if message.sent_at)
    assert offsets.keys() == {"-02:00", "-03:00"}
    texts = [message.text for message in conversation.messages]
    assert texts == [message.text for message in played(sandbox, provider).messages]


@each_provider
def test_milliseconds_are_no_time_and_zero_dates_are_never(sandbox: Sandbox, provider: str) -> None:
    assert played(sandbox, provider, Fault.EPOCH_TIMES).created_at is None
    conversation = played(sandbox, provider, Fault.ZERO_DATES)
    assert (conversation.created_at, conversation.updated_at) == (None, None)
    assert "zero-time" in conversation.notes


def test_a_person_who_comes_twice_is_one(sandbox: Sandbox) -> None:
    for number in range(6):
        conversation = played(sandbox, "superagentes", Fault.PERSON_TWICE, id_=str(number))
        plain = played(sandbox, "superagentes", id_=str(number))
        assert (conversation.contacts, conversation.participants) == (plain.contacts, plain.participants)


def test_a_reply_of_the_team_is_the_agents(sandbox: Sandbox) -> None:
    conversation = played(sandbox, "superagentes", Fault.STAFF_REPLY)
    assert roles(conversation) == roles(played(sandbox, "superagentes"))
    assert {"bot", "human"} <= {message.speaker for message in conversation.messages}
    assert "role-inferred" in conversation.notes


def test_a_status_of_a_fork_is_not_in_progress(sandbox: Sandbox) -> None:
    conversation = played(sandbox, "superagentes", Fault.UNKNOWN_STATUS)
    assert (conversation.status_code, conversation.completeness.verdict) == ("ARCHIVED", "unknown")


@pytest.mark.parametrize("fault", [Fault.OTHER_ADDRESS, Fault.ADDRESS_PREFIX, Fault.VOICE_ROLES])
def test_both_sides_are_told_apart(sandbox: Sandbox, fault: Fault) -> None:
    assert roles(played(sandbox, "zild", fault)) == roles(played(sandbox, "zild"))


def test_scores_that_nobody_gave_are_none(sandbox: Sandbox) -> None:
    conversation = played(sandbox, "zild", Fault.UNEVALUATED)
    assert conversation.evaluation
    assert (conversation.evaluation.score, conversation.evaluation.final_score) == (None, None)
    assert "score-inferred" in conversation.notes
