"""Command line of scripts/release-specs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.regenerate.reduced.problems import SpecError
from tools.release_specs.archives import checksums, tar_gz, zipped
from tools.release_specs.package import ROOT, package


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/release-specs", description="Build the archives of the specs for other teams."
    )
    parser.add_argument(
        "--into", type=Path, default=ROOT / "dist", help="the output folder (default: dist/ in the checkout)"
    )
    options = parser.parse_args(arguments)
    try:
        release = package()
    except SpecError as error:
        print(f"{error}\nNothing was written.", file=sys.stderr)
        return 1
    name = f"{release.name}-{release.version}"
    archives = {f"{name}.tgz": tar_gz(release.files, "package"), f"{name}.zip": zipped(release.files, name)}
    options.into.mkdir(parents=True, exist_ok=True)
    for file, content in {**archives, "SHA256SUMS": checksums(archives)}.items():
        (options.into / file).write_bytes(content)
        print(options.into / file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
