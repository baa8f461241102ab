"""Superagentes in the sandbox: opaque keys, errors in JSON except 403, the newest 50 messages first."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from conversas.json_pointer import is_object
from conversas.sandbox.auth import TokenIssuer, TokenStatus
from conversas.sandbox.dialogues.generator import Dialogue, Utterance, iso, make_dialogue
from conversas.sandbox.dialogues.phrases import AGENT, CUSTOMER, RATING, SURVEY
from conversas.sandbox.platforms.base import ACCOUNT, SandboxPlatform, bearer, items_of, objects_of, query_parameter
from conversas.sandbox.responses import JSON, TEXT, Response

if TYPE_CHECKING:
    from conversas.providers.superagentes import Superagentes

PAGE = 50  # inferred: the maximum number of messages in a response
CHANNELS = ("whatsapp",) * 8 + ("website",) * 5 + ("dashboard", "email", "mail", "telegram", "telegram", "slack")
RARE_CHANNELS = ("crisp", "zapier", "api", "form")
MESSAGE_IN_LIST = ("id", "text", "from", "createdAt")
SENDERS = {CUSTOMER: "human", RATING: "human", SURVEY: "system"}

# Inferred from the names in a related open-source project.
ERROR_NAMES = {405: "METHOD_NOT_ALLOWED", 429: "RATE_LIMIT", 500: "INTERNAL_SERVER_ERROR", 503: "SERVICE_UNAVAILABLE"}


class SuperagentesSandbox(SandboxPlatform):
    """The platform Superagentes. Every non-empty id has a conversation."""

    name = "superagentes"
    path = re.compile(r"/api/conversations/([^/]+)")
    list_path = "/api/conversations"
    listed_ids = tuple(f"conversation-id-{number}" for number in range(1, 21))  # inferred: 20 at a time
    base_path = "/api"
    datetime_fields = frozenset({"createdAt", "updatedAt"})

    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        del lifetime_seconds
        return issuer.issue_key()

    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        return None if issuer.check_key(bearer(headers)) is TokenStatus.VALID else self.forbidden()

    def config(self, url: str, token: str) -> "Superagentes":
        from conversas.providers.superagentes import (
            Superagentes,  # here: a client's dependencies, which the sandbox does not need
        )

        return Superagentes(base_url=f"{url}{self.base_path}", token=token, account=ACCOUNT)

    def error(self, status: int) -> Response:
        return Response(status, orjson.dumps({"error": ERROR_NAMES.get(status, f"ERROR_{status}")}), JSON)

    def forbidden(self) -> Response:
        return Response(403, b"Forbidden", TEXT)

    def not_found(self) -> Response:
        return Response(200, b"null", JSON)  # inferred: an unknown id is not an error

    def make_body(self, id_: str, random: Random, *, messages: int | None, cursor: str | None) -> dict[str, Any]:
        dialogue = make_dialogue(random, messages=messages, may_be_spoken=False)
        return _conversation(id_, dialogue, random, cursor=cursor)

    def cursor(self, query: str) -> str | None:
        return query_parameter(query, "cursor")

    def listed(self, body: dict[str, Any]) -> dict[str, Any]:
        names = ("id", "title", "status", "channel", "createdAt", "updatedAt", "agent")
        newest = [{name: each.get(name) for name in MESSAGE_IN_LIST} for each in objects_of(body, "messages")[:1]]
        return {**{name: body.get(name) for name in names}, "messages": newest}

    def is_asked_for(self, listed: dict[str, Any], query: str) -> bool:
        status, agent_id = query_parameter(query, "status"), query_parameter(query, "agentId")
        agent = listed.get("agent")
        id_ = agent.get("id") if is_object(agent) else None
        return status in (None, listed.get("status")) and agent_id in (None, id_)

    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        return {"id": id_, "messages": [{"text": text}]}

    def other_id(self, id_: str) -> str:
        return f"{id_}x"

    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        messages = objects_of(body, "messages") or [{"id": "m1", "createdAt": body.get("createdAt")}]
        body["messages"] = messages
        messages[0]["text"] = text

    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        body["channel"] = "carrier-pigeon"

    def add_quirk(self, quirk: str, body: dict[str, Any]) -> None:
        if quirk == "unknown-status":
            body["status"] = "ARCHIVED"  # a status that only forks of the related open-source project have
        elif quirk == "staff-reply":
            _reply_by_staff(objects_of(body, "messages"))

    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        # In the spec, every property may be null, but items of lists may not.
        body["participantsVisitors"] = [*items_of(body, "participantsVisitors"), None]


SANDBOX = SuperagentesSandbox()


def _reply_by_staff(messages: Sequence[dict[str, Any]]) -> None:
    """Write the sender of each message as the related open-source project does.

    A member of the team is `human`, with a `userId`.
    """
    replies = [message for message in messages if message.get("from") == "agent"]
    for message in messages:
        by_customer = message.get("from") == "human"
        message |= {"userId": None, "contactId": None, "visitorId": "visitor-1" if by_customer else None}
        message["agentId"] = "agent-1" if message.get("from") == "agent" else None
    for message in replies[1::2]:
        message |= {"from": "human", "userId": "user-1", "agentId": None}


def _conversation(id_: str, dialogue: Dialogue, random: Random, *, cursor: str | None) -> dict[str, Any]:
    """Return the body of a conversation. With `cursor`, the id of a message, it has only earlier messages."""
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
    """Return the position of the message with an id. If there is no such message, return 0: no message is earlier."""
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
