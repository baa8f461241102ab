"""What users install: the two packages with all their data, nothing else, from the checkout or the sdist alike."""

import json
import re
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

import conversas
from conversas.providers import get_provider
from support.generated import PROVIDERS
from support.http_server import HttpServer
from support.processes import ROOT, output, uv

SOURCES = {"conversas": ROOT / "overrides", "conversas_api": ROOT / "generated"}
DIST_INFO = f"conversas-{conversas.__version__}.dist-info"
DATA = [
    "conversas/metrics.sql",
    "conversas/py.typed",
    *(f"conversas/transcripts/{name}" for name in ("gallery.css", "gallery.js", "labels.toml", "page.css")),
    "conversas_api/py.typed",
    *(
        f"conversas_api/{provider}/{name}"
        for provider in PROVIDERS
        for name in (f"{get_provider(provider).operation}.schema.json", "openapi.yaml", "py.typed")
    ),
]
READ_DATA = """
from importlib import resources
for path in {paths}:
    package, *rest = path.split("/")
    print(len(resources.files(package).joinpath(*rest).read_bytes()), path)
"""


def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def sources() -> set[str]:
    """Return the files of both packages in the checkout, as a wheel names them."""
    files = [(path, root) for package, root in SOURCES.items() for path in (root / package).rglob("*")]
    return {path.relative_to(root).as_posix() for path, root in files if path.is_file() and path.suffix != ".pyc"}


def pins() -> set[str]:
    lines = (ROOT / "requirements" / "run.txt").read_text("utf-8").splitlines()
    return {line.split()[0] for line in lines if "==" in line}


def test_the_wheel_holds_two_packages_and_their_description(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names(wheel)} == {"conversas", "conversas_api", DIST_INFO}


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    assert {name for name in names(wheel) if not name.startswith(DIST_INFO)} == sources()


@pytest.mark.parametrize("name", [*DATA, f"{DIST_INFO}/licenses/LICENSE"])
def test_the_wheel_holds_the_data(wheel: Path, name: str) -> None:
    assert name in names(wheel)


def test_the_sdist_gives_the_same_wheel(wheel: Path, wheel_of_sdist: Path) -> None:
    with ZipFile(wheel) as one, ZipFile(wheel_of_sdist) as other:
        assert wheel.name == wheel_of_sdist.name
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


def test_the_sdist_holds_no_tests_and_no_scripts(wheel_of_sdist: Path) -> None:
    (sdist,) = wheel_of_sdist.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"docs", "generated", "openapi", "overrides", "LICENSE", "README.md", "pyproject.toml"} <= top
    assert not top & {"tests", "scripts", "requirements", ".ci"}


def test_a_bare_environment_has_the_version_and_what_is_pinned(bare_python: Path, tmp_path: Path) -> None:
    listing = json.loads(uv("pip", "list", "--python", bare_python, "--format", "json", cwd=tmp_path))
    installed = {package["name"]: package["version"] for package in listing}
    assert installed.pop("conversas") == conversas.__version__
    assert {f"{name}=={version}" for name, version in installed.items()} <= pins()


def test_the_data_is_there_at_run_time(python: Path, tmp_path: Path) -> None:
    program = READ_DATA.format(paths=DATA)
    lines = output(python, "-I", "-c", program, cwd=tmp_path).splitlines()
    wanted = [SOURCES[name.split("/")[0]] / name for name in DATA]
    assert lines == [f"{path.stat().st_size} {name}" for path, name in zip(wanted, DATA, strict=True)]


def test_a_program_of_a_user_runs(python: Path, server: HttpServer, tmp_path: Path) -> None:
    server.answer(200, b'{"id": 42}')
    program = ROOT / "tests" / "typing" / "user_program.py"
    lines = output(python, "-I", program, server.url, cwd=tmp_path).splitlines()
    assert lines == [
        "id 42",
        "length 2",
        "texts ['Bom dia']",
        "finished not yet",
        "agent new: 42",
        "summary unset True",
        "known again True",
        "open True",
        "fetched 42",
        "answered 200 10 42",
    ]


def test_a_program_that_gets_conversations_runs(python: Path, server: HttpServer, tmp_path: Path) -> None:
    server.reply = lambda asked: (200, b'{"id": %d, "messages": []}' % int(asked.id), {})
    program = ROOT / "tests" / "typing" / "client_program.py"
    lines = output(python, "-I", program, server.url, cwd=tmp_path).splitlines()
    assert lines == [
        "zild:42 unknown in_progress",
        "ConfigurationError: 1",
        "exported: 1",
        "logged in: 2",
        "zild fetched: 3",
    ]


def test_the_lines_of_the_readme_lead_to_a_dataframe_of_sandbox_conversations(wheel: Path, tmp_path: Path) -> None:
    """They run as they are, but for what installs: uv, from the pins."""
    readme = (ROOT / "README.md").read_text("utf-8").partition("\n## Fetch your own")[0]
    (install,) = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    pins = ROOT / "requirements" / "dev.txt"
    shell = install.replace("python3 -m venv", f"{sys.executable} -m uv venv --quiet --python {sys.executable}")
    shell = shell.replace(
        "pip install '.[all]'", f"{sys.executable} -m uv pip install -q -p .venv -c {pins} '{wheel}[all]'"
    )
    assert shell.count(" -m uv ") == 2
    program, printed = (
        "".join(re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL))
        for language in ("python", "text")
    )
    (tmp_path / "readme.py").write_text(program, "utf-8")
    shell += "python -W error readme.py\nconversas --version\npython -c 'import pycurl'\n"
    *lines, version, _ = output("bash", "-euc", shell, cwd=tmp_path).split("\n")
    assert "\n".join(lines) == printed.rstrip("\n")
    assert conversas.__version__ in version
