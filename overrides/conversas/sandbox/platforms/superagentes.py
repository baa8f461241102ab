"""A dialogue as Superagentes writes it: the newest 50 messages, newest first."""

from collections.abc import Sequence
from random import Random
from typing import Any

from conversas.sandbox.dialogues.generator import Dialogue, Utterance, iso
from conversas.sandbox.dialogues.phrases import AGENT, CUSTOMER, RATING, SURVEY

PAGE = 50  # inferred: at most so many messages come back
CHANNELS = ("whatsapp",) * 8 + ("website",) * 5 + ("dashboard", "email", "mail", "telegram", "telegram", "slack")
RARE_CHANNELS = ("crisp", "zapier", "api", "form")
SENDERS = {CUSTOMER: "human", RATING: "human", SURVEY: "system"}


def superagentes_body(id_: str, dialogue: Dialogue, random: Random, *, cursor: str | None) -> dict[str, Any]:
    """Give the body of a conversation. `cursor` is the id of a message: those before it are shown."""
    stem = f"cm{random.getrandbits(64):016x}"
    end = len(dialogue.messages) if cursor is None else _position(stem, cursor, len(dialogue.messages))
    shown = dialogue.messages[max(0, end - PAGE) : end]
    channel = random.choice(CHANNELS if random.random() < 0.95 else RARE_CHANNELS)
    return {
        "id": id_,
        "title": dialogue.topics[0].title if dialogue.messages else None,
        "status": _status(dialogue),
        "channel": channel,
        "createdAt": _time(dialogue.started_at),
        "updatedAt": _time(dialogue.ended_at),
        "agent": {
            "id": f"agent-{dialogue.facts['bot'].split()[0].lower()}",
            "name": dialogue.facts["bot"],
            "iconUrl": "https://icones.example/agente.png" if random.random() < 0.5 else None,
        },
        "messages": _messages(stem, end - len(shown), shown, dialogue, random)[::-1],
        **_participants(stem, channel, dialogue),
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


def _status(dialogue: Dialogue) -> str:
    if dialogue.is_finished:
        return "RESOLVED"
    return "HUMAN_REQUESTED" if dialogue.has_person else "UNRESOLVED"


def _messages(
    stem: str, first: int, shown: Sequence[Utterance], dialogue: Dialogue, random: Random
) -> list[dict[str, Any]]:
    return [
        {
            "id": _message_id(stem, position),
            "text": utterance.text,
            "from": SENDERS.get(utterance.speaker, "agent"),
            "createdAt": _time(utterance.at),
            "read": dialogue.is_finished or utterance.at < dialogue.ended_at,
            "eval": _rating(utterance, random),
        }
        for position, utterance in enumerate(shown, start=first)
    ]


def _rating(utterance: Utterance, random: Random) -> str | None:
    draw = random.random()
    return None if utterance.speaker != AGENT or draw > 0.1 else "BAD" if draw < 0.02 else "GOOD"


def _time(microseconds: int) -> str:
    return f"{iso(microseconds, 'milliseconds')}Z"


def _participants(stem: str, channel: str, dialogue: Dialogue) -> dict[str, Any]:
    user = {"id": f"user-{dialogue.facts['agent'].lower()}", "name": dialogue.facts["agent"]}
    names = {"id": f"{stem}c", "firstName": dialogue.customer.first, "lastName": dialogue.customer.last}
    is_known = channel != "website"
    return {
        "participants": [{"id": user["id"], "type": "user"}] if dialogue.has_person else [],
        "participantsUsers": [user] if dialogue.has_person else [],
        "participantsVisitors": [] if is_known else [{"id": f"{stem}v", "contact": names}],
        "participantsContacts": [{**names, "email": f"{dialogue.customer.mailbox}@cliente.example"}]
        if is_known
        else [],
    }
