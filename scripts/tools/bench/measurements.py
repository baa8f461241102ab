"""Measurements of one revision, through its public names alone.

Each revision runs this file as a program. The program imports no other file of this checkout, and only names of
conversas that every revision has. `python -P measurements.py NAME BODIES URL SECONDS REFS` prints the seconds of one
operation.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from conversas import Conversation

BATCHES = 5
FEWEST_BATCHES = 3  # even if an operation takes so long that they exceed the budget


@dataclass(frozen=True)
class Inputs:
    """Inputs that both revisions share."""

    bodies: Path
    """Folder of the bodies: `zild-10.json`."""
    url: str
    """Base URL of a server that has a Zild conversation for each id."""
    refs: int
    """Number of conversations in a run of many conversations."""


Operation = Callable[[], object]
Prepare = Callable[[Inputs, ExitStack], Operation]


@dataclass(frozen=True)
class Measurement:
    """One line of the comparison."""

    prepare: Prepare
    clock: Callable[[], float] = time.process_time
    per_ref: bool = False
    """Whether the operation is a run of many conversations. Its time is then divided by their number."""

    def seconds(self, inputs: Inputs, budget: float) -> float:
        """Return the seconds of one operation: the best of several batches, which take about `budget` seconds in total.

        A batch runs the operation several times.
        """
        with ExitStack() as stack:
            operation = self.prepare(inputs, stack)
            operation()  # opens connections, imports modules and fills caches
            best = min(self._batches(operation, budget))
        return best / inputs.refs if self.per_ref else best

    def _batches(self, operation: Operation, budget: float) -> Iterator[float]:
        gc.collect()
        ends = time.perf_counter() + budget
        once = self._batch(operation, 1)
        yield once
        repeats = max(1, int(budget / BATCHES / max(once, 1e-6)))
        for number in count(1):
            if number >= FEWEST_BATCHES and time.perf_counter() >= ends:
                return
            yield self._batch(operation, repeats)

    def _batch(self, operation: Operation, repeats: int) -> float:
        started = self.clock()
        for _ in range(repeats):
            operation()
        return (self.clock() - started) / repeats


def _decode(file: str) -> Prepare:
    def prepare(inputs: Inputs, _: ExitStack) -> Operation:
        from conversas import decode

        provider, body = file.partition("-")[0], (inputs.bodies / file).read_bytes()
        return lambda: decode(provider, body)

    return prepare


def _to_dict(inputs: Inputs, _: ExitStack) -> Operation:
    return _conversation(inputs).to_dict


def _from_dict(inputs: Inputs, _: ExitStack) -> Operation:
    from conversas import Conversation

    data = _conversation(inputs).to_dict()
    return lambda: Conversation.from_dict(data)


def _conversation(inputs: Inputs) -> "Conversation":
    from conversas import decode

    return decode("zild", (inputs.bodies / "zild-50.json").read_bytes())


def _get(inputs: Inputs, stack: ExitStack) -> Operation:
    client = _client(inputs, stack)
    return lambda: client.get("zild:1")


def _get_many(inputs: Inputs, stack: ExitStack) -> Operation:
    from conversas import Fetched

    client, refs = _client(inputs, stack), _refs(inputs)

    def run() -> None:
        _check_count(sum(isinstance(outcome, Fetched) for outcome in client.get_many(refs)), inputs)

    return run


def _get_many_by_httpx(inputs: Inputs, stack: ExitStack) -> Operation:
    modules: dict[str, Any] = sys.modules
    modules["pycurl"] = modules["httptools"] = None  # as if the extra `fast` of either revision were not installed
    return _get_many(inputs, stack)


def _export(form: Literal["jsonl", "parquet"]) -> Prepare:
    def prepare(inputs: Inputs, stack: ExitStack) -> Operation:
        from conversas import export

        client, refs, folders = _client(inputs, stack), _refs(inputs), _new_folders(stack)

        def run() -> None:
            _check_count(export(refs, to=next(folders), client=client, format=form).fetched, inputs)

        return run

    return prepare


def _read_export(inputs: Inputs, stack: ExitStack) -> Operation:
    from conversas import export, read_export

    folder = next(_new_folders(stack))
    export(_refs(inputs), to=folder, client=_client(inputs, stack))
    return lambda: _check_count(sum(1 for _ in read_export(folder)), inputs)


def _client(inputs: Inputs, stack: ExitStack) -> Any:
    from conversas import Client, Zild

    return stack.enter_context(Client(Zild(inputs.url, "token")))


def _refs(inputs: Inputs) -> list[str]:
    return [f"zild:{number}" for number in range(1, inputs.refs + 1)]


def _new_folders(stack: ExitStack) -> Iterator[Path]:
    parent = Path(stack.enter_context(TemporaryDirectory()))
    return (parent / str(number) for number in count())


def _check_count(found: int, inputs: Inputs) -> None:
    if found != inputs.refs:
        raise RuntimeError(f"the run must have {inputs.refs} conversations, got {found}")


MEASUREMENTS = {
    "decode, Zild, 10 messages": Measurement(_decode("zild-10.json")),
    "decode, Zild, 50 messages": Measurement(_decode("zild-50.json")),
    "decode, Superagentes, 10 messages": Measurement(_decode("superagentes-10.json")),
    "decode, Superagentes, 50 messages": Measurement(_decode("superagentes-50.json")),
    "decode, 10 deviations": Measurement(_decode("zild-drifting.json")),
    "to_dict, 50 messages": Measurement(_to_dict),
    "from_dict, 50 messages": Measurement(_from_dict),
    "client.get": Measurement(_get),
    "client.get, elapsed": Measurement(_get, time.perf_counter),
    "get_many": Measurement(_get_many, per_ref=True),
    "get_many, elapsed": Measurement(_get_many, time.perf_counter, per_ref=True),
    "get_many, without fast": Measurement(_get_many_by_httpx, per_ref=True),
    "export to jsonl": Measurement(_export("jsonl"), per_ref=True),
    "export to parquet": Measurement(_export("parquet"), per_ref=True),
    "read_export": Measurement(_read_export, per_ref=True),
}


def main() -> None:
    name, bodies, url, seconds, refs = sys.argv[1:]
    print(MEASUREMENTS[name].seconds(Inputs(Path(bodies), url, int(refs)), float(seconds)))


if __name__ == "__main__":
    main()
