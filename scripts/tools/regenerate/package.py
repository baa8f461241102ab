"""A package of clients, built as a whole in a new folder. The package of this project also gets the runtime."""

import keyword
from collections.abc import Sequence
from pathlib import Path

from tools.regenerate.generate import SCRIPTS, TEMPLATES, format_clients, headed, write_client
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.spec import Spec

OURS = "conversas_api"
"""Package of this project. Only this package has the runtime; clients in other packages import it from here."""

RUNTIME = TEMPLATES / "runtime"
INIT = '"""Clients generated from the specs in openapi/."""\n'


def build_package(specs: Sequence[Spec], folder: Path) -> None:
    """Write a package with a client for each spec into `folder`, which must not exist yet.

    Raises:
        SpecError: A client cannot be built.
    """
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(headed("openapi/", INIT), "utf-8")
    (folder / "py.typed").touch()
    if folder.name == OURS:
        _write_runtime(folder / "runtime")
    for spec in specs:
        if not is_package_name(spec.name) or spec.name == "runtime":
            raise SpecError(
                f"{spec.name}.yaml", [Problem("/", "the file name must be a valid package name, and not `runtime`")]
            )
        write_client(spec, folder / spec.name, config=SCRIPTS / "generator.yaml")
    format_clients({folder / spec.name: spec for spec in specs})


def is_package_name(name: str) -> bool:
    """Return whether Python can import a package of this name."""
    return name.isidentifier() and not keyword.iskeyword(name)


def _write_runtime(folder: Path) -> None:
    folder.mkdir()
    for module in sorted(RUNTIME.glob("*.py")):
        source = f"scripts/templates/runtime/{module.name}"
        (folder / module.name).write_text(headed(source, module.read_text("utf-8")), "utf-8")
