"""A process that kills itself at one step of what it does to an export."""

import subprocess
import sys
from pathlib import Path

_KILLED = """
import os, signal, sys
from conversas import Export
steps, names = 0, {"execute", "executemany", "fsync", "rename", "unlink", "close", "write", "writestr", "write_batch"}
def step(frame, event, function):
    global steps
    if event == "c_call" and function.__name__ in names:
        steps += 1
        if steps == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
method = getattr(Export(sys.argv[1]), sys.argv[2])
sys.setprofile(step)
method(*([sys.argv[4:]] if sys.argv[4:] else []))
sys.setprofile(None)
print(steps)
"""


def call_and_kill(folder: Path, method: str, *refs: str, kill_at: int) -> subprocess.CompletedProcess[str]:
    """Call a method of `Export` in another process, which kills itself at this step, or prints how many there were."""
    arguments = [sys.executable, "-c", _KILLED, str(folder), method, str(kill_at), *refs]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)
