"""Timing of several functions in turns, so that a busy machine slows all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping


def microseconds(
    functions: Mapping[str, Callable[[], object]], *, rounds: int = 150, repeats: int = 10
) -> dict[str, float]:
    """Return the best time of each function, in microseconds."""
    best = dict.fromkeys(functions, float("inf"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, function in functions.items():
                started = time.perf_counter()
                for _ in range(repeats):
                    function()
                best[name] = min(best[name], (time.perf_counter() - started) / repeats * 1e6)
    finally:
        gc.enable()
    return best
