"""Peak memory of a long export over loopback, next to that of a short one."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from conversas import Client, Zild, export
from tools.bench.nginx import static_server

MESSAGES = 10
AT_A_TIME = 32


def export_all(url: str, count: int) -> int:
    """Export this many conversations. Return how many were fetched."""
    with TemporaryDirectory() as folder, Client(Zild(url, "token")) as client:
        refs = (f"zild:{number}" for number in range(1, count + 1))
        return export(refs, to=Path(folder) / "export", client=client, concurrency=AT_A_TIME).fetched


def export_peaks(*counts: int) -> dict[int, float]:
    """Return the peak memory, in MiB, of a process for each number of conversations to export."""
    with static_server(max(counts), MESSAGES) as url:
        return {count: _peak(url, count) for count in counts}


def _peak(url: str, count: int) -> float:
    command = [sys.executable, "-m", "tools.bench.export_memory", url, str(count)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def main() -> None:
    import resource

    url, count = sys.argv[1], int(sys.argv[2])
    assert export_all(url, count) == count
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
