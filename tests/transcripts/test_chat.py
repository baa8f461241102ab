"""Conversations as chat messages: who says what, in an order that templates take, and no URL."""

import inspect
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversas import (
    AgentKind,
    Attachment,
    ConfigurationError,
    Conversation,
    ConversationRef,
    Message,
    Rating,
    Role,
    chat_messages,
    next_turns,
    ratings,
)
from conversas.transcripts.chat import ChatOptions

CUSTOMER, AGENT, SYSTEM = Role.CUSTOMER, Role.AGENT, Role.SYSTEM


def talk(*said: tuple[Role, str | None] | Message) -> Conversation:
    messages = [each if isinstance(each, Message) else Message(role=each[0], text=each[1]) for each in said]
    return Conversation(provider="zild", ref=ConversationRef("zild", "7"), messages=tuple(messages))


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


GREETED = talk((AGENT, "Hi"), (CUSTOMER, "One"), (CUSTOMER, "Two"), (SYSTEM, "moved"), (AGENT, "A"), (CUSTOMER, "Bye"))


def test_neighbours_of_one_side_are_one_message() -> None:
    assert chat_messages(GREETED) == [assistant("Hi"), user("One\nTwo"), assistant("A"), user("Bye")]


def test_neighbours_stay_apart_if_they_are_not_merged() -> None:
    assert chat_messages(GREETED, merge=False)[1:3] == [user("One"), user("Two")]


def test_neighbours_are_merged_across_an_event_that_is_dropped() -> None:
    said = talk((AGENT, "A"), (SYSTEM, "moved"), (AGENT, "B"))
    assert chat_messages(said) == [assistant("A\nB")]
    assert [each["role"] for each in chat_messages(said, events="system")] == ["assistant", "system", "assistant"]


def test_a_strict_chat_begins_with_the_user_and_ends_with_the_assistant() -> None:
    assert chat_messages(GREETED, strict=True) == [user("One\nTwo"), assistant("A")]
    assert chat_messages(talk((AGENT, "Hi"), (CUSTOMER, "Bye")), strict=True, system="Be kind") == []


def test_the_system_prompt_comes_first_and_is_not_merged_with_an_event() -> None:
    said = talk((SYSTEM, "begins"), (CUSTOMER, "One"))
    system = [{"role": "system", "content": text} for text in ("Be kind", "begins")]
    assert chat_messages(said, system="Be kind", events="system") == [*system, user("One")]


def test_the_model_may_speak_for_the_customer() -> None:
    assert chat_messages(talk((CUSTOMER, "One"), (AGENT, "A")), assistant=CUSTOMER) == [assistant("One"), user("A")]


@pytest.mark.parametrize(
    ("name", "mime_type", "shown"),
    [
        ("note.pdf", None, "note.pdf"),
        (None, "image/png", "image/png"),
        (" ", None, "unnamed"),
        ("https://files.example/a?token=secret", "image/png", "image/png"),
        ("//files.example/a.png", None, "unnamed"),
        ("a.png?sig=secret", None, "unnamed"),
        ("two\nlines.txt", None, "two lines.txt"),
    ],
)
def test_a_file_is_its_name_and_never_its_url(name: str | None, mime_type: str | None, shown: str) -> None:
    attachment = Attachment(name=name, mime_type=mime_type, url="https://files.example/a?token=secret")
    said = talk(Message(role=CUSTOMER, text="Here:", attachments=(attachment,)))
    assert chat_messages(said) == [user(f"Here:\n[file: {shown}]")]


def test_messages_without_words_and_files_are_left_out() -> None:
    assert chat_messages(talk((CUSTOMER, None), (CUSTOMER, "  "), (AGENT, " A "))) == [assistant("A")]


def test_an_unknown_role_is_an_error_that_names_the_option_and_no_word() -> None:
    said = talk((Role.UNKNOWN, "secret"), (AGENT, "A"))
    with pytest.raises(
        ConfigurationError, match='zild:7 has a message with an unknown role; pass `unknown="drop"`'
    ) as it:
        chat_messages(said)
    assert "secret" not in str(it.value)
    assert chat_messages(said, unknown="drop") == [assistant("A")]


@pytest.mark.parametrize("options", [{"merge": False}, {"events": "system"}])
def test_strict_excludes_what_does_not_alternate(options: Any) -> None:
    with pytest.raises(ConfigurationError, match="`strict` needs alternating turns"):
        chat_messages(GREETED, strict=True, **options)


def test_the_model_cannot_speak_for_the_platform() -> None:
    with pytest.raises(ConfigurationError, match=r"`assistant` must be Role.AGENT or Role.CUSTOMER, got .*SYSTEM"):
        chat_messages(GREETED, assistant=SYSTEM)


RATED = talk(
    (AGENT, "Hi"),
    (CUSTOMER, "One"),
    Message(role=AGENT, text="A", speaker=AgentKind.BOT, rating=Rating.GOOD),
    Message(role=AGENT, text="B", speaker=AgentKind.HUMAN, rating=Rating.BAD),
    (CUSTOMER, "Two"),
    Message(role=AGENT, text="C", speaker=AgentKind.HUMAN),
)


def test_each_turn_of_the_assistant_after_the_first_of_the_user_is_an_item() -> None:
    first, second = next_turns(RATED, system="Be kind")
    system = {"role": "system", "content": "Be kind"}
    before = [system, assistant("Hi"), user("One")]
    assert first == {
        "prompt": before,
        "completion": [assistant("A\nB")],
        "label": False,
        "speaker": "unknown",
        "ref": "zild:7",
    }
    assert second == {
        "prompt": [*before, assistant("A\nB"), user("Two")],
        "completion": [assistant("C")],
        "label": None,
        "speaker": "human",
        "ref": "zild:7",
    }


def test_each_rated_message_is_a_row_that_ends_with_it() -> None:
    assert [(row["completion"][0]["content"], row["label"], row["speaker"]) for row in ratings(RATED)] == [
        ("A", True, "bot"),
        ("A\nB", False, "unknown"),
    ]
    assert [row["completion"][0]["content"] for row in ratings(RATED, merge=False)] == ["A", "B"]


def test_prompts_share_nothing() -> None:
    first, second = next_turns(RATED)
    first["prompt"][0]["content"] = "changed"
    assert second["prompt"][0]["content"] == "Hi"


def test_the_options_of_all_are_those_of_chat_messages() -> None:
    parameters = inspect.signature(chat_messages).parameters
    assert get_type_hints(ChatOptions) == {
        name: hint for name, hint in get_type_hints(chat_messages).items() if name in {*parameters} - {"conversation"}
    }


ROLES = st.sampled_from([CUSTOMER, AGENT, SYSTEM])
TALKS = st.lists(st.tuples(ROLES, st.sampled_from(["a", "b", " ", None])), max_size=12)


@given(TALKS)
def test_strict_chats_alternate_and_lose_no_word_in_between(said: list[tuple[Role, str | None]]) -> None:
    strict, loose = (chat_messages(talk(*said), strict=strict) for strict in (True, False))
    assert [each["role"] for each in strict] == ["user", "assistant"] * (len(strict) // 2)
    assert not strict or any(loose[at:][: len(strict)] == strict for at in range(len(loose)))
    words = [text for role, text in said if role is not SYSTEM and text and text.strip()]
    assert "\n".join(each["content"] for each in loose).split() == words


@given(TALKS)
def test_a_prompt_and_its_completion_are_the_beginning_of_the_chat(said: list[tuple[Role, str | None]]) -> None:
    whole = chat_messages(talk(*said))
    for turn in next_turns(talk(*said)):
        taken = [*turn["prompt"], *turn["completion"]]
        assert taken == whole[: len(taken)]
        assert turn["prompt"][-1]["role"] == "user"
