"""Files of the package for other teams, by their paths in the package."""

import json
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from tools.regenerate.spec import load_spec
from tools.release_specs.openapi_versions import openapi_versions

ROOT = Path(__file__).parents[3]
COPIED_PATTERNS = (
    "*.yaml",
    "package.json",
    "README.md",
    "CHANGELOG.md",
    "examples/README.md",
    "examples/*/*.json",
    "examples/*/lists/*.json",
    "neutral/*.json",
    "open/*.json",
    "types/*.d.ts",
    "index.*",
)


@frozen
class Package:
    """Name, version and files of a release."""

    name: str
    version: str
    files: dict[str, bytes]


def package(root: Path = ROOT) -> Package:
    """Return the package that is built from openapi/ of a checkout.

    Raises:
        SpecError: A spec, or a version of it, is invalid.
    """
    described = json.loads((root / "openapi" / "package.json").read_bytes())
    return Package(described["name"], described["version"], dict(sorted(_files(root))))


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    openapi = root / "openapi"
    yield "LICENSE", (root / "LICENSE").read_bytes()
    yield "neutral/mapping.md", (root / "docs" / "mapping.md").read_bytes()
    for pattern in COPIED_PATTERNS:
        for file in openapi.glob(pattern):
            yield file.relative_to(openapi).as_posix(), file.read_bytes()
    for spec in openapi.glob("*.yaml"):
        yield from openapi_versions(load_spec(spec))
