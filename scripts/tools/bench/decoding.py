"""Report on decoding: this package compared with pydantic, stock generated code, and bare JSON parsers."""

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson

from conversas import Conversation
from conversas.decoding.decoder import decode, read_model, strict_decoder_for, validator_for
from conversas.providers import get_provider
from tools.bench.bodies import drifting, zild_conversation
from tools.bench.peers import pydantic_conversation, stock_client
from tools.bench.timing import microseconds

SHORT, MESSAGES = 10, 50
FEW, MANY = 500, 50_000
"""Numbers of messages in the two bodies of the last line of the report. Every message drifts."""
Functions = dict[str, Callable[[], object]]


def measure_decoding() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stock, peer = stock_client(Path(folder)).models.Conversation, pydantic_conversation()
    times = {count: microseconds(_functions(count, stock, peer)) for count in (SHORT, MESSAGES)}
    for count, by_name in times.items():
        print(f"decoding {count} messages        time / pydantic")
        for name, time in by_name.items():
            print(f"  {name:<26}{time / by_name['pydantic']:18.2f}")
    _show_ratios(times, _growth())
    _show_memory(orjson.dumps(zild_conversation(MESSAGES)), peer)


def _functions(messages: int, stock: Any, peer: Any) -> Functions:
    """Return the functions to measure. All drift was seen before, as in all bodies of a platform except the first."""
    body = zild_conversation(messages)
    clean = orjson.dumps(body)
    drifting_bodies = {count: orjson.dumps(drifting(body, count)) for count in (10, messages + 4)}
    provider, strict, data = get_provider("zild"), strict_decoder_for("zild"), decode("zild", clean).to_dict()
    functions: Functions = {
        "orjson alone": lambda: orjson.loads(clean),
        "msgspec alone": lambda: msgspec.json.decode(clean),
        "pydantic": lambda: peer.model_validate_json(clean),
        "stock": lambda: stock.from_dict(json.loads(clean)),
        "model": lambda: read_model(clean, provider, strict),
        "model, by the validator": lambda: read_model(clean, provider, None),
        "decode": lambda: decode("zild", clean),
        "decode, 10 deviations": lambda: decode("zild", drifting_bodies[10]),
        "decode, all deviate": lambda: decode("zild", drifting_bodies[messages + 4]),
        "from_dict": lambda: Conversation.from_dict(data),
    }
    for function in functions.values():
        function()  # so that the decoders have seen the drift
    return functions


def _growth() -> float:
    """Return the time per message in a body of many drifting messages, divided by the time in a body of few."""
    validator, times = validator_for("zild"), dict[int, float]()
    for count in (FEW, MANY):
        body = orjson.dumps(drifting(zild_conversation(count), count + 4))
        functions: Functions = {"validate": lambda body=body: validator.validate(orjson.loads(body))}  # type: ignore[misc]
        times[count] = microseconds(functions, rounds=3, repeats=1)["validate"] / count
    return times[MANY] / times[FEW]


def _show_ratios(times: Mapping[int, Mapping[str, float]], growth: float) -> None:
    short, long = times[SHORT], times[MESSAGES]
    lines = [
        ("model: speed / pydantic", long["pydantic"] / long["model"], "1.8 at least"),
        ("model: speed / stock code", long["stock"] / long["model"], "2.5 at least"),
        ("decode: time / pydantic", long["decode"] / long["pydantic"], "0.9 at most"),
        ("decode, 10 messages", short["decode"] / short["pydantic"], "1.3 at most"),
        ("decode, 10 deviations", long["decode, 10 deviations"] / long["pydantic"], "1.0 at most"),
        ("decode, 54 deviations", long["decode, all deviate"] / long["pydantic"], "1.2 at most"),
        ("from_dict: time / decode", long["from_dict"] / long["decode"], "1.0 at most"),
        ("per deviation: 50,000 / 500", growth, "1.2 at most"),
    ]
    print(f"\n{'':<34}{'measured':>10}  target")
    for name, ratio, target in lines:
        print(f"{name:<34}{ratio:>10.2f}  {target}")


def _show_memory(raw: bytes, peer: Any) -> None:
    """Print the memory of one decoded conversation, divided by the size of its body."""
    decoders: dict[str, Callable[[], Any]] = {
        "decode, with raw": lambda: decode("zild", bytes(bytearray(raw))),
        "pydantic": lambda: peer.model_validate_json(raw),
        "orjson": lambda: orjson.loads(raw),
    }
    print(f"\nmemory of one conversation / its {len(raw) / 1024:.0f} KB body      2.2 at most")
    for name, decode_one in decoders.items():
        decode_one()
        tracemalloc.start()
        kept = [decode_one() for _ in range(20)]
        size = tracemalloc.get_traced_memory()[0] / len(kept)
        tracemalloc.stop()
        print(f"  {name:<30}{size / len(raw):6.2f}")
