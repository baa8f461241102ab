"""One conversation over the network, and what importing costs, each by httpx's."""

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
    """Serve one body from a process of its own; give its address."""
    command = [sys.executable, "-m", "tools.bench.fixed_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"%d\n" % len(body) + body)
        process.stdin.flush()
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


def get_times(body: bytes) -> dict[str, float]:
    """Time one conversation from a server of its own: bare httpx with json, and the client. In microseconds."""
    with fixed_server(body) as url, httpx.Client() as bare, Client(Zild(url, "token")) as client:
        address, headers = f"{url}/api/Conversation/1", {"Authorization": "Bearer token"}
        return microseconds(
            {
                "httpx and json": lambda: json.loads(bare.get(address, headers=headers).content),
                "client.get": lambda: client.get("zild:1"),
            },
            rounds=60,
        )


def import_times() -> dict[str, float]:
    """Time imports in a process each, in microseconds, without the start of Python."""
    best = dict.fromkeys(IMPORTS, float("inf"))
    for _ in range(BEST_OF):
        for name, statement in IMPORTS.items():
            code = f"import time; started = time.perf_counter(); {statement}; print(time.perf_counter() - started)"
            printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
            best[name] = min(best[name], float(printed) * 1e6)
    return best
