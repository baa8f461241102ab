"""Reports that compare this package with its peers, as ratios."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import orjson

from tools.bench.bodies import zild_conversation
from tools.bench.decoding import MESSAGES, measure_decoding
from tools.bench.export_memory import LONG_CONVERSATIONS, LONG_MESSAGES, export_peaks, long_peaks
from tools.bench.latency import get_times, import_times
from tools.bench.offline import measure_offline
from tools.bench.rate_limit import Pace, pace
from tools.bench.redaction import measure_redaction
from tools.bench.startup import start_times
from tools.bench.throughput import many_rates
from tools.bench.transcripts import CONVERSATIONS, PageFigures, conversion_times


def show_network(times: dict[int, dict[str, float]]) -> None:
    print("\none conversation over loopback, time / bare httpx with json          target  ambitious")
    for messages, times_by_client in times.items():
        ratio = times_by_client["client.get"] / times_by_client["httpx and json"]
        print(f"  client.get, {messages} messages {ratio:35.2f}  0.6 at most")


def show_imports(times: dict[str, float]) -> None:
    print("\nimport, time / httpx                                                 target  ambitious")
    for name, time in times.items():
        target = "1.0 at most  0.5" if name == "conversas" else ""
        print(f"  {name:<24}{time / times['httpx']:28.2f}  {target}")


def show_starts(times: dict[str, float]) -> None:
    print("\na process from start to end         ms     / python alone   target  ambitious")
    for name, time in times.items():
        target = "150 ms     80 ms" if name == "conversas --version" else ""
        print(f"  {name:<26}{time:10.0f}{time / times['python -c pass']:19.1f}   {target}")


def show_many(rates: dict[str, float]) -> None:
    print("\n6,000 conversations of 10 messages, 32 at a time, speed / a bare loop")
    for name, rate in rates.items():
        target = "0.9 at least" if name == "export" else ""
        print(f"  {name:<26}{rate / rates['aiohttp and orjson']:26.2f}  {target}")
    print(f"  export / stock client     {rates['export'] / rates['stock client']:26.2f}  7 at least  15")


def show_peaks(peaks: dict[int, float]) -> None:
    print("\npeak memory of an export          MiB   / the short export")
    shortest = min(peaks)
    for count, peak in peaks.items():
        target = "1.05 at most, and 150 MiB" if count != shortest else ""
        print(f"  {count:>7,} conversations{peak:15.0f}{peak / peaks[shortest]:12.2f}   {target}")


def show_long_peaks(peaks: dict[str, float]) -> None:
    print(f"\nexport of {LONG_CONVERSATIONS} conversations of {LONG_MESSAGES:,} messages, peak memory in MiB")
    for form, peak in peaks.items():
        print(f"  {form:<26}{peak:26.0f}  below 300")


def show_pace(name: str, measured: Pace) -> None:
    print(f"\n3,000 refs with a limit of 50 requests a second, {name}")
    print(f"  speed / limit{measured.share_of_limit:42.2f}  0.9 at least")
    print(f"  refused {measured.share_refused * 100:45.1f} %  2 % at most")


def show_conversions(times: dict[str, float], page: PageFigures) -> None:
    print(f"\n{CONVERSATIONS:,} conversations of an export     s   / read_export")
    for name, seconds in times.items():
        target = "1.3 at most" if name == "chat" else ""
        print(f"  {name:<26}{seconds:8.1f}{seconds / times['read_export']:16.2f}   {target}")
    print(f"  one page, {page.mib:.1f} MiB         {page.seconds_to_write:8.1f}{'12 MB at most':>31}")
    for name, figure in (page.browser or {}).items():
        print(f"    {name:<24}{figure:8.2f}")


def measure_limits() -> None:
    show_pace("without Retry-After", pace(retry_after=False))
    show_pace("with Retry-After", pace(retry_after=True))


def measure_spark() -> None:
    """Print the speed of Spark, measured in its own environment, if that environment exists."""
    python = Path(".venv-engines/bin/python")
    if not python.exists():
        print(".venv-engines is missing: run scripts/test-engines to create it")
        return
    subprocess.run([python, "-m", "tools.bench.spark_decode"], check=True)


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
    "offline": measure_offline,
    "spark": measure_spark,
    "transcripts": lambda: show_conversions(*conversion_times()),
}
