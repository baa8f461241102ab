"""What the oddities of Zild become: its times, durations, senders, calls, media."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from support.examples import at, changed, example


def test_naive_times_are_read_to_the_microsecond_and_the_year_one_is_never() -> None:
    conversation = example("zild/naive-times-and-zero-ids")
    assert conversation.created_at == at(2023, 8, 14, 22, 0, 3, 110421)
    assert conversation.ended_at == at(2023, 8, 16, 0, 3, 7, 300000)
    assert conversation.queued_at is None


def test_a_naive_time_is_one_of_the_time_zone_that_is_asked_for() -> None:
    conversation = example("zild/naive-times-and-zero-ids", timezone="America/Sao_Paulo")
    assert conversation.created_at == datetime(2023, 8, 14, 22, 0, 3, 110421, timezone(timedelta(hours=-3)))
    assert conversation.messages[-1].sent_at == at(2023, 8, 16, 3, 3, 7)
    assert example("zild/voice-call", timezone="America/Sao_Paulo").updated_at == at(2024, 5, 2, 16, 12, 40)


def test_the_id_zero_is_none() -> None:
    conversation = example("zild/naive-times-and-zero-ids")
    assert [participant.kind for participant in conversation.participants] == ["user"]
    assert [message.id for message in conversation.messages] == [None, "9002", "9003"]
    assert [(tag.id, tag.name) for tag in conversation.tags] == [(None, "entrega")]
    assert conversation.evaluation is None


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("00:12:34", timedelta(minutes=12, seconds=34)),
        ("1.02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("00:00:05.1230000", timedelta(seconds=5, milliseconds=123)),
        ("-00:00:01", timedelta(seconds=-1)),
        ("10675199.02:48:05.4775807", timedelta(10675199, 10085, 477580)),
        ("-10675199.02:48:05.4775808", -timedelta(10675199, 10085, 477580)),
        *[(text, None) for text in ("cerca de 20 minutos", "", "12:34", "24:00:00", "00:60:00", "PT5S", " 00:00:01")],
    ],
)
def test_a_duration_is_a_time_span_of_dotnet_or_none_with_a_note(text: str, duration: timedelta | None) -> None:
    conversation = changed("zild/voice-call", duration=text)
    assert conversation.duration == duration
    assert ("duration-unreadable" in conversation.notes) == (bool(text) and duration is None)


def test_the_examples_have_each_form_of_a_duration() -> None:
    names = ["voice-call", "naive-times-and-zero-ids", "enums-null-and-unknown", "messages-null"]
    durations = [str(example(f"zild/{name}").duration) for name in names]
    assert durations == ["0:12:34", "1 day, 2:03:04", "0:00:05.123000", "-1 day, 23:59:59"]


@pytest.mark.parametrize("name", ["not-finished", "last-message-differs"])
def test_without_a_duration_or_another_fact_of_it_there_is_no_call(name: str) -> None:
    assert example(f"zild/{name}").call is None


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "closed"),
        ({"active": True}, "closed"),
        ({"finishedAt": None, "active": True}, "open"),
        ({"finishedAt": "0001-01-01T00:00:00", "active": True}, "open"),
        ({"finishedAt": None, "active": False}, "unknown"),
    ],
)
def test_what_is_finished_is_closed_and_else_what_is_active_is_open(facts: dict[str, Any], status: str) -> None:
    conversation = changed("zild/voice-call", **facts)
    assert conversation.status == status
    assert conversation.completeness.verdict == ("complete" if status == "closed" else "in_progress")


def test_a_voice_call_has_what_the_platform_knows_of_it() -> None:
    conversation = example("zild/voice-call").to_dict()
    assert conversation["call"] == {
        "status": "ended",
        "successful": True,
        "disconnection_reason": "user_hangup",
    }
    assert conversation["agent"] == {"id": "12", "name": "Voz Fictícia", "kind": "bot"}
    assert conversation["variables"] == [{"name": "primeiro_nome", "value": "Rafael"}]
    assert conversation["collected_data"][1] == {"name": "protocolo", "value": None}
    assert conversation["evaluation"]["final_score"] == 92
    assert (conversation["channel"], conversation["channel_code"]) == ("unknown", "11")


def test_a_message_from_the_sender_of_the_conversation_is_the_customers() -> None:
    roles = [message.role for message in example("zild/media-and-delivery-errors").messages]
    assert roles == ["customer", "agent", "unknown", "customer"]
    assert [message.role for message in example("zild/last-message-differs").messages] == ["unknown", "unknown"]
    (contact,) = example("zild/last-message-differs").contacts
    assert (contact.name, contact.address) == ("Diego Teste", None)


def test_an_enum_value_that_is_not_listed_is_kept() -> None:
    conversation = example("zild/enums-null-and-unknown")
    assert (conversation.channel_code, conversation.evaluation.status_code) == ("42", "-1")


def test_what_does_not_fit_is_absent_and_a_time_in_another_form_is_read() -> None:
    conversation = example("zild/wrong-types-and-unknown-properties")
    assert (conversation.created_at, conversation.updated_at) == (None, None)
    assert conversation.queued_at == at(2024, 3, 1, 10, 0, 1)
    assert (conversation.agent.id, conversation.channel_code, conversation.evaluation) == ("31", "WhatsApp", None)
    assert (conversation.tags, conversation.status) == ((), "closed")
    assert [(message.id, message.read) for message in conversation.messages] == [("9301", None), (None, None)]


def test_unknown_properties_are_on_the_generated_model() -> None:
    source: Any = example("zild/wrong-types-and-unknown-properties").source
    assert source.additional_properties == {"slaBreached": False, "routing": {"queue": "vendas", "attempts": 2}}
    assert source.messages[0].additional_properties == {"reactions": []}


def test_messages_are_sorted_stably_and_those_without_a_time_are_last() -> None:
    messages = example("zild/messages-out-of-order").messages
    assert [message.id for message in messages] == ["9601", "9601", "9603", "9604", "9605"]
    assert messages[-1].sent_at is None


def test_a_null_item_of_a_list_is_left_out() -> None:
    conversation = example("zild/null-list-items")
    assert [message.id for message in conversation.messages] == ["9701", "9703"]
    assert [tag.name for tag in conversation.tags] == ["reembolso"]


@pytest.mark.parametrize("name", ["cut-emoji-escaped", "cut-emoji-bytes"])
def test_half_an_emoji_becomes_a_replacement_character(name: str) -> None:
    assert example(f"zild/{name}").messages[-1].text == "Resolvido \N{REPLACEMENT CHARACTER}"


def test_a_byte_order_mark_is_skipped() -> None:
    assert example("zild/byte-order-mark").messages[-1].text == "Resolvido, obrigado!"


def attachment(**known: str) -> dict[str, Any]:
    return {"url": None, "name": None, "mime_type": None, "size_bytes": None, **known}


def test_media_and_delivery_errors_belong_to_their_message() -> None:
    photo, failed, _, document = example("zild/media-and-delivery-errors").to_dict()["messages"]
    assert photo["attachments"] == [attachment(url="https://midia.example/foto.jpg", name="foto.jpg")]
    assert document["attachments"] == [attachment(name="comprovante.pdf")]
    assert failed["error"] == {"code": "63016", "message": "Fora da janela de 24 horas"}
    assert (failed["delivered"], failed["read"], failed["attachments"]) == (False, None, [])
