"""The templates in scripts/templates replace originals that they know, and make the models short."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

from tools.regenerate import generate

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "conversas_api"
PACKAGED = resources.files("openapi_python_client") / "templates"
RECORD = json.loads((ROOT / "tests" / "data" / "template_hashes.json").read_text("utf-8"))
OVERRIDES = sorted(
    file.relative_to(generate.TEMPLATES).as_posix() for file in generate.TEMPLATES.rglob("*") if file.is_file()
)

MOVED = """\
{name}: the original is not the one that this override was made from. See what moved upstream:
  pip install --no-deps --target old openapi-python-client==VERSION  # the one pinned at the last change of this record
  pip install --no-deps --target new openapi-python-client=={new}
  diff -u old/openapi_python_client/templates/{name} new/openapi_python_client/templates/{name}
Bring scripts/templates/{name} up to date, and then its hash in tests/data/template_hashes.json: {hash}"""


def test_the_generator_is_the_pinned_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pins = [pin for pin in project["dependency-groups"]["dev"] if pin.startswith("openapi-python-client")]
    assert pins == [f"openapi-python-client=={version('openapi-python-client')}"]


def test_each_override_has_its_original_on_record():
    assert sorted(RECORD) == OVERRIDES


@pytest.mark.parametrize("name", OVERRIDES)
def test_an_override_replaces_a_packaged_template(name):
    assert (PACKAGED / name).is_file(), f"{name} overrides nothing: the generator has no template of this name"


@pytest.mark.parametrize("name", RECORD)
def test_the_original_of_an_override_has_not_moved(name):
    found = hashlib.sha256((PACKAGED / name).read_bytes()).hexdigest()
    assert found == RECORD[name], MOVED.format(name=name, new=version("openapi-python-client"), hash=found)


@pytest.mark.parametrize("name", OVERRIDES)
def test_an_override_begins_with_what_it_changes(name):
    text = (generate.TEMPLATES / name).read_text("utf-8")
    assert re.match(rf"\{{# Instead of the packaged {re.escape(name)}: \w", text)


def generate_stock(spec: Path, folder: Path) -> None:
    """Generate a client with the packaged templates, formatted like ours."""
    config = folder.with_suffix(".yaml")
    config.write_text("post_hooks: []\n", "utf-8")
    options = ["--meta", "none", "--config", config, "--path", spec, "--output-path", folder, "--fail-on-warning"]
    subprocess.run([sys.executable, "-m", "openapi_python_client", "generate", *options], check=True)
    generate._format(folder)


def line_counts(models: Path, mark: str) -> dict[str, int]:
    """Return the number of lines of each module that defines an object model, which `mark` tells from an enum."""
    texts = {file.name: file.read_text("utf-8") for file in models.glob("*.py")}
    return {name: len(text.splitlines()) for name, text in texts.items() if re.search(mark, text, re.MULTILINE)}


def test_the_object_models_have_under_half_the_lines_of_stock_ones(tmp_path, record_testsuite_property):
    ours, stock = 0, 0
    for spec in sorted((ROOT / "openapi").glob("*.yaml")):
        generate_stock(spec, tmp_path / spec.stem)
        made = line_counts(tmp_path / spec.stem / "models", r"^@_attrs_define$")
        committed = line_counts(GENERATED / spec.stem / "models", r"^class \w+\(Model\):$")
        assert committed.keys() == made.keys()
        ours, stock = ours + sum(committed.values()), stock + sum(made.values())
    record_testsuite_property("lines of our object models", ours)
    record_testsuite_property("lines of stock object models", stock)
    assert 0 < ours < stock / 2, f"{ours} lines against {stock}"
