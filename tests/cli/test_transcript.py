"""A conversation as it is printed: what is in it, how it is wrapped, and that no body can harm a terminal."""

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from conversas import (
    Agent,
    AgentKind,
    Attachment,
    Call,
    Channel,
    Completeness,
    Contact,
    Conversation,
    ConversationRef,
    Drift,
    DriftKind,
    Evaluation,
    Message,
    MessageError,
    Note,
    Rating,
    Reason,
    Role,
    Status,
    Tag,
    Verdict,
)
from conversas.cli.sanitize import escape_for_terminal, escape_json_for_terminal
from conversas.cli.transcript import print_transcript
from support.examples import WITHOUT_DRIFT, at, example
from support.hostile_text import EVIL, harm_in
from support.strategies import json_values


def printed(conversation: Conversation, width: int = 80, **options: Any) -> str:
    file = io.StringIO()
    print_transcript(
        conversation, Console(file=file, width=width, highlight=False, markup=False, emoji=False), **options
    )
    return file.getvalue()


def lines(width: int = 80, **fields: Any) -> list[str]:
    """Print a conversation with nothing but these fields, and give the lines below its first."""
    return printed(Conversation(provider="zild", **fields), width).splitlines()[1:]


def said(*messages: Message, width: int = 80) -> list[str]:
    """Return the lines of messages: those below the channel, which is always printed."""
    return lines(width, messages=messages)[1:]


FULL = Conversation(
    provider="zild",
    id="7",
    ref=ConversationRef("zild", "7"),
    title="Lost parcel",
    summary="The parcel was lost, and is sent again.",
    status=Status.CLOSED,
    channel=Channel.UNKNOWN,
    channel_code="4",
    created_at=at(2024, 4, 3, 23, 58),
    ended_at=at(2024, 4, 4, 0, 3),
    agent=Agent(name="Virtual Assistant", kind=AgentKind.BOT),
    contacts=(Contact(name="Ana", email="ana@example.com", address="+5511"), Contact(name="Bia")),
    tags=(Tag(name="lost"), Tag(id="4"), Tag(name="parcel")),
    evaluation=Evaluation(score=68, final_score=72, status_code="2", status_message="Done", high_importance_error=True),
    sentiment="neutral",
    duration=timedelta(minutes=5),
    call=Call(status="ended", disconnection_reason="hang-up"),
    completeness=Completeness(verdict=Verdict.TRUNCATED, reasons=(Reason.POSSIBLE_PAGE_LIMIT,)),
    notes=(Note.ROLE_INFERRED, Note.REORDERED),
    drift=(Drift("/channel", DriftKind.UNKNOWN_VALUE, "string or null", "string"),),
    messages=(
        Message(role=Role.CUSTOMER, text="Where is it?", sent_at=at(2024, 4, 3, 23, 58)),
        Message(role=Role.AGENT, text="Lost. Sorry!", sent_at=at(2024, 4, 3, 23, 59, 30), rating=Rating.GOOD),
        Message(
            role=Role.AGENT,
            text="The label:",
            sent_at=at(2024, 4, 4, 0, 1),
            attachments=(Attachment(name="label.pdf", url="https://files.example/1"),),
        ),
        Message(
            role=Role.SYSTEM,
            sent_at=at(2024, 4, 4, 0, 2),
            error=MessageError(code="63016", message="Failed to send"),
        ),
        Message(role=Role.UNKNOWN, text="Bye"),
    ),
)
SHOWN = """\
zild:7  closed, truncated, 5 messages
title     Lost parcel
customer  Ana +5511 ana@example.com, Bia
agent     Virtual Assistant (bot)
channel   unknown (the provider says 4)
time      2024-04-03 23:58 to 2024-04-04 00:03 UTC
call      ended, lasted 0:05:00, hang-up
quality   score 68, final score 72, status 2, Done
mood      neutral
tags      lost, parcel
summary   The parcel was lost, and is sent again.
alert     an error of high importance
doubts    possible page limit
drift     /channel unknown-value
notes     role inferred, reordered

2024-04-03, Wednesday
23:58:00  customer  Where is it?
23:59:30  agent     Lost. Sorry!
                    [rated good]

2024-04-04, Thursday
00:01:00  agent     The label:
                    [file: label.pdf]
00:02:00  system    [not delivered: 63016 Failed to send]
          unknown   Bye
"""


def test_it_tells_what_is_known_and_who_said_what_and_when() -> None:
    assert printed(FULL) == SHOWN


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"channel": Channel.WHATSAPP, "channel_code": "whatsapp"}, "channel   whatsapp"),
        ({"channel": Channel.EMAIL, "channel_code": "2"}, "channel   email (the provider says 2)"),
        ({"agent": Agent(id="17", kind=AgentKind.HUMAN)}, "agent     17 (human)"),
        ({"agent": Agent()}, "agent     (unknown)"),
        ({"created_at": at(2024, 1, 2, 3, 4)}, "time      from 2024-01-02 03:04 UTC"),
        ({"ended_at": at(2024, 1, 2, 3, 4)}, "time      until 2024-01-02 03:04 UTC"),
        (
            {"created_at": at(2024, 1, 2, 3, 4), "ended_at": at(2024, 1, 2, 5, 6)},
            "time      2024-01-02 03:04 to 05:06 UTC",
        ),
        ({"evaluation": Evaluation(score=0)}, "quality   score 0"),
        ({"evaluation": Evaluation(high_importance_error=True)}, "alert     an error of high importance"),
        ({"call": Call(status="not_connected")}, "call      not_connected"),
        ({"duration": timedelta(seconds=124.9)}, "call      lasted 0:02:04"),
        ({"duration": timedelta(seconds=-1)}, "call      lasted -0:00:01"),
        ({"duration": timedelta.max}, "call      lasted 999999999 days, 23:59:59"),
        (
            {"tags": tuple(Tag(name=str(n)) for n in range(22))},
            f"tags      {', '.join(map(str, range(20)))}, and 2 more",
        ),
        (
            {"drift": tuple(Drift(f"/{n}", DriftKind.BAD_FORMAT, "a", "b") for n in range(8))},
            f"drift     {', '.join(f'/{n} bad-format' for n in range(6))}, and 2 more",
        ),
        ({"title": " two\n lines "}, "title     two lines"),
        ({"summary": ""}, ""),
    ],
)
def test_each_line_of_the_header_tells_what_there_is(fields: dict[str, Any], line: str) -> None:
    shown = lines(400, **fields)
    assert line in shown if line else shown == ["channel   unknown"]


@pytest.mark.parametrize(
    ("verdict", "status", "count", "line"),
    [
        (Verdict.COMPLETE, Status.CLOSED, 0, "zild:?  closed, complete, 0 messages"),
        (Verdict.IN_PROGRESS, Status.OPEN, 1, "zild:?  open, in progress, 1 message"),
        (Verdict.UNKNOWN, Status.UNKNOWN, 2, "zild:?  unknown, perhaps incomplete, 2 messages"),
    ],
)
def test_the_first_line_tells_status_verdict_and_how_many(
    verdict: Verdict, status: Status, count: int, line: str
) -> None:
    conversation = Conversation(
        provider="zild", status=status, completeness=Completeness(verdict=verdict), messages=(Message(),) * count
    )
    assert printed(conversation).splitlines()[0] == line


def test_messages_without_time_have_none_and_are_apart_from_the_header() -> None:
    assert said(Message(text="Hi")) == ["", "       unknown   Hi"]


def test_a_message_without_text_has_its_line() -> None:
    assert said(Message(role=Role.AGENT)) == ["", "       agent"]


def test_lines_of_a_message_stand_below_each_other_and_long_ones_are_wrapped() -> None:
    message = Message(role=Role.AGENT, text="One\r\n\r\n\ttwo " + "x" * 30 + " and\n", sent_at=at(2024, 1, 1))
    below = " " * 17
    assert said(message, width=40)[2:] == [
        "00:00  agent     One",
        "",
        f"{below}    two",
        f"{below}{'x' * 23}",
        f"{below}{'x' * 7} and",
    ]


@pytest.mark.parametrize(("width", "most"), [(10, 37), (37, 37), (80, 80), (120, 120)])
def test_messages_are_wrapped_at_the_width_of_the_terminal(width: int, most: int) -> None:
    message = Message(text="Olá 🙂👍🏽 coração " * 40 + "界" * 100)
    shown = said(message, width=width)
    assert most - 12 < max(map(cell_len, shown)) <= most
    joined = "".join(line[17:] for line in shown).replace(" ", "")
    assert joined == message.text.replace(" ", "") if message.text else False


def test_a_day_is_told_when_it_begins_by_the_clock_of_its_messages() -> None:
    brazil = timezone(timedelta(hours=-3))
    times = [
        datetime(2024, 1, 1, 23, 59, tzinfo=brazil),
        datetime(2024, 1, 2, 0, 1, tzinfo=brazil),
        datetime(2024, 1, 2, 12, tzinfo=brazil),
        datetime(2024, 1, 9, 12, tzinfo=UTC),
    ]
    days = [line for line in said(*(Message(sent_at=time) for time in times)) if line.startswith("2024")]
    assert days == ["2024-01-01, Monday", "2024-01-02, Tuesday", "2024-01-09, Tuesday"]


def test_a_message_of_a_megabyte_is_cut_and_it_is_said() -> None:
    shown = said(Message(text="x" * 1_000_000))
    assert "".join(shown).count("x") == 4000
    assert shown[-1].strip() == "[996,000 more characters]"


def test_no_name_of_a_megabyte_fills_the_terminal() -> None:
    long = "a" * 1_000_000
    conversation = Conversation(
        provider="zild",
        ref=ConversationRef("zild", long),
        title=long,
        summary=long,
        channel_code=long,
        agent=Agent(name=long),
        contacts=(Contact(name=long),) * 1000,
        tags=(Tag(name=long),) * 1000,
        sentiment=long,
        drift=(Drift(long, DriftKind.UNKNOWN_FIELD, "nothing", "string"),) * 1000,
    )
    assert len(printed(conversation)) < 60_000


def test_the_rest_can_be_left_out() -> None:
    messages = tuple(Message(text=str(number)) for number in range(5))
    shown = printed(Conversation(provider="zild", messages=messages), max_messages=2).splitlines()
    assert shown[-3:] == ["       unknown   0", "       unknown   1", "[3 more messages]"]


@pytest.mark.parametrize("name", WITHOUT_DRIFT)
def test_every_example_is_printed(name: str) -> None:
    conversation = example(name)
    shown = printed(conversation)
    assert len(shown.splitlines()) > len(conversation.messages)
    assert not harm_in(shown)


# No text can harm a terminal.

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30) | st.just(EVIL)


def full_of(text: str) -> Conversation:
    """Return a conversation with a text in each field that can have one."""
    return Conversation(
        provider="zild",
        ref=ConversationRef("zild", text or "1"),
        title=text,
        summary=text,
        channel_code=text,
        sentiment=text,
        agent=Agent(id=text, name=text),
        contacts=(Contact(name=text, email=text, address=text),),
        tags=(Tag(name=text),),
        evaluation=Evaluation(status_message=text, status_code=text),
        call=Call(status=text, disconnection_reason=text),
        drift=(Drift(text, DriftKind.UNKNOWN_FIELD, "nothing", "string"),),
        messages=(
            Message(
                text=text,
                sent_at=at(2024, 1, 1),
                attachments=(Attachment(url=text, name=text),),
                error=MessageError(code=text, message=text),
            ),
        ),
    )


@given(TEXTS, st.sampled_from([20, 80, 120]))
@hypothesis.example(EVIL * 200, 80)
def test_nothing_that_is_printed_can_harm_a_terminal(text: str, width: int) -> None:
    assert not harm_in(printed(full_of(text), width))


@given(TEXTS)
@hypothesis.example("2024-01-01, Monday\n" * 3)
def test_the_words_of_a_body_begin_no_line_of_ours(text: str) -> None:
    shown = printed(full_of(text))
    beginnings = {line[:20].rstrip() for line in shown.splitlines() if line[:1] not in ("", " ")}
    assert {line for line in beginnings if line[0].isdigit()} == {"2024-01-01, Monday", "00:00:00  unknown"}
    assert shown.splitlines().count("2024-01-01, Monday") == 1


@given(TEXTS)
def test_what_is_harmless_stays_and_the_rest_is_spelled_out(text: str) -> None:
    shown = escape_for_terminal(text)
    assert not harm_in(shown)
    assert "\n" not in shown
    assert shown == text or harm_in(text) or not text.isprintable() or "\n" in text or len(shown) < len(text)


@pytest.mark.parametrize("text", ["Olá, coração!", "👩‍👩‍👧‍👦 👍🏽 ❤️", "שלום", "नमस्ते", "می‌خواهم", "日本語", "e\u0301"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert escape_for_terminal(text) == text


NEWER = {
    "Unicode 15": "\U0001fae8\U0001fa77\U0001fae8",
    "Unicode 16": "\U0001fae9\U0001fadf\U0001f6d8",
    "Unicode 17": "\U0001faea\U0001faef",
    "a later one": "\U0001fafd\U0001fc00",
    "letters": "\u1c89\U00011f04\U00031350",
    "a flag": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "joined": "\U0001f426\u200d\U0001f525\ufe0f",
}


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER)
def test_emoji_and_letters_are_shown_also_if_they_are_newer_than_the_interpreter(text: str) -> None:
    assert escape_for_terminal(text) == text
    assert said(Message(text=text))[1] == f"       unknown   {text}"


def test_new_emoji_are_as_wide_as_a_terminal_shows_them() -> None:
    shown = said(Message(text="\U0001fae8" * 40), width=57)
    assert [cell_len(line) for line in shown[1:]] == [57, 57]
    assert [line.count("\U0001fae8") for line in shown[1:]] == [20, 20]


@pytest.mark.parametrize("char", ["\u2065", "\ufdd0", "\ufff0", "\uffff", "\U0001fffe", "\U00040000", "\U000e0080"])
def test_a_code_point_that_is_or_may_become_invisible_is_spelled_by_its_number(char: str) -> None:
    assert escape_for_terminal(char) == char.encode("unicode_escape").decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x00\x07\x7f\x9b", "\\x00\\x07\\x7f\\x9b"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud83d", "\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
        ("\U0001f3f4\U000e0067", "\U0001f3f4\\U000e0067"),
        ("\ue000\U000f0000\U0010fffd", "\\ue000\\U000f0000\\U0010fffd"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 3),
    ],
)
def test_what_is_harmful_is_spelled_by_its_number(text: str, shown: str) -> None:
    assert escape_for_terminal(text) == shown


@given(json_values(TEXTS))
def test_json_is_made_harmless_and_means_the_same(value: Any) -> None:
    for ensure_ascii in (True, False):
        form = escape_json_for_terminal(json.dumps(value, ensure_ascii=ensure_ascii, indent=2))
        assert not harm_in(form)
        assert json.loads(form) == value
