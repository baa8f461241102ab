"""Bodies in the forms that people who export conversations report: tests/data/bodies, one by one, and in an export.

Each is written after a public report of a bug; all names and numbers are invented.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, Conversation, DecodeError, DecodeErrorReason, Retry, decode, export, read_export
from conversas.sandbox import Sandbox
from support.examples import at
from support.export_reader import lines
from support.processes import ROOT

BODIES = {file.stem: file.read_bytes() for file in sorted((ROOT / "tests" / "data" / "bodies").glob("*.json"))}
REFUSED = [
    "superagentes-error-body-200",
    "zild-abp-envelope",
    "zild-error-body-200",
    "zild-pascal-case",
]
READ = [name for name in BODIES if name not in REFUSED]


def read(name: str, **options: Any) -> Conversation:
    return decode(name.partition("-")[0], BODIES[name], **options)


def texts(conversation: Conversation) -> list[str | None]:
    return [message.text for message in conversation.messages]


def roles(conversation: Conversation) -> list[tuple[str, str | None]]:
    return [(str(message.role), message.speaker and str(message.speaker)) for message in conversation.messages]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_conversation_is_refused(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(name)
    assert (caught.value.reason, caught.value.body) == (DecodeErrorReason.NOT_A_CONVERSATION, BODIES[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_conversation_is_fetched_again_with_its_body_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider, folder = name.partition("-")[0], tmp_path / "export"
    with Sandbox(bodies={f"{provider}:7": BODIES[name]}) as sandbox:
        client = Client(sandbox.zild, sandbox.superagentes, retry=Retry(attempts=1))
        with client:
            for _ in range(2):
                assert export([f"{provider}:7"], to=folder, client=client).failed == 1
    assert [file.read_bytes() for file in (folder / "undecodable").iterdir()] == [BODIES[name]]
    assert list(read_export(folder)) == []


def test_a_reply_of_the_staff_is_the_agents() -> None:
    conversation = read("superagentes-staff-reply-is-human")
    customer = ("customer", None)
    assert roles(conversation) == [customer, ("agent", "bot"), customer, ("agent", "human"), customer]
    assert {"role-inferred", "speaker-inferred"} <= {*conversation.notes}


def test_a_handoff_as_upstream_selects_it() -> None:
    conversation = read("superagentes-upstream-select-human-handoff")
    assert [message.id for message in conversation.messages] == [f"clm{number}" for number in range(1, 6)]
    assert roles(conversation)[3] == ("agent", "human")
    (file,) = conversation.messages[3].attachments
    assert (file.name, file.mime_type, file.size_bytes) == ("comprovante.pdf", "application/pdf", 48213)
    (citation,) = conversation.messages[1].citations
    assert citation.name == "politica.pdf"


def test_a_form_as_upstream_selects_it() -> None:
    conversation = read("superagentes-upstream-form-with-submission")
    assert texts(conversation) == ["Qual é o motivo?", "troca"]
    assert (str(conversation.channel), conversation.completeness.reasons) == ("form", ())


def test_an_audio_without_text_is_no_empty_message() -> None:
    conversation = read("superagentes-upstream-whatsapp-audio-only")
    (audio,) = conversation.messages[0].attachments
    assert (audio.name, audio.mime_type, audio.size_bytes) == ("audio.ogg", "audio/ogg", 9000)
    assert conversation.completeness.reasons == ()


def test_a_status_of_a_fork_keeps_its_word_and_is_not_in_progress() -> None:
    conversation = read("superagentes-status-archived")
    assert (conversation.status_code, str(conversation.status)) == ("ARCHIVED", "unknown")
    assert [str(reason) for reason in conversation.completeness.reasons] == ["status-unknown"]


def test_a_contact_that_is_listed_twice_is_one() -> None:
    conversation = read("superagentes-contact-listed-twice")
    assert ([each.id for each in conversation.contacts], len(conversation.participants)) == (["k1"], 1)


@pytest.mark.parametrize("name", ["zild-ninth-digit", "zild-twilio-prefix", "zild-voice-roles-user-agent"])
def test_customer_and_agent_are_told_apart(name: str) -> None:
    conversation = read(name)
    assert roles(conversation) == [("customer", None), ("agent", "unknown")]
    assert "role-inferred" in conversation.notes


def test_milliseconds_as_text_are_no_year_1712() -> None:
    conversation = read("zild-epoch-milliseconds-as-text")
    assert conversation.queued_at is None
    assert [(each.path, str(each.kind)) for each in conversation.drift] == [("/queuedAt", "bad-format")]


def test_a_brazilian_time_with_seconds_is_read() -> None:
    conversation = read("zild-brazilian-time-with-seconds")
    assert conversation.queued_at == datetime.strptime(
        json.loads(BODIES["zild-brazilian-time-with-seconds"])["queuedAt"], "%d/%m/%Y %H:%M:%S"
    ).replace(tzinfo=UTC)
    assert {"naive-time", "time-repaired"} <= {*conversation.notes}


def test_the_first_day_of_sql_server_is_never() -> None:
    conversation = read("zild-finished-sql-zero")
    assert (conversation.ended_at, str(conversation.status)) == (None, "open")
    assert "zero-time" in conversation.notes


def test_the_largest_time_span_is_read() -> None:
    conversation = read("zild-timespan-maxvalue")
    longest = timedelta(days=10675199, hours=2, minutes=48, seconds=5, microseconds=477580)
    assert conversation.duration is not None
    assert abs(conversation.duration - longest) < timedelta(microseconds=10)


def test_a_time_span_as_an_object_is_noted() -> None:
    conversation = read("zild-timespan-as-object")
    assert conversation.duration is None
    assert "duration-unreadable" in conversation.notes


def test_an_error_code_of_zero_is_no_error() -> None:
    conversation = read("zild-error-code-zero")
    assert [(message.error, message.delivered) for message in conversation.messages][1] == (None, True)
    assert conversation.completeness.reasons == ()


def test_a_score_with_a_zero_fraction_is_an_integer() -> None:
    conversation = read("zild-score-with-zero-fraction")
    assert conversation.evaluation is not None
    assert repr(conversation.evaluation.score) == "87"
    assert (conversation.drift, "type-repaired" in conversation.notes) == ((), True)


def test_an_enum_by_name_keeps_its_word() -> None:
    assert read("zild-enums-by-name").channel_code == "WhatsApp"


def test_values_that_are_no_text_are_kept_as_text() -> None:
    assert [each.value for each in read("zild-collected-values-not-text").collected_data] == ["9", "true"]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    assert texts(read("zild-messages-key-twice")) == ["tres"]


def test_a_message_without_a_time_keeps_its_place() -> None:
    assert texts(read("zild-message-in-the-middle-without-time")) == ["Primeira", "Segunda", "Terceira"]


def test_turns_of_a_call_go_by_their_offset() -> None:
    assert texts(read("zild-call-turns-ordered-by-offset")) == ["primeiro", "segundo", "terceiro"]


def test_the_order_of_the_list_decides_at_an_hour_that_the_clock_repeats() -> None:
    conversation = read("zild-clock-turned-back-sao-paulo", timezone="America/Sao_Paulo")
    assert texts(conversation) == ["antes", "depois de o relógio voltar"]
    assert [message.sent_at for message in conversation.messages] == [at(2018, 2, 18, 1, 50), at(2018, 2, 18, 2, 10)]


def test_what_ends_a_line_for_others_is_kept() -> None:
    assert texts(read("zild-line-separators"))[0] == "linha 1\u2028linha 2\x85linha 3"


def test_a_new_emoji_is_kept() -> None:
    assert texts(read("zild-emoji-of-unicode-15"))[0] == "\U0001fae8 que susto"


def test_an_address_that_is_signed_anew_gives_another_fingerprint_as_documented() -> None:
    first, second = read("zild-signed-url-1"), read("zild-signed-url-2")
    assert first.messages[0].attachments[0].name == second.messages[0].attachments[0].name == "a.jpg"
    page = (ROOT / "docs" / "mapping.md").read_text("utf-8")
    assert (first.fingerprint != second.fingerprint, "puts a new signature into the URL for each response" in page) == (
        True,
        True,
    )


def test_a_list_with_preserved_references_is_unwrapped() -> None:
    conversation = read("zild-references-preserved")
    assert (texts(conversation), "references-unwrapped" in conversation.notes) == (["Oi", "Bom dia"], True)


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"format": "parquet"}], ids=str)
@pytest.mark.parametrize("name", READ)
def test_an_export_has_it_as_it_was_decoded_and_all_that_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, Any]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    expected = read(name)
    ref = str(expected.ref or "superagentes:clcnv0001")
    with Sandbox(bodies={ref: BODIES[name]}) as sandbox, Client(sandbox.zild, sandbox.superagentes) as client:
        assert export([ref], to=tmp_path / "export", client=client, original=True, **options).fetched == 1
    (found,) = read_export(tmp_path / "export")
    assert found == decode(ref.partition(":")[0], BODIES[name], ref=ref)
    if "format" not in options:
        (line,) = lines(tmp_path / "export")
        assert line["original"] == json.loads(BODIES[name])
