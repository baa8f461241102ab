"""Oddities of Zild in the sandbox: other spellings of addresses, roles as speakers, scores without evaluation."""

from typing import Any

from conversas.sandbox.platforms.base import objects_of

PHONE, WITHOUT_NINTH_DIGIT = "5511912340000", "551112340000"
UNEVALUATED = {
    "score": 0,
    "finalScore": 0,
    "checklistId": 0,
    "conversationEvaluationStatus": 0,
    "conversationEvaluationStatusMessage": None,
}


def add_quirk(quirk: str, body: dict[str, Any]) -> None:
    """Add an oddity to a body. A fault that is not an oddity of Zild changes nothing."""
    if quirk == "other-address":
        _respell(body, PHONE, WITHOUT_NINTH_DIGIT)
    elif quirk == "address-prefix":
        _respell(body, f"whatsapp:+{PHONE}", f"+{PHONE}")
    elif quirk == "voice-roles":
        _name_roles(body)
    elif quirk == "unevaluated":
        body.update(UNEVALUATED)


def _respell(body: dict[str, Any], of_conversation: str, of_messages: str) -> None:
    """Write the customer's address as one telephone number in two spellings."""
    customer = body.get("from")
    for message in objects_of(body, "messages"):
        message.update({name: of_messages for name in ("from", "to") if message.get(name) == customer})
    body["from"] = of_conversation


def _name_roles(body: dict[str, Any]) -> None:
    """Turn the conversation into a call, whose turns name the speakers `user` and `agent`."""
    customer = body.get("from")
    for message in objects_of(body, "messages"):
        message["from"] = "user" if message.get("from") == customer else "agent"
    body.update({"from": PHONE, "callStatus": "ended"})
