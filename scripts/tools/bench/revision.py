"""Revisions of this repository to measure: the working tree, and a temporary checkout of another revision."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

ROOT = Path(__file__).parents[3]


class RevisionError(Exception):
    """A revision cannot be checked out, set up or measured."""


@frozen
class Revision:
    """A checkout, and the interpreter that has its dependencies."""

    name: str
    root: Path
    python: str = sys.executable

    def run(self, *arguments: str) -> str:
        """Return the output of a Python process that imports the packages of this checkout.

        Raises:
            RevisionError: The process failed. The message is the last line of its error output.
        """
        packages = os.pathsep.join(str(self.root / folder) for folder in ("generated", "overrides"))
        environment = {**os.environ, "PYTHONPATH": packages, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise each process compiles what it imports
        return _run([self.python, "-P", *arguments], environment=environment)

    def check(self) -> None:
        """Compile the packages, and check that a process imports them from this checkout, not an installed copy.

        Raises:
            RevisionError: Another copy is imported, or the import fails.
        """
        self.run("-m", "compileall", "-q", str(self.root / "generated"), str(self.root / "overrides"))
        for package in ("conversas", "conversas_api"):
            file = self.run("-c", f"import {package}; print({package}.__file__)").strip()
            if not Path(file).resolve().is_relative_to(self.root.resolve()):
                raise RevisionError(f"{package} must be imported from {self.root}, got {file}")


@contextmanager
def checked_out(name: str) -> Iterator[Revision]:
    """Check out a revision into a temporary folder, which is removed at the end. Yield the revision.

    Raises:
        RevisionError: The revision does not exist, or its dependencies cannot be installed.
    """
    with TemporaryDirectory(prefix="conversas-bench-") as temporary:
        root = Path(temporary) / "checkout"
        git = ["git", "-C", str(ROOT), "worktree"]
        try:
            _run([*git, "add", "--quiet", "--detach", str(root), name])
            yield Revision(name, root, _interpreter(root, Path(temporary)))
        finally:
            subprocess.run([*git, "remove", "--force", str(root)], capture_output=True, check=False)


def _interpreter(root: Path, temporary: Path) -> str:
    """Return this interpreter; if the checkout has different dependencies, a new interpreter with them."""
    pins = _pins(root)
    if pins == _pins(ROOT):
        return sys.executable
    requirements, environment = temporary / "requirements.txt", temporary / "environment"
    requirements.write_text(pins, encoding="utf-8")
    python = str(environment / "bin" / "python")
    _run([sys.executable, "-m", "venv", str(environment)])
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes"]
    _run([*install, "--python", python, "-r", str(requirements)])
    return python


def _pins(root: Path) -> str:
    """Return the pinned dependencies of the package with its extras. Only the development file has pyarrow."""
    run, dev = ((root / "requirements" / name).read_text("utf-8") for name in ("run.txt", "dev.txt"))
    lines = dev.splitlines(keepends=True)
    begins = next((number for number, line in enumerate(lines) if line.startswith("pyarrow==")), len(lines))
    block = lines[begins : begins + 1]
    block += _until_next_package(lines[begins + 1 :])
    return run + "".join(block)


def _until_next_package(lines: Sequence[str]) -> list[str]:
    ends = next((number for number, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    return list(lines[:ends])


def _run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> str:
    result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    if result.returncode:
        raise RevisionError((result.stderr.strip() or f"exit code {result.returncode}").splitlines()[-1])
    return result.stdout
