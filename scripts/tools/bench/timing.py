"""Times several ways of doing one thing, in turns, so that a busy machine slows all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping


def microseconds(ways: Mapping[str, Callable[[], object]], *, rounds: int = 150, repeats: int = 10) -> dict[str, float]:
    """Give the best time of each way, in microseconds."""
    best = dict.fromkeys(ways, float("inf"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, way in ways.items():
                started = time.perf_counter()
                for _ in range(repeats):
                    way()
                best[name] = min(best[name], (time.perf_counter() - started) / repeats * 1e6)
    finally:
        gc.enable()
    return best
