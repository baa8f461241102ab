"""What bodies of platforms of this kind hold that is not what it seems, whichever provider it is of."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversas import Conversation, decode
from support.examples import at, changed

MESSAGE = {"id": "m1", "from": "human", "text": "Oi", "createdAt": "2024-05-05T08:00:00.000Z"}
FILE = {"id": "a1", "name": "audio.ogg", "url": "https://arquivos.example/audio.ogg", "size": 9000}


def zild(**properties: Any) -> Conversation:
    return decode("zild", json.dumps({"id": 7, "contactName": "Ana", **properties}).encode())


def of_message(**properties: Any) -> Conversation:
    return zild(finishedAt="2024-05-05T09:00:00Z", messages=[{"createdAt": "2024-05-05T08:00:00Z", **properties}])


def superagentes(*messages: dict[str, Any], **properties: Any) -> Conversation:
    return changed(
        "superagentes/sample", status="RESOLVED", messages=[MESSAGE | each for each in messages], **properties
    )


@pytest.mark.parametrize("unevaluated", [{}, {"checklistId": 0, "conversationEvaluationStatus": 0}])
def test_a_score_of_zero_that_nobody_gave_is_none(unevaluated: dict[str, Any]) -> None:
    conversation = zild(score=0, finalScore=0, **unevaluated)
    evaluation = conversation.evaluation
    assert evaluation is None or (evaluation.score, evaluation.final_score) == (None, None)
    assert "score-inferred" in conversation.notes


@pytest.mark.parametrize(
    ("evaluated", "score"),
    [
        ({"checklistId": 4}, 0),
        ({"conversationEvaluationStatus": 2}, 0),
        ({"conversationEvaluationStatus": "Done"}, 0),
        ({"finalScore": 87}, 0),
        ({"score": 87}, 87),
        ({"score": 87.0}, 87),
        ({"score": -0.0, "checklistId": 4}, 0),
    ],
)
def test_a_score_that_somebody_gave_is_kept(evaluated: dict[str, Any], score: int) -> None:
    conversation = zild(**{"score": 0, "finalScore": 0, **evaluated})
    assert conversation.evaluation
    assert (conversation.evaluation.score, type(conversation.evaluation.score)) == (score, int)
    assert "score-inferred" not in conversation.notes


@pytest.mark.parametrize(("number", "kind"), [(87.5, "wrong-type"), (3e9, "bad-format"), ("87", "wrong-type")])
def test_what_is_no_integer_of_32_bits_is_drift(number: Any, kind: str) -> None:
    assert [each.kind for each in zild(score=number).drift] == [kind]


def test_a_number_with_a_fraction_of_zero_is_an_integer_without_drift() -> None:
    conversation = zild(id=7.0, agentType=2.0, messages=[{"id": 1e15}])
    assert (conversation.id, conversation.messages[0].id, conversation.drift) == ("7", "1000000000000000", ())
    assert "type-repaired" in conversation.notes


@pytest.mark.parametrize(
    ("facts", "speakers"),
    [
        ({"botName": "Lia", "liveAgent": False}, ["bot", "human", "bot"]),
        ({"botName": "Lia", "liveAgent": True}, ["bot", "human", "unknown"]),
        ({"liveAgent": True}, ["unknown", "human", "unknown"]),
    ],
)
def test_what_speaks_for_the_agent_is_told_by_the_user(facts: dict[str, Any], speakers: list[str]) -> None:
    users = [{"userId": 0}, {"userId": 31}, {}]
    messages = [{"from": "+5511900000000"}, *({"from": "loja", **user} for user in users)]
    conversation = zild(**{"from": "5511900000000"}, messages=messages, **facts)
    assert [message.speaker for message in conversation.messages] == [None, *speakers]
    assert "speaker-inferred" in conversation.notes


def test_nobody_is_the_agent_where_no_message_is_of_the_customer() -> None:
    conversation = zild(**{"from": "5511900000000"}, messages=[{"from": "loja"}, {"from": "outra"}])
    assert [(message.role, message.speaker) for message in conversation.messages] == [("unknown", None)] * 2
    assert "role-inferred" not in conversation.notes


@pytest.mark.parametrize(
    ("facts", "words", "roles"),
    [
        ({"callStatus": "ended"}, ["user", "Agent", "system"], ["customer", "agent", "system"]),
        ({"callSuccessful": True}, ["cliente", "assistente"], ["customer", "agent"]),
        ({"callStatus": "ended"}, ["user", "loja"], ["unknown", "unknown"]),
        ({}, ["user", "agent"], ["unknown", "unknown"]),
    ],
)
def test_the_words_of_turns_tell_who_speaks_in_a_call_alone(facts: Any, words: list[str], roles: list[str]) -> None:
    conversation = zild(**{"from": "5511900000000"}, messages=[{"from": word} for word in words], **facts)
    assert [message.role for message in conversation.messages] == roles
    assert ("role-inferred" in conversation.notes) == (roles[0] != "unknown")


@pytest.mark.parametrize(
    ("ids", "role", "speaker", "is_noted"),
    [
        ({"userId": "u1", "visitorId": None, "contactId": None}, "agent", "human", True),
        ({"userId": "u1"}, "agent", "human", True),
        ({"userId": "u1", "visitorId": "v1"}, "customer", None, False),
        ({"contactId": "c1"}, "customer", None, False),
        ({}, "customer", None, True),
        ({"from": "agent", "agentId": "a1"}, "agent", "bot", False),
        ({"from": "agent", "userId": "u1"}, "agent", "human", False),
        ({"from": "system", "userId": "u1"}, "system", None, False),
    ],
)
def test_a_reply_of_the_team_is_the_agents(ids: Any, role: str, speaker: str | None, *, is_noted: bool) -> None:
    conversation = superagentes(ids)
    assert [(message.role, message.speaker) for message in conversation.messages] == [(role, speaker)]
    assert ("role-inferred" in conversation.notes) == is_noted
    assert ("speaker-inferred" in conversation.notes) == (speaker is not None)


def test_files_and_sources_of_a_message_are_read_where_they_come() -> None:
    source = {"chunk_id": "k1", "datasource_name": "politica.pdf", "source_url": "https://loja.example/p", "score": 0.8}
    odd = [FILE | {"size": 10**30}, {"size": 5.0}, {}, None, 7]
    conversation = superagentes({"attachments": [FILE | {"mimeType": "audio/ogg"}, *odd], "sources": [source, {}, 5]})
    message = conversation.to_dict()["messages"][0]
    known = {"url": FILE["url"], "name": "audio.ogg"}
    assert message["attachments"] == [
        {**known, "mime_type": "audio/ogg", "size_bytes": 9000},
        {**known, "mime_type": None, "size_bytes": None},
        {"url": None, "name": None, "mime_type": None, "size_bytes": 5},
    ]
    assert message["citations"] == [{"id": "k1", "name": "politica.pdf", "url": "https://loja.example/p"}]


@pytest.mark.parametrize("values", [{"attachments": "x", "sources": 5}, {"attachments": {}, "sources": None}])
def test_files_and_sources_of_another_form_are_left_to_the_source(values: Any) -> None:
    (message,) = superagentes(values).messages
    assert (message.attachments, message.citations) == ((), ())


def test_what_version_2_gained_is_read() -> None:
    facts = {"queueId": 31, "queueName": "Vendas", "conversationEndedReasonId": 4, "duration": "00:00:12"}
    recording = {"fileUrl": "https://gravacoes.example/7.ogg", "fileName": "7.ogg"}
    message = {"sentiment": "positive", "isNPS": True}
    conversation = zild(**facts, **recording, messages=[message])
    assert conversation.queue
    assert (conversation.queue.id, conversation.queue.name) == ("31", "Vendas")
    assert (conversation.ended_reason_code, conversation.duration) == ("4", timedelta(seconds=12))
    assert [(each.url, each.name) for each in conversation.attachments] == [(recording["fileUrl"], "7.ogg")]
    assert (conversation.messages[0].sentiment, conversation.messages[0].is_survey) == ("positive", True)
    assert (conversation.call, zild(queueId=0).queue, zild(conversationEndedReasonId=0).ended_reason_code) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(("name", "value"), [("content", 5), ("from", {}), ("mediaUrl", []), ("errorCode", 63016)])
def test_a_property_of_a_message_that_is_lost_is_a_reason(name: str, value: Any) -> None:
    assert of_message().completeness.verdict == "complete"
    assert of_message(**{name: value}).completeness.reasons == ("message-property-lost",)


@pytest.mark.parametrize("value", [5, ["Oi"], {"a": "Oi"}, False])
def test_a_text_that_is_lost_is_a_reason_for_both(value: Any) -> None:
    assert superagentes({"text": value}).completeness.reasons == ("message-property-lost",)
    assert superagentes({"text": None}).completeness.reasons == ()


NEVER = (
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.9999999",
    "9999-12-31T23:59:59-03:00",
    "1900-01-01T00:00:00",
    "1900-01-01 00:00:00.000",
    "01/01/1900 00:00:00",
    "1899-12-30T00:00:00",
    "1753-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T21:00:00-03:00",
    "0000-00-00 00:00:00",
    "0000-00-00",
)


@pytest.mark.parametrize("text", NEVER)
def test_a_time_that_stands_for_never_is_none_and_noted(text: str) -> None:
    conversation = zild(finishedAt=text, active=True)
    assert (conversation.ended_at, conversation.status) == (None, "open")
    assert "zero-time" in conversation.notes
    assert conversation.completeness.reasons == ("messages-missing", "not-finished")


@pytest.mark.parametrize(
    "text",
    [
        "1712121212345",
        "1712121212",
        "20240503",
        "1712121212.345",
        "1.712e12",
        "+1712121212345",
        "-62135596800000",
        "17",
    ],
)
def test_digits_alone_are_no_time(text: str) -> None:
    conversation = zild(queuedAt=text)
    assert (conversation.queued_at, [each.kind for each in conversation.drift]) == (None, ["bad-format"])
    assert "time-repaired" not in conversation.notes


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("05/06/2024 08:00:30", at(2024, 6, 5, 8, 0, 30)),
        ("05/06/2024, 8:00:30", at(2024, 6, 5, 8, 0, 30)),
        ("05/06/2024 08:00:30,123", at(2024, 6, 5, 8, 0, 30, 123000)),
        ("05/06/2024 08:00", at(2024, 6, 5, 8)),
        ("05/06/2024", at(2024, 6, 5)),
        (" 2024-06-05T08:00:30Z ", at(2024, 6, 5, 8, 0, 30)),
        ("/Date(1717574430000-0300)/", at(2024, 6, 5, 8, 0, 30)),
        ("05/13/2024 08:00:30", None),
        ("5/6/2024 8:00:30 AM", None),
    ],
)
def test_a_time_as_brazil_writes_it_is_read_and_noted(text: str, time: datetime | None) -> None:
    conversation = zild(queuedAt=text)
    assert conversation.queued_at == time
    assert ("time-repaired" in conversation.notes) == (time is not None)


@pytest.mark.parametrize("value", [{"ticks": 7540000000}, 754, 754.5, True, [12], "doze minutos", "PT12M"])
def test_a_duration_that_cannot_be_read_is_noted_whatever_its_type(value: Any) -> None:
    conversation = zild(duration=value)
    assert conversation.duration is None
    assert "duration-unreadable" in conversation.notes


@pytest.mark.parametrize("code", ["0", "00", "000", " 0 "])
@pytest.mark.parametrize("words", [{}, {"errorMessage": None}, {"errorMessage": ""}])
def test_a_code_of_zeros_is_no_error(code: str, words: Any) -> None:
    assert of_message(errorCode=code, **words).messages[0].error is None


def test_a_code_of_zeros_with_words_is_an_error_unless_the_message_is_delivered() -> None:
    assert of_message(errorCode="0", errorMessage="Delivered", delivered=True).messages[0].error is None
    (message,) = of_message(errorCode="0", errorMessage="Falhou", delivered=False).messages
    assert message.error
    assert message.error.message == "Falhou"
    assert of_message(errorCode="0x0").messages[0].error


@pytest.mark.parametrize(("value", "code"), [("WhatsApp", "WhatsApp"), ("3", "3"), (True, "true"), (42, "42")])
def test_an_enum_in_another_form_keeps_its_word(value: Any, code: str) -> None:
    conversation = zild(conversationIntegrationType=value, conversationEvaluationStatus=value)
    assert conversation.evaluation
    assert (conversation.channel_code, conversation.evaluation.status_code) == (code, code)
    assert ("type-repaired" in conversation.notes) == (value != 42)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9, "9"),
        (True, "true"),
        (9.5, "9.5"),
        ({"a": ["é"]}, '{"a":["é"]}'),
        ([], "[]"),
        (2**70, str(2**70)),
        (None, None),
    ],
)
@pytest.mark.parametrize("name", ["dynamicVariables", "dataCollection"])
def test_a_value_that_is_no_text_is_kept_as_text(name: str, value: Any, text: str | None) -> None:
    items = [None, {"name": "a", "value": "x"}, None, {"name": 5, "value": value}]
    conversation = zild(**{name: items})
    found = conversation.variables or conversation.collected_data
    assert [(each.name, each.value) for each in found] == [("a", "x"), ("5", text)]
    assert "type-repaired" in conversation.notes


def test_a_person_who_is_listed_twice_is_one() -> None:
    ana, again = {"id": "k1", "firstName": "Ana"}, {"id": "k1", "firstName": "Ana", "email": "ana@exemplo.example"}
    nameless, shouted = {"email": "bia@exemplo.example"}, {"firstName": "Bia", "email": "BIA@exemplo.example"}
    user = {"id": "u1", "name": "Rui"}
    conversation = superagentes(
        participants=[{"id": "u1", "type": "user"}] * 2,
        participantsUsers=[user, user],
        participantsVisitors=[{"id": "v1", "contact": {"id": "k1"}}, {"id": "v1"}],
        participantsContacts=[ana, again, ana, nameless, shouted],
    )
    contacts = [(contact.id, contact.name, contact.email) for contact in conversation.contacts]
    assert contacts == [("k1", "Ana", "ana@exemplo.example"), (None, "Bia", "bia@exemplo.example")]
    participants = [(each.id, each.name, each.kind) for each in conversation.participants]
    assert participants == [("u1", "Rui", "user"), ("v1", None, "visitor")]


@pytest.mark.parametrize(
    ("status", "code"), [("ARCHIVED", "ARCHIVED"), ("resolvida", "resolvida"), (7, "7"), (None, None)]
)
def test_a_status_without_a_known_meaning_keeps_its_word_and_is_not_in_progress(status: Any, code: str | None) -> None:
    conversation = changed("superagentes/sample", status=status)
    assert (conversation.status, conversation.status_code) == ("unknown", code)
    assert conversation.completeness.verdict == "unknown"


@pytest.mark.parametrize("shown", ["", "Bom", "Bom dia, Ana", "Bom dia…", "Bom dia...", "Bom  dia,\nAna", "..."])
def test_what_the_last_message_begins_with_contradicts_nothing(shown: str) -> None:
    message = {"createdAt": "2024-05-05T08:00:00Z", "content": "Bom dia, Ana"}
    conversation = zild(finishedAt="2024-05-05T09:00:00Z", lastMessageContent=shown, messages=[message])
    assert conversation.completeness.verdict == "complete"
    other = zild(finishedAt="2024-05-05T09:00:00Z", lastMessageContent=f"x{shown}", messages=[message])
    assert other.completeness.reasons == ("last-message-differs",)


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    body = b'{"id": 7, "contactName": "Ana", "messages": [{"id": 1}, {"id": 2}], "messages": [{"id": 3}]}'
    assert [message.id for message in decode("zild", body).messages] == ["3"]


def test_a_list_that_comes_as_an_object_is_unwrapped_and_noted() -> None:
    first, second = {"$id": "3", "content": "Oi"}, {"$id": "4", "content": "Bom dia"}
    messages = {"$id": "2", "$values": [first, second, {"$ref": "3"}, {"$ref": "99"}]}
    conversation = zild(messages=messages, tags={"$values": [{"id": 1.0}]})
    assert [message.text for message in conversation.messages] == ["Oi", "Bom dia", "Oi", None]
    assert [tag.id for tag in conversation.tags] == ["1"]
    assert {"/messages", "/tags"} <= {each.path for each in conversation.drift}
    assert "references-unwrapped" in conversation.notes
    assert "messages-missing" not in conversation.completeness.reasons


def test_the_largest_time_span_of_dotnet_is_read() -> None:
    duration = zild(duration="10675199.02:48:05.4775807").duration
    assert duration == timedelta(10675199, 10085, 477580)
