"""Command line of scripts/release."""

import argparse
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from conversas import __version__
from tools.release.artifacts import ROOT, ReleaseError, build
from tools.release.readiness import problems

FOLDER = ROOT / "dist" / "release"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/release",
        description="Build and check the wheel, the sdist, the archives of the specs and the site in dist/release, and"
        " print what to upload. Nothing is uploaded.",
    )
    parser.add_argument("--draft", action="store_true", help="build even if the checkout is not ready")
    options = parser.parse_args(arguments)
    found = list(problems(ROOT, __version__))
    for problem in found:
        print(f"not ready: {problem}", file=sys.stderr)
    if found and not options.draft:
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        files = build(FOLDER, __version__)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(instructions(files, __version__))
    return 0


def instructions(files: Iterable[Path], version: str) -> str:
    """Return the files to upload, and the commands to upload them."""
    shown = [file.relative_to(ROOT).as_posix() for file in files]
    wheel, sdist, npm, *others = shown
    return "\n".join(
        [
            *(f"built and checked: {file}" for file in shown),
            "",
            "Nothing was uploaded. To release:",
            f"  git tag v{version} && git push origin v{version}",
            f"  uv publish {wheel} {sdist}",
            f"  npm publish {npm}",
            f"  attach to the release of the tag: {' '.join(others)}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
