"""Reports of this package next to its peers, as ratios."""

import json
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson

from conversas.decoding.decoder import decode, validator_for
from conversas.providers import get_provider
from conversas.redaction import Redactor
from tools.bench.bodies import REDACTED_MESSAGES, drifting, redaction_body, zild_conversation
from tools.bench.export_memory import LONG_CONVERSATIONS, LONG_MESSAGES, export_peaks, long_peaks
from tools.bench.latency import get_times, import_times
from tools.bench.peers import pydantic_conversation, stock_client
from tools.bench.rate_limit import Pace, pace
from tools.bench.startup import start_times
from tools.bench.throughput import many_rates
from tools.bench.timing import microseconds
from tools.bench.transcripts import CONVERSATIONS, PageFigures, conversion_times

MESSAGES = 50


def measure_decoding() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stock, peer = stock_client(Path(folder)).models.Conversation, pydantic_conversation()
    body = zild_conversation(MESSAGES)
    show_times(decode_times(body, stock, peer))
    show_memory(orjson.dumps(body), peer)


def decode_times(body: dict[str, Any], stock: Any, peer: Any) -> dict[str, float]:
    clean = orjson.dumps(body)
    ten, fifty = (orjson.dumps(drifting(body, deviations)) for deviations in (10, 50))
    return microseconds(
        {
            "orjson alone": lambda: orjson.loads(clean),
            "msgspec alone": lambda: msgspec.json.decode(clean),
            "pydantic": lambda: peer.model_validate_json(clean),
            "stock": lambda: stock.from_dict(json.loads(clean)),
            "from_dict": lambda: get_provider("zild").model.from_dict(json.loads(clean)),
            "checked": _checked(clean),
            "checked, 10 deviations": _checked(ten),
            "checked, 50 deviations": _checked(fifty),
            "decode": lambda: decode("zild", clean),
            "decode, 10 deviations": lambda: decode("zild", ten),
        }
    )


def measure_redaction() -> None:
    show_redaction(redaction_times(redaction_body()))


def redaction_times(body: dict[str, Any]) -> dict[str, float]:
    raw = orjson.dumps(body)
    conversation, plain, keyed = decode("zild", raw), Redactor(), Redactor(key=bytes(32))
    return microseconds(
        {
            "decode": lambda: decode("zild", raw),
            "redact": lambda: plain(conversation),
            "redact, with a key": lambda: keyed(conversation),
        }
    )


def show_redaction(times: dict[str, float]) -> None:
    print(f"\nredaction of {REDACTED_MESSAGES} messages, time by their decode                          bar")
    for name in ("redact", "redact, with a key"):
        print(f"  {name:<26}{times[name] / times['decode']:26.2f}  {'1.0 at most' if name == 'redact' else ''}")


def _checked(raw: bytes) -> Callable[[], object]:
    """Return a function that reads a body to the generated model with the drift check, as decode does."""
    model, validator = get_provider("zild").model, validator_for("zild")

    def read() -> object:
        data = orjson.loads(raw)
        validator.validate(data)
        return model.from_checked(data)

    return read


def show_times(times: dict[str, float]) -> None:
    print(f"decoding {MESSAGES} messages       time by pydantic's")
    for name, time in times.items():
        print(f"  {name:<26}{time / times['pydantic']:18.2f}")
    lines = [
        ("checked: speed by pydantic's", times["pydantic"] / times["checked"], "1.0", "1.5"),
        ("checked: speed by stock code's", times["stock"] / times["checked"], "2.5", "5"),
        ("decode: time by pydantic's", times["decode"] / times["pydantic"], "1.5 at most", "1.0"),
        ("10 deviations: time by clean", times["checked, 10 deviations"] / times["checked"], "1.5 at most", "1.1"),
        ("decode, 10 deviations, by clean", times["decode, 10 deviations"] / times["decode"], "1.5 at most", ""),
    ]
    print(f"\n{'':<34}{'measured':>10}  {'bar':<12} moonshot")
    for name, ratio, bar, moonshot in lines:
        print(f"{name:<34}{ratio:>10.2f}  {bar:<12} {moonshot}")


def show_memory(raw: bytes, peer: Any) -> None:
    """Print the memory of one decoded conversation, divided by the size of its body."""
    decoders: dict[str, Callable[[], Any]] = {
        "decode, with source and raw": lambda: decode("zild", bytes(bytearray(raw))),
        "pydantic": lambda: peer.model_validate_json(raw),
        "orjson": lambda: orjson.loads(raw),
    }
    print(f"\nmemory of one conversation, by the {len(raw) / 1024:.0f} KB of its body")
    for name, decode_one in decoders.items():
        decode_one()
        tracemalloc.start()
        kept = [decode_one() for _ in range(20)]
        size = tracemalloc.get_traced_memory()[0] / len(kept)
        tracemalloc.stop()
        print(f"  {name:<30}{size / len(raw):6.2f}")


def show_network(times: dict[int, dict[str, float]]) -> None:
    print("\none conversation over loopback, time by bare httpx with json         bar  moonshot")
    for messages, times_by_client in times.items():
        ratio = times_by_client["client.get"] / times_by_client["httpx and json"]
        print(f"  client.get, {messages} messages {ratio:35.2f}  0.7 at most  0.6")


def show_imports(times: dict[str, float]) -> None:
    print("\nimport, time by httpx's                                              bar  moonshot")
    for name, time in times.items():
        bar = "1.0 at most  0.5" if name == "conversas" else ""
        print(f"  {name:<24}{time / times['httpx']:28.2f}  {bar}")


def show_starts(times: dict[str, float]) -> None:
    print("\na process from start to end         ms    by python alone      bar  moonshot")
    for name, time in times.items():
        bar = "150 ms     80 ms" if name == "conversas --version" else ""
        print(f"  {name:<26}{time:10.0f}{time / times['python -c pass']:19.1f}   {bar}")


def show_many(rates: dict[str, float]) -> None:
    print("\n6,000 conversations of 10 messages, 32 at a time, speed by a bare loop")
    for name, rate in rates.items():
        bar = "0.5 at least  1.0" if name == "export" else ""
        print(f"  {name:<26}{rate / rates['aiohttp and orjson']:26.2f}  {bar}")
    print(f"  export, by stock client   {rates['export'] / rates['stock client']:26.2f}  7 at least  15")


def show_peaks(peaks: dict[int, float]) -> None:
    print("\npeak memory of an export          MiB   by the shorter one")
    shortest = min(peaks)
    for count, peak in peaks.items():
        bar = "1.05 at most, and 150 MiB" if count != shortest else ""
        print(f"  {count:>7,} conversations{peak:15.0f}{peak / peaks[shortest]:12.2f}   {bar}")


def show_long_peaks(peaks: dict[str, float]) -> None:
    print(f"\nexport of {LONG_CONVERSATIONS} conversations of {LONG_MESSAGES:,} messages, peak memory in MiB")
    for form, peak in peaks.items():
        print(f"  {form:<26}{peak:26.0f}  below 300")


def show_pace(name: str, measured: Pace) -> None:
    print(f"\n3,000 refs against 50 requests a second, {name}")
    print(f"  by the limit {measured.share_of_limit:42.2f}  0.9 at least")
    print(f"  refused {measured.share_refused * 100:45.1f} %  2 % at most")


def show_conversions(times: dict[str, float], page: PageFigures) -> None:
    print(f"\n{CONVERSATIONS:,} conversations of an export     s   by read_export")
    for name, seconds in times.items():
        bar = "1.3 at most" if name == "chat" else ""
        print(f"  {name:<26}{seconds:8.1f}{seconds / times['read_export']:16.2f}   {bar}")
    print(f"  one page, {page.mib:.1f} MiB         {page.seconds_to_write:8.1f}{'12 MB at most':>31}")
    for name, figure in (page.browser or {}).items():
        print(f"    {name:<24}{figure:8.2f}")


def measure_limits() -> None:
    show_pace("without Retry-After", pace(retry_after=False))
    show_pace("with Retry-After", pace(retry_after=True))


REPORTS: dict[str, Callable[[], None]] = {
    "decoding": measure_decoding,
    "redaction": measure_redaction,
    "get": lambda: show_network({count: get_times(orjson.dumps(zild_conversation(count))) for count in (10, MESSAGES)}),
    "imports": lambda: show_imports(import_times()),
    "starts": lambda: show_starts(start_times()),
    "many": lambda: show_many(many_rates()),
    "memory": lambda: show_peaks(export_peaks(10_000, 100_000)),
    "long-memory": lambda: show_long_peaks(long_peaks()),
    "limits": measure_limits,
    "transcripts": lambda: show_conversions(*conversion_times()),
}
