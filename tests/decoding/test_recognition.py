"""A 200 that is no conversation is refused with its body, and a sparse conversation is not."""

import json
from typing import Any

import pytest

from conversas import DecodeError, DecodeErrorReason, decode
from support.examples import body_of

SAMPLES = {provider: json.loads(body_of(f"{provider}/sample")) for provider in ("zild", "superagentes")}
PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404, "traceId": "00-ab-cd-00"}


def pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(item) for name, item in value.items()}
    return [pascal(item) for item in value] if isinstance(value, list) else value


def snake(value: dict[str, Any]) -> dict[str, Any]:
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in f"{name}Of"): item for name, item in value.items()}


def envelopes(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "result": {"result": body, "targetUrl": None, "success": True, "error": None, "__abp": True},
        "data": {"data": body},
        "data and id": {"id": body["id"], "data": body},
        "data and status": {"status": "ok", "data": body},
        "values": {"$id": "1", "$values": [body]},
        "value": {"@odata.context": "x", "value": [body]},
        "d": {"d": body},
        "unheard name": {"id": body["id"], "chat": body},
        "pascal": pascal(body),
        "pascal but one": {"id": body["id"], **pascal(body)},
        "snake": snake(body),
    }


ERRORS: dict[str, Any] = {
    "nothing": {},
    "error": {"error": "RATE_LIMIT"},
    "error and id": {"id": "req-1", "error": {"code": 5}},
    "message": {"message": "Internal error"},
    "message and status": {"status": "error", "message": "Internal error"},
    "problem": PROBLEM,
    "problem of two": {"title": "Not Found", "status": 404},
    "validation": {**PROBLEM, "errors": {"id": ["The value is not valid."]}},
    "exception": {"Message": "An error has occurred.", "ExceptionType": "System.Exception", "StackTrace": "at"},
    "cloud": {"success": False, "errors": [{"code": 7, "message": "x"}], "messages": [], "result": None},
    "trace": {"id": 5, "traceId": "00-ab"},
    "unknown": {"foo": 1, "bar": []},
}
CASES = [(provider, name, body) for provider in SAMPLES for name, body in ERRORS.items()]
CASES += [(provider, name, body) for provider in SAMPLES for name, body in envelopes(SAMPLES[provider]).items()]
CASES += [("zild", "id of text", {"id": "abc"}), ("superagentes", "id of a number", {"id": 5, "status": 7})]
CASES += [("superagentes", "status of an error", {"status": "error"})]


@pytest.mark.parametrize(("provider", "name", "body"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_what_is_no_conversation_is_refused_with_its_body(provider: str, name: str, body: Any) -> None:
    encoded = json.dumps(body).encode()
    with pytest.raises(DecodeError) as caught:
        decode(provider, encoded, ref=f"{provider}:7")
    assert caught.value.reason is DecodeErrorReason.NOT_A_CONVERSATION
    assert caught.value.body == encoded
    assert str(caught.value) == f"{provider}:7: the body is not a conversation (not_a_conversation); see .body"


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("zild", {"id": 5}),
        ("zild", {"id": 0}),
        ("zild", {"id": None}),
        ("zild", {"id": 5.0, "somethingNew": {"a": 1}}),
        ("zild", {"id": 5, "error": None, "errors": [], "success": True}),
        ("zild", {"messages": []}),
        ("zild", {"messages": [{"content": "Oi"}], "error": "partial"}),
        ("zild", {"messages": {"$values": [{"content": "Oi"}]}}),
        ("zild", {"contactName": 5}),
        ("zild", {"score": "95"}),
        ("zild", {**SAMPLES["zild"], "error": "late", "data": {"a": 1}}),
        ("superagentes", {"id": "c1"}),
        ("superagentes", {"id": "c1", "status": "ARCHIVED"}),
        ("superagentes", {"id": "c1", "title": None, "status": "RESOLVED", "messages": [], "_count": {"messages": 0}}),
        ("superagentes", {"channel": "carrier-pigeon"}),
        ("superagentes", {**SAMPLES["superagentes"], "lead": {"id": "l1", "createdAt": "2024-05-05T08:00:00Z"}}),
    ],
)
def test_a_sparse_conversation_is_one(provider: str, body: Any) -> None:
    assert decode(provider, json.dumps(body).encode()).provider == provider
