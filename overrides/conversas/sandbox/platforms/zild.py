"""Zild in the sandbox: JWTs, and errors without a body, except for 400 and 404.

The meanings of Zild's numeric enums are not published.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from conversas.sandbox.auth import TokenIssuer, TokenStatus
from conversas.sandbox.dialogues.generator import BY_CUSTOMERS, SECOND, Dialogue, iso, make_dialogue
from conversas.sandbox.dialogues.phrases import AGENT, SURVEY
from conversas.sandbox.platforms.base import ACCOUNT, SandboxPlatform, bearer, objects_of
from conversas.sandbox.platforms.zild_quirks import add_quirk
from conversas.sandbox.responses import Headers, Response

if TYPE_CHECKING:
    from conversas.providers.zild import Zild

INT32 = range(-(2**31), 2**31)
PROBLEM: Headers = (("Content-Type", "application/problem+json; charset=utf-8"),)
TENANT, BOT, QUEUE = 7, 12, 31
SENTIMENTS = ("negative", "neutral", "neutral", "neutral", "positive", "positive")
HANG_UPS = ("user_hangup", "user_hangup", "agent_hangup", "call_transfer")
NOT_REACHED = ("dial_busy", "dial_no_answer", "voicemail_reached")

# Kind of the customer's address, integration type and conversation type.
CHANNELS = (("phone", 3, 1), ("phone", 3, 1), ("phone", 3, 1), ("web", 1, 2), ("web", 1, 2), ("email", 6, 3))
CALL = ("phone", 11, 4)


class ZildSandbox(SandboxPlatform):
    """The platform Zild. Every 32-bit integer has a conversation."""

    name = "zild"
    path = re.compile(r"/api/conversation/([^/]+)", re.IGNORECASE)  # inferred: its routing ignores case
    id_rule = "a 32-bit integer"
    datetime_fields = frozenset({"createdAt", "finishedAt", "queuedAt", "lastConversationUpdateTime"})

    def canonical_id(self, id_: str) -> str | None:
        """Return an id without leading zeros and plus sign, which .NET accepts; None if the id is invalid."""
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", id_):
            return None
        return str(number) if (number := int(id_)) in INT32 else None

    def spare_ids(self, name: str) -> Iterator[str]:
        del name  # ids are numbers
        yield from map(str, count(1))

    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        return issuer.issue_jwt(lifetime_seconds)

    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        status, expires_at = issuer.check_jwt(bearer(headers))
        if status is TokenStatus.VALID:
            return None
        if status is TokenStatus.REFUSED:
            return self.unauthorized()
        at = f"{datetime.fromtimestamp(expires_at, UTC):%m/%d/%Y %H:%M:%S}"
        expired = f'Bearer error="invalid_token", error_description="The token expired at \'{at}\'"'
        challenge = "Bearer" if status is TokenStatus.ABSENT else expired
        return Response(401, headers=(("WWW-Authenticate", challenge),))

    def config(self, url: str, token: str) -> "Zild":
        from conversas.providers.zild import Zild  # here: a client's dependencies, which the sandbox does not need

        return Zild(base_url=f"{url}{self.base_path}", token=token, account=ACCOUNT)

    def error(self, status: int) -> Response:
        return Response(status)

    def not_found(self) -> Response:
        return _problem(404, "https://tools.ietf.org/html/rfc9110#section-15.5.5", "Not Found", {})

    def invalid_id(self) -> Response:
        errors = {"id": ["The value is not a valid 32-bit integer."]}
        about = "https://tools.ietf.org/html/rfc9110#section-15.5.1"
        return _problem(400, about, "One or more validation errors occurred.", errors)

    def make_body(self, id_: str, random: Random, *, messages: int | None, cursor: str | None) -> dict[str, Any]:
        del cursor
        return _conversation(int(id_), make_dialogue(random, messages=messages, may_be_spoken=True), random)

    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        return {"id": int(id_), "messages": [{"content": text}]}

    def other_id(self, id_: str) -> str:
        number = int(id_)
        return str(number - 1 if number in (-1, INT32[-1]) else number + 1)  # an id of 0 in a body counts as no id

    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        messages = objects_of(body, "messages") or [{"id": 1, "createdAt": body.get("createdAt")}]
        body["messages"] = messages
        messages[-1]["content"] = body["lastMessageContent"] = text

    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        body["agentType"] = 42

    def add_quirk(self, quirk: str, body: dict[str, Any]) -> None:
        add_quirk(quirk, body)

    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        body["score"] = None


SANDBOX = ZildSandbox()


def _problem(status: int, about: str, title: str, errors: dict[str, list[str]]) -> Response:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    problem = {"type": about, "title": title, "status": status, "traceId": trace, "errors": errors}
    return Response(status, orjson.dumps(problem), PROBLEM)


class _Addresses(NamedTuple):
    """The addresses of both sides, and the enum values of their channel."""

    customer: str
    company: str
    integration_type: int
    conversation_type: int


def _conversation(id_: int, dialogue: Dialogue, random: Random) -> dict[str, Any]:
    """Return the body of a conversation."""
    addresses = _addresses(dialogue, random)
    user = 1_000 + int(400 * random.random()) if dialogue.has_person else 0
    messages = _messages(id_, dialogue, addresses, user, random)
    return {
        "id": id_,
        "active": not dialogue.is_finished,
        "liveAgent": dialogue.has_person,
        "from": addresses.customer,
        "conversationId": f"{random.getrandbits(96):024x}",
        "waterMark": str(len(messages)) if addresses.company == "web" else None,
        "token": f"wc_{random.getrandbits(128):032x}" if addresses.company == "web" else None,
        **_times(dialogue),
        "lastMessageContent": messages[-1]["content"] if messages else None,
        "contactName": dialogue.customer.name,
        "userId": user,
        "userName": dialogue.facts["agent"] if user else None,
        "counterpartUserId": 0,
        "counterpartUserName": None,
        "botId": BOT,
        "botName": dialogue.facts["bot"],
        "fileUrl": f"https://gravacoes.example/{id_}.ogg" if _has_recording(dialogue) else None,
        "fileName": f"{id_}.ogg" if _has_recording(dialogue) else None,
        "tenantId": TENANT,
        "conversationSummary": dialogue.summary if dialogue.is_finished and messages else None,
        "messages": messages,
        "channelId": addresses.integration_type * 10,
        "conversationIntegrationType": addresses.integration_type,
        "tags": [_tag(topic.tag, dialogue) for topic in dialogue.topics],
        "queueId": QUEUE if user else 0,
        "queueName": "Atendimento" if user else None,
        "conversationEndedReasonId": 1 if dialogue.is_finished else 0,
        "agentType": 1 if user else 2,
        "conversationType": addresses.conversation_type,
        "applicationStatusId": 0,
        **_evaluation(dialogue, random),
        **_call(dialogue, random),
        "totalUnreadedMessagesByUser": 0 if dialogue.is_finished else len(messages) % 3,
        **_variables(id_, dialogue),
        "agentId": user,
    }


def _addresses(dialogue: Dialogue, random: Random) -> _Addresses:
    kind, integration_type, conversation_type = CALL if dialogue.is_spoken else random.choice(CHANNELS)
    number = int(10_000 * random.random())
    customer, company = {
        "phone": (f"+55119000{number:05d}", "+551130000000"),
        "web": (f"visitor-{random.getrandbits(40):010x}", "web"),
        "email": (f"{dialogue.customer.mailbox}.{number}@cliente.example", "contato@empresa.example"),
    }[kind]
    return _Addresses(customer, company, integration_type, conversation_type)


def _messages(id_: int, dialogue: Dialogue, addresses: _Addresses, user: int, random: Random) -> list[dict[str, Any]]:
    """Return the messages, oldest first. Their common parts are made once, as there may be thousands of messages."""
    by_customer, by_company = (
        _from_to(id_, addresses.customer, addresses.company),
        _from_to(id_, addresses.company, addresses.customer),
    )
    draw, number = random.random, 1_000_000 + int(80_000_000 * random.random())
    messages: list[dict[str, Any]] = []
    for number, (speaker, text, at) in enumerate(dialogue.messages, start=number):  # noqa: B020  # counting continues
        message = {**(by_customer if speaker in BY_CUSTOMERS else by_company), "id": number, "content": text}
        message["createdAt"] = f"{iso(at, 'microseconds')}{number % 10}Z"
        if speaker in BY_CUSTOMERS:
            message["sentiment"] = SENTIMENTS[int(6 * draw())]
        elif speaker == AGENT:
            message["userId"] = user
            _add_incident(message, number, draw())
        elif speaker == SURVEY:
            message["isNPS"] = True
        message |= (
            {"offset": f"{(at - dialogue.started_at) / SECOND:.1f}"}
            if dialogue.is_spoken
            else {"messageSid": f"SM{number:032x}"}
        )
        messages.append(message)
    return messages


def _from_to(id_: int, sender: str, recipient: str) -> dict[str, Any]:
    """Return a message with all its properties, in the order of the documentation."""
    return {
        "id": 0,
        "createdAt": None,
        "from": sender,
        "to": recipient,
        "content": None,
        "conversationId": id_,
        "sentiment": None,
        "offset": None,
        "isNPS": False,
        "contentSid": None,
        "messageType": 0,
        "mediaUrl": None,
        "mediaFileName": None,
        "tenantId": TENANT,
        "userId": 0,
        "contentVariables": None,
        "messageSid": None,
        "messageStatus": 0,
        "sent": True,
        "delivered": True,
        "read": True,
        "errorCode": None,
        "errorMessage": None,
        "isReadByUser": True,
        "documentId": 0,
    }


def _add_incident(message: dict[str, Any], number: int, draw: float) -> None:
    """Attach a file to some messages, and mark a few as failed."""
    if draw < 0.02:
        file = f"documento-{number}.pdf"
        message |= {"mediaUrl": f"https://arquivos.example/{file}", "mediaFileName": file}
    elif draw > 0.99:
        failure = {"errorCode": "63016", "errorMessage": "Failed to send freeform message"}
        message |= {"delivered": False, "read": False, **failure}


def _times(dialogue: Dialogue) -> dict[str, Any]:
    queued = next((each.at - SECOND for each in dialogue.messages if each.speaker == AGENT), None)
    return {
        "createdAt": _time(dialogue.started_at),
        "finishedAt": _time(dialogue.ended_at + 2 * SECOND) if dialogue.is_finished else None,
        "queuedAt": _time(queued) if dialogue.has_person and queued else None,
        "lastConversationUpdateTime": _time(dialogue.ended_at + 3 * SECOND),
    }


def _time(microseconds: int) -> str:
    """Return a time with seven fractional digits, as .NET writes it."""
    return f"{iso(microseconds, 'microseconds')}{microseconds % 7}Z"


def _has_recording(dialogue: Dialogue) -> bool:
    return dialogue.is_spoken and dialogue.is_finished and bool(dialogue.messages)


def _tag(name: str, dialogue: Dialogue) -> dict[str, Any]:
    number = 100 + sum(name.encode()) % 900
    return {"id": number, "name": name, "active": True, "createdAt": _time(dialogue.started_at), "tenantId": TENANT}


def _evaluation(dialogue: Dialogue, random: Random) -> dict[str, Any]:
    is_done = dialogue.is_finished and bool(dialogue.messages) and random.random() < 0.8
    score = 40 + int(61 * random.random() ** 0.5) if is_done else 0
    return {
        "score": score,
        "finalScore": min(100, score + int(6 * random.random())) if is_done else 0,
        "checklistId": 4 if is_done else 0,
        "highImportanceErrorDetected": is_done and score < 50,
        "conversationEvaluationStatus": 2 if is_done else 0,
        "conversationEvaluationStatusMessage": "Avaliação concluída" if is_done else None,
        "overallSentiment": ("negative" if score < 55 else "neutral" if score < 75 else "positive")
        if is_done
        else None,
    }


def _call(dialogue: Dialogue, random: Random) -> dict[str, Any]:
    if not dialogue.is_spoken:
        return {"duration": None, "callStatus": None, "disconnectionReason": None, "callSuccessful": False}
    if not dialogue.is_finished:
        return {"duration": None, "callStatus": "ongoing", "disconnectionReason": None, "callSuccessful": False}
    reason = random.choice(HANG_UPS if dialogue.messages else NOT_REACHED)
    return {
        "duration": _duration(dialogue.ended_at + 2 * SECOND - dialogue.started_at),
        "callStatus": "ended" if dialogue.messages else "not_connected",
        "disconnectionReason": reason,
        "callSuccessful": bool(dialogue.messages),
    }


def _duration(microseconds: int) -> str:
    """Return a duration as .NET writes it: [d.]hh:mm:ss[.fffffff]."""
    seconds, rest = divmod(microseconds, SECOND)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{rest * 10:07d}" if rest else ""
    return f"{f'{days}.' if days else ''}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _variables(id_: int, dialogue: Dialogue) -> dict[str, Any]:
    named = {"primeiro_nome": dialogue.customer.first, "idioma": dialogue.language.code}
    collected = {
        "motivo": dialogue.topics[0].tag if dialogue.topics else None,
        "pedido": dialogue.facts["order"],
        "protocolo": dialogue.facts["protocol"] if dialogue.is_finished else None,
    }
    return {"dynamicVariables": _named(1, id_, named), "dataCollection": _named(3, id_, collected)}


def _named(first: int, id_: int, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": first + number, "name": name, "value": value, "conversationId": id_}
        for number, (name, value) in enumerate(values.items())
    ]
