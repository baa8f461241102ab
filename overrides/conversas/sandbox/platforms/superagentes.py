"""A dialogue as Superagentes writes it: the newest 50 messages, newest first."""

from collections.abc import Sequence
from random import Random
from typing import Any

from conversas.sandbox.dialogues.generator import Dialogue, Said, iso
from conversas.sandbox.dialogues.phrases import AGENT, CUSTOMER, RATING, SURVEY

PAGE = 50  # inferred: at most so many messages come back
CHANNELS = ("whatsapp",) * 8 + ("website",) * 5 + ("dashboard", "email", "mail", "telegram", "telegram", "slack")
RARE_CHANNELS = ("crisp", "zapier", "api", "form")
SENDERS = {CUSTOMER: "human", RATING: "human", SURVEY: "system"}


def superagentes_body(id_: str, told: Dialogue, random: Random, *, cursor: str | None) -> dict[str, Any]:
    """Give the body of a conversation. `cursor` is the id of a message: those before it are shown."""
    stem = f"cm{random.getrandbits(64):016x}"
    end = len(told.messages) if cursor is None else _position(stem, cursor, len(told.messages))
    shown = told.messages[max(0, end - PAGE) : end]
    channel = random.choice(CHANNELS if random.random() < 0.95 else RARE_CHANNELS)
    return {
        "id": id_,
        "title": told.topics[0].title if told.messages else None,
        "status": _status(told),
        "channel": channel,
        "createdAt": _time(told.began),
        "updatedAt": _time(told.ended),
        "agent": {
            "id": f"agent-{told.facts['bot'].split()[0].lower()}",
            "name": told.facts["bot"],
            "iconUrl": "https://icones.example/agente.png" if random.random() < 0.5 else None,
        },
        "messages": _messages(stem, end - len(shown), shown, told, random)[::-1],
        **_participants(stem, channel, told),
    }


def _position(stem: str, cursor: str, count: int) -> int:
    """Give the place of a message by its id; 0, so that none comes before it, where it is not in the conversation."""
    try:
        position = int(cursor.removeprefix(stem), 16)
    except ValueError:
        return 0
    return position if 0 <= position < count and _message_id(stem, position) == cursor else 0


def _message_id(stem: str, position: int) -> str:
    return f"{stem}{position:07x}"


def _status(told: Dialogue) -> str:
    if told.is_finished:
        return "RESOLVED"
    return "HUMAN_REQUESTED" if told.has_person else "UNRESOLVED"


def _messages(stem: str, first: int, shown: Sequence[Said], told: Dialogue, random: Random) -> list[dict[str, Any]]:
    return [
        {
            "id": _message_id(stem, position),
            "text": said.text,
            "from": SENDERS.get(said.speaker, "agent"),
            "createdAt": _time(said.at),
            "read": told.is_finished or said.at < told.ended,
            "eval": _rating(said, random),
        }
        for position, said in enumerate(shown, start=first)
    ]


def _rating(said: Said, random: Random) -> str | None:
    draw = random.random()
    return None if said.speaker != AGENT or draw > 0.1 else "BAD" if draw < 0.02 else "GOOD"


def _time(microseconds: int) -> str:
    return f"{iso(microseconds, 'milliseconds')}Z"


def _participants(stem: str, channel: str, told: Dialogue) -> dict[str, Any]:
    user = {"id": f"user-{told.facts['agent'].lower()}", "name": told.facts["agent"]}
    names = {"id": f"{stem}c", "firstName": told.customer.first, "lastName": told.customer.last}
    is_known = channel != "website"
    return {
        "participants": [{"id": user["id"], "type": "user"}] if told.has_person else [],
        "participantsUsers": [user] if told.has_person else [],
        "participantsVisitors": [] if is_known else [{"id": f"{stem}v", "contact": names}],
        "participantsContacts": [{**names, "email": f"{told.customer.mailbox}@cliente.example"}] if is_known else [],
    }
