"""Bodies to measure with: typical conversations of a chosen number of messages."""

import json
from pathlib import Path
from typing import Any

REDACTED_MESSAGES = 22
EXAMPLES = Path(__file__).parents[3] / "openapi" / "examples"


def zild_conversation(messages: int) -> dict[str, Any]:
    """Return a Zild conversation of text messages, about 0.7 KB each, each with its own id, time and text."""
    sample = _sample("zild")
    template = sample["messages"][0]
    sample |= {"from": "+5511999990000", "duration": "00:12:34", "score": 87, "agentType": 3}
    sample["messages"] = [
        template
        | dict.fromkeys(("mediaUrl", "mediaFileName", "errorCode", "errorMessage"))  # null in a delivered text message
        | {
            "id": 1000 + number,
            "createdAt": f"2026-03-{1 + number // 840:02}T{10 + number % 840 // 60}:{number % 60:02}:07.1104217",
            "from": "+5511999990000" if number % 2 else "atendimento@empresa.example",
            "content": f"Olá! Preciso de ajuda com o pedido número {number}, que não chegou até agora.",
        }
        for number in range(messages)
    ]
    sample["lastMessageContent"] = sample["messages"][-1]["content"]
    return sample


def redaction_body() -> dict[str, Any]:
    """Return a Zild conversation in which the customer is greeted by name and gives a CPF and a telephone number."""
    body = zild_conversation(REDACTED_MESSAGES) | {"contactName": "Ana Souza", "userName": "Marcelo"}
    told = {
        1: "Olá, Ana! Em que posso ajudar?",
        4: "Meu CPF é 529.982.247-25, e o telefone (11) 98765-4321.",
        9: "Ana, está resolvido.",
    }
    for number, text in told.items():
        body["messages"][number] |= {"content": text}
    return body


def superagentes_conversation(messages: int) -> dict[str, Any]:
    """Return a Superagentes conversation of text messages, about 0.2 KB each, each with its own id, time and text."""
    sample = _sample("superagentes")
    templates = sample["messages"]
    sample["messages"] = [
        templates[number % len(templates)]
        | {
            "id": f"message-id-{number}",
            "createdAt": f"2026-03-01T{10 + number // 60}:{number % 60:02}:07.110Z",
            "text": f"Olá! Preciso de ajuda com o pedido número {number}, que não chegou até agora.",
        }
        for number in range(messages)
    ]
    return sample


def _sample(provider: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((EXAMPLES / provider / "sample.json").read_text("utf-8"))
    return sample


def drifting(body: dict[str, Any], deviations: int) -> dict[str, Any]:
    """Return a copy of a Zild body with `deviations` deviations from the spec, most of them in the same property."""
    drifted: dict[str, Any] = json.loads(json.dumps(body))
    drifted |= {"agentType": 42, "active": None, "newField": "x", "score": "87"}
    for message in drifted["messages"][: deviations - 4]:
        message["reaction"] = None
    return drifted
