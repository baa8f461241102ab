"""A program as a user would write it: makes texts of a conversation."""

from typing import assert_type

from conversas import (
    ChatMessage,
    Conversation,
    NextTurn,
    RatedAnswer,
    Role,
    chat_messages,
    gallery_html,
    next_turns,
    ratings,
    to_text,
    transcript_html,
)


def texts(conversation: Conversation) -> list[str]:
    chat = chat_messages(conversation, assistant=Role.CUSTOMER, system="Be kind.", strict=True, unknown="drop")
    assert_type(chat, list[ChatMessage])
    turns: list[NextTurn] = list(next_turns(conversation, events="system", unknown="drop"))
    answers: list[RatedAnswer] = list(ratings(conversation, merge=False, unknown="drop"))
    said = [message["content"] for turn in turns for message in turn["prompt"]]
    labels: list[bool] = [answer["label"] for answer in answers]
    page = transcript_html(conversation, timezone="America/Sao_Paulo", language="pt-BR")
    pages = gallery_html(iter([conversation]), title="One")
    return [*said, *map(str, labels), page, pages, to_text(conversation, timezone="UTC")]


if __name__ == "__main__":
    print(len(texts(Conversation(provider="zild"))))
