"""Builds what users install, once, and installs it in an environment of its own."""

import sys
from pathlib import Path

import pytest

from support.processes import ROOT, uv


def build(folder: Path, *options: str) -> Path:
    """Build with the hatchling of this environment, and give the one wheel."""
    uv("build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, *options, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout."""
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="session")
def wheel_of_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from it beside it."""
    return build(tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def bare_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an interpreter that has the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    uv("venv", "--quiet", "--python", sys.executable, "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    pins = ROOT / "requirements" / "run.txt"
    uv("pip", "install", "--quiet", "--python", python, "--constraint", pins, wheel, cwd=folder)
    return python


@pytest.fixture(scope="session", params=["bare", "editable"])
def python(request: pytest.FixtureRequest) -> Path:
    """Return the interpreter of either kind of user: of the wheel, and of this checkout."""
    return request.getfixturevalue("bare_python") if request.param == "bare" else Path(sys.executable)
