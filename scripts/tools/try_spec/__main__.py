"""Command line of scripts/try-spec."""

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from tools.regenerate.generate import SCRIPTS, build_client
from tools.regenerate.reduced.api import Operation
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.spec import Spec
from tools.regenerate.template_values import module_of
from tools.regenerate.verification import problems_of
from tools.try_spec.selection import Key, load_selectable, operations_of, selected
from tools.try_spec.trial import Trial

PACKAGE = "tried"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try a spec. Return the exit code: 1 if an operation is not supported, or a body is not read correctly."""
    parser = argparse.ArgumentParser(
        prog="scripts/try-spec",
        description="Report for each operation of a spec whether a client can be generated or what is not supported, "
        "and read random and changed bodies with the client.",
    )
    parser.add_argument("file", type=Path, help="a spec in OpenAPI 3.0 or 3.1, as YAML or JSON")
    parser.add_argument(
        "--bodies",
        type=int,
        default=300,
        metavar="N",
        help="number of valid bodies, and of changed bodies, for each operation (default: 300)",
    )
    parser.add_argument("--method", metavar="METHOD", help="try only operations with this method, for example get")
    options = parser.parse_args(arguments)
    try:
        document = load_selectable(options.file)
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    keys = [key for key in operations_of(document) if options.method in (None, key[0])]
    told = {key: problems for key in keys if (problems := reduce_document(selected(document, [key])).problems)}
    made = [key for key in keys if key not in told]
    with tempfile.TemporaryDirectory() as folder:
        faults = _report(document, made, told, Path(folder), options.bodies)
    print(f"Supported operations: {len(made)} of {len(keys)}. Faults: {faults}.")
    return 1 if told or faults else 0


def _report(
    document: dict[str, Any], made: list[Key], told: dict[Key, tuple[Problem, ...]], folder: Path, count: int
) -> int:
    for (method, path), problems in told.items():
        print(f"unsupported  {method} {path}")
        print("".join(f"      {problem.pointer or '/'}: {problem.text}\n" for problem in problems), end="")
    if not made:
        return 0
    spec, found = _built(selected(document, made), folder)
    for problem in found:
        print(f"fault {problem.pointer}: {problem.text}")
    faults = len(found)
    for operation in spec.api.operations if not found else ():
        wrong = list(_tried(spec, operation, folder, count))
        result = f"faults: {len(wrong)}" if wrong else "every body is read"
        print(f"supported  {operation.method} {operation.path}: {result}")
        print("".join(f"      {fault}\n" for fault in wrong[:3]), end="")
        faults += len(wrong)
    return faults


def _built(document: dict[str, Any], folder: Path) -> tuple[Spec, list[Problem]]:
    """Build the client of a document. Return its spec, and what is wrong with the client."""
    spec = Spec(PACKAGE, b"", document, reduce_document(document).api)
    package = folder / PACKAGE
    try:
        build_client(evolve(spec, content=json.dumps(document).encode()), package, config=SCRIPTS / "generator.yaml")
    except SpecError as error:
        return spec, list(error.problems)
    return spec, list(problems_of(package))


def _tried(spec: Spec, operation: Operation, folder: Path, count: int) -> Iterator[str]:
    answer = operation.answer
    if answer is None:
        return
    sys.path.insert(0, str(folder))
    try:
        endpoint = importlib.import_module(f"{PACKAGE}.api.{operation.tag}.{operation.function}")
        read = getattr(endpoint, "read_checked", None)
        if read is None:
            name = str(getattr(spec.api.follow(answer), "class_name"))  # noqa: B009  # objects have it
            read = getattr(importlib.import_module(f"{PACKAGE}.models.{module_of(name)}"), name).from_checked
        schema = json.loads((folder / PACKAGE / f"{operation.file}.schema.json").read_bytes())
        yield from Trial(schema, read).faults(count)
    finally:
        sys.path.remove(str(folder))


if __name__ == "__main__":
    sys.exit(main())
