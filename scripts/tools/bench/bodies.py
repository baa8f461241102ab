"""Bodies to measure with: conversations as they come, of a chosen number of messages."""

import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[3] / "openapi" / "examples"


def conversation(messages: int) -> dict[str, Any]:
    """Give a Zild conversation of texts, about 0.7 KB each, with an id, a time and a text of its own."""
    sample: dict[str, Any] = json.loads((EXAMPLES / "zild" / "sample.json").read_text("utf-8"))
    template = sample["messages"][0]
    sample |= {"from": "+5511999990000", "duration": "00:12:34", "score": 87, "agentType": 3}
    sample["messages"] = [
        template
        | dict.fromkeys(("mediaUrl", "mediaFileName", "errorCode", "errorMessage"))  # null in a text that arrived
        | {
            "id": 1000 + number,
            "createdAt": f"2026-03-01T{10 + number // 60}:{number % 60:02}:07.1104217",
            "from": "+5511999990000" if number % 2 else "atendimento@empresa.example",
            "content": f"Olá! Preciso de ajuda com o pedido número {number}, que não chegou até agora.",
        }
        for number in range(messages)
    ]
    sample["lastMessageContent"] = sample["messages"][-1]["content"]
    return sample


def drifting(body: dict[str, Any], places: int) -> dict[str, Any]:
    """Give the body with this many deviations from the spec, most of them always in the same places, as in life."""
    drifted: dict[str, Any] = json.loads(json.dumps(body))
    drifted |= {"agentType": 42, "active": None, "newField": "x", "score": "87"}
    for message in drifted["messages"][: places - 4]:
        message["reaction"] = None
    return drifted
