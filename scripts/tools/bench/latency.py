"""Times of one conversation over the network and of imports, each compared with httpx."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from conversas import Client, Zild
from tools.bench.timing import microseconds

IMPORTS = {
    "httpx": "import httpx",
    "conversas": "import conversas",
    "conversas, decode": "from conversas import decode",
    "conversas, Client": "from conversas import Client",
}
BEST_OF = 15


@contextmanager
def fixed_server(body: bytes) -> Iterator[str]:
    """Serve one body from another process. Yield the base URL."""
    command = [sys.executable, "-m", "tools.bench.fixed_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"%d\n" % len(body) + body)
        process.stdin.flush()
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


def get_times(body: bytes) -> dict[str, float]:
    """Return the microseconds for one conversation with bare httpx and json, and with the client."""
    with fixed_server(body) as url, httpx.Client() as bare, Client(Zild(url, "token")) as client:
        id_ = json.loads(body)["id"]
        address, headers = f"{url}/api/Conversation/{id_}", {"Authorization": "Bearer token"}
        return microseconds(
            {
                "httpx and json": lambda: json.loads(bare.get(address, headers=headers).content),
                "client.get": lambda: client.get(f"zild:{id_}"),
            },
            rounds=60,
        )


def import_times() -> dict[str, float]:
    """Return the microseconds of each import in a fresh process, without the start of Python."""
    best = dict.fromkeys(IMPORTS, float("inf"))
    for _ in range(BEST_OF):
        for name, statement in IMPORTS.items():
            code = f"import time; started = time.perf_counter(); {statement}; print(time.perf_counter() - started)"
            printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
            best[name] = min(best[name], float(printed) * 1e6)
    return best
