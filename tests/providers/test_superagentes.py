"""What the oddities of Superagentes become: its pages, words, nulls and contacts."""

import pytest

from conversas import ConversationRef, NotFoundError
from support.examples import at, changed, example


def test_the_body_null_is_no_conversation() -> None:
    with pytest.raises(NotFoundError) as caught:
        example("superagentes/null", ref="superagentes:conv-gone")
    assert str(caught.value) == "superagentes:conv-gone: there is no such conversation; the body is null"
    assert caught.value.ref == ConversationRef("superagentes", "conv-gone")


def test_a_page_of_messages_newest_first_is_turned_around() -> None:
    messages = example("superagentes/fifty-messages-newest-first").messages
    assert [message.id for message in messages] == [f"msg-{number:03}" for number in range(1, 51)]


@pytest.mark.parametrize(("number", "verdict"), [(0, "complete"), (49, "complete"), (50, "unknown"), (51, "complete")])
def test_only_a_full_page_may_lack_messages(number: int, verdict: str) -> None:
    messages = [{"id": f"msg-{each}", "createdAt": "2024-06-03T14:00:00.000Z"} for each in range(number)]
    assert changed("superagentes/fifty-messages-newest-first", messages=messages).completeness.verdict == verdict


def test_who_speaks_is_customer_agent_or_system() -> None:
    roles = [message.role for message in example("superagentes/human-requested").messages]
    assert roles == ["customer", "agent", "system"]
    assert example("superagentes/unknown-words").messages[1].role == "unknown"


@pytest.mark.parametrize(
    ("name", "ratings"),
    [
        ("sample", ["good", None]),
        ("human-requested", [None, "bad", None]),
        ("ratings-in-lower-case", [None, "good", None, "bad"]),
        ("unknown-words", [None, "unknown"]),
    ],
)
def test_a_rating_is_read_in_either_case(name: str, ratings: list[str | None]) -> None:
    assert [message.rating for message in example(f"superagentes/{name}").messages] == ratings


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("UNRESOLVED", "open"),
        ("HUMAN_REQUESTED", "waiting"),
        ("RESOLVED", "closed"),
        ("SNOOZED", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_status_is_one_of_four(word: str | None, status: str) -> None:
    conversation = changed("superagentes/sample", status=word)
    assert conversation.status == status
    assert conversation.status_code == word
    assert conversation.completeness.verdict == {"closed": "complete", "unknown": "unknown"}.get(status, "in_progress")


@pytest.mark.parametrize(
    "word", ["dashboard", "whatsapp", "slack", "crisp", "zapier", "api", "form", "email", "telegram"]
)
def test_a_channel_is_the_providers_word(word: str) -> None:
    conversation = changed("superagentes/sample", channel=word)
    assert (conversation.channel, conversation.channel_code, conversation.drift) == (word, word, ())


@pytest.mark.parametrize(
    ("word", "channel"), [("website", "web"), ("mail", "email"), ("instagram", "unknown"), (None, "unknown")]
)
def test_a_channel_that_goes_by_another_word_keeps_it(word: str | None, channel: str) -> None:
    conversation = changed("superagentes/sample", channel=word)
    assert (conversation.channel, conversation.channel_code) == (channel, word)


def test_brazilian_dates_are_read() -> None:
    conversation = example("superagentes/brazilian-dates", timezone="America/Sao_Paulo")
    assert conversation.created_at == at(2024, 6, 8, 19, 5)
    assert [message.sent_at for message in conversation.messages] == [at(2024, 6, 8, 19, 5), at(2024, 6, 8, 19, 20)]


def test_null_is_none_wherever_the_provider_may_write_it() -> None:
    conversation = example("superagentes/nulls")
    assert (conversation.title, conversation.agent) == (None, None)
    assert (conversation.messages[0].read, conversation.messages[0].rating) == (None, None)
    (contact,) = conversation.contacts
    assert (contact.id, contact.name, contact.email) == ("contact-1", None, None)
    assert [(each.id, each.name) for each in conversation.participants] == [("user-1", None), ("visitor-1", None)]


def test_the_contact_of_a_visitor_is_left_out_where_it_is_among_the_contacts() -> None:
    contacts = example("superagentes/resolved-with-visitors").contacts
    assert [(contact.id, contact.name) for contact in contacts] == [
        ("contact-1", "Lívia Teste"),
        ("contact-2", "Otávio"),
    ]


def test_the_contact_of_two_visitors_is_one_contact() -> None:
    visitors = [{"id": id_, "contact": {"id": "contact-9"}} for id_ in ("visitor-1", "visitor-2")]
    contacts = changed("superagentes/resolved-with-visitors", participantsVisitors=visitors).contacts
    assert [contact.id for contact in contacts] == ["contact-1", "contact-9"]
