"""Files of a release: wheel, sdist, archives of the specs, and the site.

The wheel, the sdist and the npm archive are tried in the way that users use them.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.release_specs.__main__ import main as release_specs
from tools.release_specs.archives import checksums, zipped

ROOT = Path(__file__).parents[3]
UV = (sys.executable, "-m", "uv")
SITE = ROOT / "dist" / "site"


class ReleaseError(Exception):
    """An artifact cannot be built, or does not work."""


def build(into: Path, version: str) -> list[Path]:
    """Build and try all artifacts, and return their files.

    Raises:
        ReleaseError: An artifact cannot be built, or does not work.
    """
    into.mkdir(parents=True)
    return [*_python(into, version), *_specs(into), _site(into, version), _checksums(into)]


def _python(into: Path, version: str) -> Iterator[Path]:
    _run(*UV, "build", "--no-build-isolation", "--python", sys.executable, "--out-dir", into)
    wheel, sdist = into / f"conversas-{version}-py3-none-any.whl", into / f"conversas-{version}.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        _run(*UV, "build", "--no-build-isolation", "--python", sys.executable, "--wheel", "--out-dir", folder, sdist)
        if (Path(folder) / wheel.name).read_bytes() != wheel.read_bytes():
            raise ReleaseError("the wheel that the sdist builds differs from the wheel of the checkout")
        _run(*UV, "venv", "--python", sys.executable, f"{folder}/venv")
        pins = ROOT / "requirements" / "run.txt"
        _run(*UV, "pip", "install", "--python", f"{folder}/venv", "--constraint", pins, f"{wheel}[cli,fast,sandbox]")
        if version not in _run(f"{folder}/venv/bin/conversas", "--version"):
            raise ReleaseError(f"the installed command does not have the version {version}")
    (into / ".gitignore").unlink(missing_ok=True)  # uv writes this file
    yield from (wheel, sdist)


def _specs(into: Path) -> Iterator[Path]:
    if release_specs(["--into", str(into)]) != 0:
        raise ReleaseError("the archives of the specs cannot be built")
    (archive,) = into.glob("*.tgz")
    with tempfile.TemporaryDirectory() as folder:
        options = ["--offline", "--no-audit", "--no-fund", "--cache", f"{folder}/cache", "--prefix", folder]
        _run("npm", "install", *options, archive)
        if not list(Path(folder).glob("node_modules/*/3.1/*.json")):
            raise ReleaseError(f"{archive.name} has no specs in it")
    yield from (archive, archive.with_suffix(".zip"))


def _site(into: Path, version: str) -> Path:
    _run("scripts/docs", "site")
    files = {file.relative_to(SITE).as_posix(): file.read_bytes() for file in SITE.rglob("*") if file.is_file()}
    archive = into / f"conversas-site-{version}.zip"
    archive.write_bytes(zipped(files, f"conversas-site-{version}"))
    return archive


def _checksums(into: Path) -> Path:
    file = into / "SHA256SUMS"
    file.write_bytes(checksums({each.name: each.read_bytes() for each in into.iterdir() if each != file}))
    return file


def _run(*command: str | Path) -> str:
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ReleaseError(f"{' '.join(map(str, command))} failed:\n{result.stdout}{result.stderr}")
    return result.stdout
