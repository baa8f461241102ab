"""Command line of scripts/check-spec-changes."""

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from tools.check_spec_changes.redocly import JudgeMissing
from tools.check_spec_changes.version_check import CHANGELOG, check
from tools.regenerate.reduced.problems import SpecError

ROOT = Path(__file__).parents[3]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/check-spec-changes",
        description="Show what changed in the specs since their last release, and whom each change breaks. Exit with 1 "
        "if info.version or the changelog does not match.",
    )
    parser.add_argument(
        "base",
        metavar="BASE",
        nargs="?",
        help="a commit, branch or tag to compare the specs with (default: the last release, openapi/released/)",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        released = options.root / "openapi" / "released"
        if options.base is not None:
            released = Path(temporary)
            if problem := _extract(options.root, options.base, released):
                parser.error(problem)
        try:
            return _check(options.root, released)
        except (JudgeMissing, SpecError) as error:
            print(error, file=sys.stderr)
            return 1


def _extract(root: Path, commit: str, folder: Path) -> str | None:
    """Extract the specs of a commit into a folder. Return the problem, if there is one."""
    command = ["git", "archive", "--format=tar", f"{commit}:openapi"]
    archived = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if archived.returncode:
        return f"git has no openapi/ at {commit}; a shallow clone may have to fetch it first"
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return None


def _check(root: Path, released: Path) -> int:
    changelog = (root / CHANGELOG).read_text("utf-8")
    problems: list[str] = []
    specs = {file.name: file for file in sorted((root / "openapi").glob("*.yaml"))}
    for name in sorted(specs.keys() | {file.name for file in released.glob("*.yaml")}):
        if name not in specs:
            problems.append(f"openapi/{name} is gone, which breaks every user: keep it, or also remove its release")
        elif not (released / name).exists():
            print(f"{name}: never released")
        else:
            report = check(released / name, specs[name], changelog)
            print(f"{name}: {'changed since its last release' if report.changes else 'as released'}")
            print("".join(f"  {change}\n" for change in report.changes), end="")
            problems += report.problems
    print("".join(f"{problem}\n" for problem in problems), end="", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
