"""scripts/release: what keeps a checkout from a release, and what it says to upload."""

import subprocess
from pathlib import Path

import pytest

from tools.release.__main__ import instructions
from tools.release.artifacts import ROOT
from tools.release.readiness import problems


def git(*arguments: str, cwd: Path) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout that is ready for 1.2.0."""
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "package.json").write_text('{"name": "specs", "version": "2.0.0"}')
    (tmp_path / "openapi" / "CHANGELOG.md").write_text("# Changes\n\n## specs 2.0.0\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0\n\n- A line.\n")
    git("init", "--quiet", cwd=tmp_path)
    git("add", ".", cwd=tmp_path)
    git("commit", "--quiet", "--message", "Begin", cwd=tmp_path)
    return tmp_path


def test_a_checkout_with_its_changes_committed_and_described_is_ready(checkout: Path) -> None:
    assert list(problems(checkout, "1.2.0")) == []


def test_each_reason_against_a_release_says_what_to_do(checkout: Path) -> None:
    git("tag", "v1.3.0", cwd=checkout)
    (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    (checkout / "openapi" / "CHANGELOG.md").write_text("# Changes\n")
    assert list(problems(checkout, "1.3.0")) == [
        "the checkout has uncommitted changes: commit or stash them",
        "the tag v1.3.0 exists: raise the version in overrides/conversas/_version.py",
        "CHANGELOG.md has no section 1.3.0: rename the section Unreleased",
        "CHANGELOG.md has a section Unreleased: move its lines to the version",
        "openapi/CHANGELOG.md has no section specs 2.0.0: add it",
    ]


def test_it_says_what_to_upload() -> None:
    files = [ROOT / "dist" / "release" / name for name in ("a.whl", "a.tar.gz", "specs.tgz", "specs.zip")]
    told = instructions(files, "1.2.0")
    assert "Nothing was uploaded" in told
    assert "  uv publish dist/release/a.whl dist/release/a.tar.gz\n" in told
    assert "  npm publish dist/release/specs.tgz\n" in told
