"""Peak memory of exports over loopback: of a long export next to a short export, and of one with long conversations."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from conversas import Client, Zild, export
from tools.bench.bodies import zild_conversation
from tools.bench.latency import fixed_server
from tools.bench.nginx import static_server

MESSAGES = 10
AT_A_TIME = 32
LONG_CONVERSATIONS, LONG_MESSAGES = 400, 5_000
FORMS: dict[str, dict[str, Any]] = {
    "jsonl": {},
    "jsonl, raw": {"raw": True},
    "parquet": {"format": "parquet"},
    "parquet, raw": {"format": "parquet", "raw": True},
}


def export_all(url: str, count: int, **options: Any) -> int:
    """Export `count` conversations. Return how many were fetched."""
    with TemporaryDirectory() as folder, Client(Zild(url, "token")) as client:
        refs = (f"zild:{number}" for number in range(1, count + 1))
        return export(refs, to=Path(folder) / "export", client=client, concurrency=AT_A_TIME, **options).fetched


def export_peaks(*counts: int) -> dict[int, float]:
    """Return the peak memory, in MiB, of a process for each number of conversations to export."""
    with static_server(max(counts), MESSAGES) as url:
        return {count: _peak(url, count, "jsonl") for count in counts}


def long_peaks() -> dict[str, float]:
    """Return the peak memory, in MiB, of an export of long conversations in each form."""
    body = orjson.dumps(zild_conversation(LONG_MESSAGES) | {"id": "@id@"})
    with fixed_server(body) as url:
        return {form: _peak(url, LONG_CONVERSATIONS, form) for form in FORMS}


def _peak(url: str, count: int, form: str) -> float:
    command = [sys.executable, "-m", "tools.bench.export_memory", url, str(count), form]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def main() -> None:
    import resource

    url, count, form = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    assert export_all(url, count, **FORMS[form]) == count
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
