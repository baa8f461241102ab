"""Report on converting raw bodies to Parquet: CPU time divided by that of DuckDB, which reads the bodies untyped."""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import orjson

from conversas import decode
from conversas.arrow import to_table
from tools.bench.bodies import zild_conversation

BODIES, MESSAGES, ROUNDS = 2_000, 10, 5
AT_A_TIME = 500


def measure_offline() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        body = orjson.dumps(zild_conversation(MESSAGES))
        bodies = [body.replace(b'"id":123', b'"id":%d' % number, 1) for number in range(BODIES)]
        (folder / "bodies.jsonl").write_bytes(b"\n".join(bodies))
        ours = _cpu_seconds(lambda: _write(bodies, folder / "ours.parquet"))
        duck = _cpu_seconds(lambda: _write_by_duckdb(folder))
    print(f"\n{BODIES:,} raw bodies of {MESSAGES} messages to Parquet, CPU time / DuckDB      target")
    print(f"  decode and to_table{ours / duck:39.2f}  1.7 at most")


def _write(bodies: list[bytes], path: Path) -> None:
    with import_module("pyarrow.parquet").ParquetWriter(path, to_table([]).schema) as writer:
        for start in range(0, len(bodies), AT_A_TIME):
            writer.write_table(to_table(decode("zild", body) for body in bodies[start : start + AT_A_TIME]))


def _write_by_duckdb(folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.read_json(str(folder / "bodies.jsonl")).write_parquet(str(folder / "duckdb.parquet"))


def _cpu_seconds(function: Callable[[], None]) -> float:
    """Return the CPU seconds of a call, including its threads: the best of several rounds."""
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        function()
        times.append(time.process_time() - started)
    return min(times)
