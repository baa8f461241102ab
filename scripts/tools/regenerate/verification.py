"""Check of a package before it replaces the old package: it must be importable and strictly typed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.regenerate.generate import SCRIPTS
from tools.regenerate.reduced.problems import Problem

CHECKOUT = SCRIPTS.parent
MYPY_CACHE = CHECKOUT / ".mypy_cache" / "regenerate"
MYPY_OPTIONS = (
    "--config-file",
    str(Path(__file__).with_name("mypy.ini")),
    "--no-error-summary",
    "--hide-error-context",
)
IMPORT_ALL = """\
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""


def problems_of(package: Path) -> Iterator[Problem]:
    """Yield what is wrong with a new package. Every problem is a fault of the templates, not of the spec."""
    with _run(package, "-m", "mypy", *MYPY_OPTIONS, "--cache-dir", str(MYPY_CACHE), "-p", package.name) as types:
        with _run(package, "-c", IMPORT_ALL, package.name) as imports:
            _, error = imports.communicate()
        found, failure = types.communicate()
    if imports.returncode:
        yield Problem("the import of the client", error.strip().rpartition("\n")[2])
    if types.returncode:
        yield from (Problem("the types of the client", line) for line in (found or failure).strip().splitlines()[:20])


def _run(package: Path, *arguments: str) -> "subprocess.Popen[str]":
    paths = os.pathsep.join(map(str, (package.parent, CHECKOUT / "generated", CHECKOUT / "overrides")))
    environment = os.environ | {"PYTHONPATH": paths, "MYPYPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], env=environment, cwd=package.parent, stdout=pipe, stderr=pipe, text=True
    )
