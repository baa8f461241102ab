"""Reasons why a checkout is not ready for a release."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path


def problems(root: Path, version: str) -> Iterator[str]:
    """Yield each reason as a sentence that says what to do."""
    if subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout:  # noqa: S607
        yield "the checkout has uncommitted changes: commit or stash them"
    if f"v{version}" in _tags(root):
        yield f"the tag v{version} exists: raise the version in overrides/conversas/_version.py"
    sections = _sections(root / "CHANGELOG.md")
    if version not in sections:
        yield f"CHANGELOG.md has no section {version}: rename the section Unreleased"
    if "Unreleased" in sections:
        yield "CHANGELOG.md has a section Unreleased: move its lines to the version"
    specs = json.loads((root / "openapi" / "package.json").read_bytes())
    if f"{specs['name']} {specs['version']}" not in _sections(root / "openapi" / "CHANGELOG.md"):
        yield f"openapi/CHANGELOG.md has no section {specs['name']} {specs['version']}: add it"


def _tags(root: Path) -> list[str]:
    listed = subprocess.run(["git", "tag"], cwd=root, capture_output=True, text=True, check=True)  # noqa: S607
    return listed.stdout.split()


def _sections(changelog: Path) -> list[str]:
    return re.findall(r"^## (.+)$", changelog.read_text("utf-8"), re.MULTILINE)
