"""Times of a process from start to end: Python alone, with httpx, and the command line."""

import subprocess
import sys
import time
from pathlib import Path

CONVERSAS = str(Path(sys.executable).with_name("conversas"))
PROCESSES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    'python -c "import httpx"': [sys.executable, "-c", "import httpx"],
    "conversas --version": [CONVERSAS, "--version"],
    "conversas --help": [CONVERSAS, "--help"],
    "conversas get --help": [CONVERSAS, "get", "--help"],
}
BEST_OF = 15


def start_times() -> dict[str, float]:
    """Return the best time of each process, in milliseconds. The processes run in turns."""
    best = dict.fromkeys(PROCESSES, float("inf"))
    for _ in range(BEST_OF):
        for name, command in PROCESSES.items():
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            best[name] = min(best[name], (time.perf_counter() - started) * 1e3)
    return best
