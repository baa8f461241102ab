"""Order of messages, for every provider: what times do not decide, the platform's order does."""

import json
from typing import Any

import pytest

from conversas import Conversation, decode

TIMES = {"zild": "createdAt", "superagentes": "createdAt"}
TEXT = {"zild": "content", "superagentes": "text"}
each_provider = pytest.mark.parametrize("provider", TIMES)


def conversation(provider: str, *messages: Any, timezone: str = "UTC", **others: str) -> Conversation:
    """Decode a conversation of messages, each a letter and a time, or `hh:mm` of one day."""
    listed = [
        {TEXT[provider]: letter, TIMES[provider]: f"2024-05-05T{time}:00" if time and len(time) == 5 else time} | more
        for letter, time, more in (each if len(each) == 3 else (*each, {}) for each in messages)
    ]
    return decode(provider, json.dumps({"messages": listed, **others}).encode(), timezone=timezone)


def letters(found: Conversation) -> str:
    return "".join(message.text or "" for message in found.messages)


@each_provider
@pytest.mark.parametrize(
    ("messages", "order"),
    [
        ([("a", "08:00"), ("b", "08:00"), ("c", "08:01")], "abc"),
        ([("c", "08:01"), ("b", "08:00"), ("a", "08:00")], "abc"),
        ([("d", "08:02"), ("c", "08:01"), ("b", "08:01"), ("a", "08:01")], "abcd"),
        ([("a", "08:00"), ("b", None), ("c", "08:01")], "abc"),
        ([("a", None), ("b", "08:00"), ("c", "08:01")], "abc"),
        ([("c", "08:02"), ("b", None), ("a", "08:00")], "abc"),
        ([("a", None), ("b", None)], "ab"),
        ([("a", "08:00"), ("z", None), ("c", "08:03"), ("b", "08:02"), ("d", "08:04")], "abcdz"),
    ],
)
def test_messages_are_in_order_of_time_else_as_listed(provider: str, messages: Any, order: str) -> None:
    found = conversation(provider, *messages)
    assert letters(found) == order
    assert ("reordered" in found.notes) == ("".join(message[0] for message in messages) != order)
    untimed = any(time is None for _, time in messages)
    assert ("message-without-time" in found.completeness.reasons) == untimed


@pytest.mark.parametrize("offsets", [("9", "2", "5"), ("00:00:09", "00:00:02", "00:00:05"), ("9,5s", "2.0s", "5 s")])
def test_turns_of_one_time_go_by_offset(offsets: tuple[str, ...]) -> None:
    turns = [(letter, "08:00", {"offset": offset}) for letter, offset in zip("cab", offsets, strict=True)]
    found = conversation("zild", *turns, callStatus="ended")
    assert letters(found) == "abc"
    assert "reordered" in found.notes


@pytest.mark.parametrize("offset", [None, "", "logo"])
def test_turns_stay_as_listed_unless_each_has_an_offset(offset: str | None) -> None:
    turns = [("b", "08:00", {"offset": "9"}), ("a", "08:00", {"offset": offset}), ("c", "08:01", {"offset": "1"})]
    assert letters(conversation("zild", *turns)) == "bac"


@each_provider
def test_an_hour_that_the_clock_shows_twice_is_read_as_the_list_is_ordered(provider: str) -> None:
    clock = [("a", "2018-02-17T23:50:00"), ("b", "2018-02-17T23:10:00"), ("c", "2018-02-17T23:55:00")]
    found = conversation(provider, *clock, timezone="America/Sao_Paulo")
    hours = [message.sent_at.isoformat()[11:] for message in found.messages if message.sent_at]
    assert hours == ["23:50:00-02:00", "23:10:00-03:00", "23:55:00-03:00"]
    assert (letters(found), "reordered" in found.notes) == ("abc", False)
    newest_first = [("d", "2018-02-18T00:30:00"), *clock[1::-1]]
    assert letters(conversation(provider, *newest_first, timezone="America/Sao_Paulo")) == "abd"


@each_provider
def test_an_offset_of_the_body_is_never_read_otherwise(provider: str) -> None:
    clock = [("b", "2018-02-17T23:50:00-02:00"), ("a", "2018-02-17T23:10:00-02:00"), ("z", "2018-02-18T08:00:00")]
    found = conversation(provider, *clock, timezone="America/Sao_Paulo")
    assert letters(found) == "abz"
