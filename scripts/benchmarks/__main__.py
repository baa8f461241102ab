"""The command line of scripts/bench."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson

from benchmarks.bodies import conversation, drifting
from benchmarks.peers import pydantic_conversation, stock_conversation
from benchmarks.timing import microseconds
from conversas.decoding import decode
from conversas.providers import adapter_of


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        bench_decode(stock_conversation(Path(folder)))
    return 0


def bench_decode(stock: Any) -> None:
    body = conversation(messages=50)
    clean = orjson.dumps(body)
    bodies = {places: orjson.dumps(drifting(body, places)) for places in (10, 50)}
    peer = pydantic_conversation()
    adapter = adapter_of("zild")

    def checked(raw: bytes) -> Callable[[], object]:
        def read() -> object:
            data = orjson.loads(raw)
            adapter.checker.check(data)
            return adapter.model.from_checked(data)

        return read

    times = microseconds(
        {
            "pydantic": lambda: peer.model_validate_json(clean),
            "stock": lambda: stock.from_dict(json.loads(clean)),
            "tolerant": lambda: adapter.model.from_dict(json.loads(clean)),
            "orjson": lambda: orjson.loads(clean),
            "msgspec": lambda: msgspec.json.decode(clean),
            "checked": checked(clean),
            "checked, 10 deviations": checked(bodies[10]),
            "checked, 50 deviations": checked(bodies[50]),
            "neutral": lambda: decode("zild", clean),
            "neutral, 10 deviations": lambda: decode("zild", bodies[10]),
        }
    )
    print(f"{'decoding 50 messages, 36 KB':<28}{'µs':>8}{'speed by pydantic':>20}{'by stock code':>16}")
    for name, time in times.items():
        print(f"{name:<28}{time:8.0f}{times['pydantic'] / time:20.2f}{times['stock'] / time:16.2f}")


if __name__ == "__main__":
    sys.exit(main())
