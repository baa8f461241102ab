"""One client: generated from one spec into a new folder, ready to be swapped in."""

import json
import subprocess
import sys
from pathlib import Path

from openapi_python_client.config import ConfigFile

from regeneration.response_schema import response_schemas
from regeneration.spec import Spec, SpecError, load_yaml

SCRIPTS = Path(__file__).parent.parent
TEMPLATES = SCRIPTS / "templates"
LINE_LENGTH = "100"


def build_client(spec: Spec, folder: Path, *, config: Path) -> None:
    """Write the whole client of a spec into `folder`, which does not exist yet.

    Raises:
        SpecError: The generator refuses the spec or leaves out a part of it, or the configuration has a mistake.
    """
    check_config(config)
    schemas = dict(response_schemas(spec))
    source = folder.with_suffix(".yaml")
    source.write_bytes(spec.content)
    _generate(spec, source, folder, config)
    with (folder / "__init__.py").open("a", encoding="utf-8") as init:
        init.write(f'SPEC_VERSION = "{spec.version}"\nSPEC_SHA256 = "{spec.sha256}"\n')
    (folder / "py.typed").touch()
    source.rename(folder / "openapi.yaml")
    for operation, schema in schemas.items():
        (folder / f"{operation}.schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    _format(folder)


def check_config(config: Path) -> None:
    """Refuse a key that the generator would silently ignore."""
    for key in load_yaml(config) or {}:
        if key not in ConfigFile.model_fields:
            raise SpecError(config.name, f"/{key}", "the generator knows no such key")


def _generate(spec: Spec, source: Path, folder: Path, config: Path) -> None:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(source), "--output-path", str(folder), "--config", str(config)]
    command += ["--custom-template-path", str(TEMPLATES)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SpecError(spec.name + ".yaml", "generator", "\n" + (result.stderr or result.stdout).strip())


def _format(folder: Path) -> None:
    """Format with the pinned ruff and no settings but these, so that the same spec gives the same bytes."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--line-length", LINE_LENGTH]
    subprocess.run([*ruff, "check", "--fix-only", "--select", "I,F401", *options, str(folder)], check=True)
    subprocess.run([*ruff, "format", *options, str(folder)], check=True)
