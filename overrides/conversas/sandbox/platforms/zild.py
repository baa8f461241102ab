"""A dialogue as Zild writes it. What the numbers of its enums mean is not published: those here mean nothing."""

from random import Random
from typing import Any, NamedTuple

from conversas.sandbox.dialogues.generator import BY_CUSTOMERS, SECOND, Dialogue, iso
from conversas.sandbox.dialogues.phrases import AGENT, SURVEY

TENANT, BOT, QUEUE = 7, 12, 31
SENTIMENTS = ("negative", "neutral", "neutral", "neutral", "positive", "positive")
HANG_UPS = ("user_hangup", "user_hangup", "agent_hangup", "call_transfer")
NOT_REACHED = ("dial_busy", "dial_no_answer", "voicemail_reached")

# Where the customer writes from; integration type and conversation type.
WAYS = (("phone", 3, 1), ("phone", 3, 1), ("phone", 3, 1), ("web", 1, 2), ("web", 1, 2), ("email", 6, 3))
CALL = ("phone", 11, 4)


class _Way(NamedTuple):
    """How the two sides reach each other."""

    customer: str
    company: str
    integration_type: int
    conversation_type: int


def zild_body(id_: int, told: Dialogue, random: Random) -> dict[str, Any]:
    """Give the body of a conversation."""
    way = _way(told, random)
    user = 1_000 + int(400 * random.random()) if told.has_person else 0
    messages = _messages(id_, told, way, user, random)
    return {
        "id": id_,
        "active": not told.is_finished,
        "liveAgent": told.has_person,
        "from": way.customer,
        "conversationId": f"{random.getrandbits(96):024x}",
        "waterMark": str(len(messages)) if way.company == "web" else None,
        "token": f"wc_{random.getrandbits(128):032x}" if way.company == "web" else None,
        **_times(told),
        "lastMessageContent": messages[-1]["content"] if messages else None,
        "contactName": told.customer.name,
        "userId": user,
        "userName": told.facts["agent"] if user else None,
        "counterpartUserId": 0,
        "counterpartUserName": None,
        "botId": BOT,
        "botName": told.facts["bot"],
        "fileUrl": f"https://gravacoes.example/{id_}.ogg" if _has_recording(told) else None,
        "fileName": f"{id_}.ogg" if _has_recording(told) else None,
        "tenantId": TENANT,
        "conversationSummary": told.summary if told.is_finished and messages else None,
        "messages": messages,
        "channelId": way.integration_type * 10,
        "conversationIntegrationType": way.integration_type,
        "tags": [_tag(topic.tag, told) for topic in told.topics],
        "queueId": QUEUE if user else 0,
        "queueName": "Atendimento" if user else None,
        "conversationEndedReasonId": 1 if told.is_finished else 0,
        "agentType": 1 if user else 2,
        "conversationType": way.conversation_type,
        "applicationStatusId": 0,
        **_evaluation(told, random),
        **_call(told, random),
        "totalUnreadedMessagesByUser": 0 if told.is_finished else len(messages) % 3,
        **_variables(id_, told),
        "agentId": user,
    }


def _way(told: Dialogue, random: Random) -> _Way:
    kind, integration_type, conversation_type = CALL if told.is_spoken else random.choice(WAYS)
    number = int(10_000 * random.random())
    customer, company = {
        "phone": (f"+55119000{number:05d}", "+551130000000"),
        "web": (f"visitor-{random.getrandbits(40):010x}", "web"),
        "email": (f"{told.customer.mailbox}.{number}@cliente.example", "contato@empresa.example"),
    }[kind]
    return _Way(customer, company, integration_type, conversation_type)


def _messages(id_: int, told: Dialogue, way: _Way, user: int, random: Random) -> list[dict[str, Any]]:
    """Give the messages in the order of their times. It runs for each of thousands, so what they share is made once."""
    by_customer, by_company = _from_to(id_, way.customer, way.company), _from_to(id_, way.company, way.customer)
    draw, number = random.random, 1_000_000 + int(80_000_000 * random.random())
    messages: list[dict[str, Any]] = []
    for number, (speaker, text, at) in enumerate(told.messages, start=number):  # noqa: B020  # it goes on counting
        message = {**(by_customer if speaker in BY_CUSTOMERS else by_company), "id": number, "content": text}
        message["createdAt"] = f"{iso(at, 'microseconds')}{number % 10}Z"
        if speaker in BY_CUSTOMERS:
            message["sentiment"] = SENTIMENTS[int(6 * draw())]
        elif speaker == AGENT:
            message["userId"] = user
            _befall(message, number, draw())
        elif speaker == SURVEY:
            message["isNPS"] = True
        message |= (
            {"offset": f"{(at - told.began) / SECOND:.1f}"} if told.is_spoken else {"messageSid": f"SM{number:032x}"}
        )
        messages.append(message)
    return messages


def _from_to(id_: int, sender: str, recipient: str) -> dict[str, Any]:
    """Give a message with all its properties, in the order of the page."""
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


def _befall(message: dict[str, Any], number: int, draw: float) -> None:
    """Let some messages carry a file, and fewer fail."""
    if draw < 0.02:
        file = f"documento-{number}.pdf"
        message |= {"mediaUrl": f"https://arquivos.example/{file}", "mediaFileName": file}
    elif draw > 0.99:
        failure = {"errorCode": "63016", "errorMessage": "Failed to send freeform message"}
        message |= {"delivered": False, "read": False, **failure}


def _times(told: Dialogue) -> dict[str, Any]:
    queued = next((said.at - SECOND for said in told.messages if said.speaker == AGENT), None)
    return {
        "createdAt": _time(told.began),
        "finishedAt": _time(told.ended + 2 * SECOND) if told.is_finished else None,
        "queuedAt": _time(queued) if told.has_person and queued else None,
        "lastConversationUpdateTime": _time(told.ended + 3 * SECOND),
    }


def _time(microseconds: int) -> str:
    """Write a time in ticks of 100 nanoseconds, as .NET does."""
    return f"{iso(microseconds, 'microseconds')}{microseconds % 7}Z"


def _has_recording(told: Dialogue) -> bool:
    return told.is_spoken and told.is_finished and bool(told.messages)


def _tag(name: str, told: Dialogue) -> dict[str, Any]:
    number = 100 + sum(name.encode()) % 900
    return {"id": number, "name": name, "active": True, "createdAt": _time(told.began), "tenantId": TENANT}


def _evaluation(told: Dialogue, random: Random) -> dict[str, Any]:
    is_done = told.is_finished and bool(told.messages) and random.random() < 0.8
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


def _call(told: Dialogue, random: Random) -> dict[str, Any]:
    if not told.is_spoken:
        return {"duration": None, "callStatus": None, "disconnectionReason": None, "callSuccessful": False}
    if not told.is_finished:
        return {"duration": None, "callStatus": "ongoing", "disconnectionReason": None, "callSuccessful": False}
    reason = random.choice(HANG_UPS if told.messages else NOT_REACHED)
    return {
        "duration": _duration(told.ended + 2 * SECOND - told.began),
        "callStatus": "ended" if told.messages else "not_connected",
        "disconnectionReason": reason,
        "callSuccessful": bool(told.messages),
    }


def _duration(microseconds: int) -> str:
    """Write a duration as .NET does: [d.]hh:mm:ss[.fffffff]."""
    seconds, rest = divmod(microseconds, SECOND)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{rest * 10:07d}" if rest else ""
    return f"{f'{days}.' if days else ''}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _variables(id_: int, told: Dialogue) -> dict[str, Any]:
    named = {"primeiro_nome": told.customer.first, "idioma": told.language.code}
    collected = {
        "motivo": told.topics[0].tag if told.topics else None,
        "pedido": told.facts["order"],
        "protocolo": told.facts["protocol"] if told.is_finished else None,
    }
    return {"dynamicVariables": _named(1, id_, named), "dataCollection": _named(3, id_, collected)}


def _named(first: int, id_: int, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": first + number, "name": name, "value": value, "conversationId": id_}
        for number, (name, value) in enumerate(values.items())
    ]
