"""Generation of one client from one spec into a new folder, ready to be swapped in."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError, ParseError
from pydantic import ValidationError

from conversas.json_pointer import pointer
from tools.regenerate.spec import Spec, SpecError, load_yaml
from tools.regenerate.validation_schema import response_schemas

SCRIPTS = Path(__file__).parents[2]
TEMPLATES = SCRIPTS / "templates"
LINE_LENGTH = "100"


def build_client(spec: Spec, folder: Path, *, config: Path) -> None:
    """Write the whole client of a spec into `folder`, which does not exist yet.

    Raises:
        SpecError: The generator refuses the spec or leaves out a part of it, or the configuration has a mistake.
    """
    settings = load_settings(config)
    schemas = dict(response_schemas(spec))
    source = folder.with_suffix(".yaml")
    source.write_bytes(spec.content)
    _generate(spec, Config.from_sources(settings, MetaType.NONE, source, "utf-8", overwrite=False, output_path=folder))
    with (folder / "__init__.py").open("a", encoding="utf-8") as init:
        init.write(f"SPEC_VERSION = {spec.version!r}\nSPEC_SHA256 = {spec.sha256!r}\n")
    (folder / "py.typed").touch()
    source.rename(folder / "openapi.yaml")
    for operation, schema in schemas.items():
        (folder / f"{operation}.schema.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    _format(folder)


def load_settings(config: Path) -> ConfigFile:
    """Return the generator's configuration. A key that the generator would silently ignore is an error."""
    settings: dict[str, Any] = load_yaml(config) or {}
    for key in settings:
        if key not in ConfigFile.model_fields:
            raise SpecError(config.name, f"/{key}", "the generator knows no such key")
    try:
        return ConfigFile(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        raise SpecError(config.name, pointer(*first["loc"]), first["msg"]) from None


def _generate(spec: Spec, config: Config) -> None:
    """Run the generator. A warning fails like an error: it means that a part of the spec was left out."""
    with Path(os.devnull).open("w") as silence, contextlib.redirect_stdout(silence):
        problems = generate(config=config, custom_template_path=TEMPLATES)
    if problems:
        # A problem of a schema is the cause of one of an endpoint, so it comes first.
        raise SpecError(
            spec.name + ".yaml", "generator", "\n".join(sorted(map(_described, problems), key=_is_of_endpoint))
        )


def _is_of_endpoint(text: str) -> bool:
    return "parsing GET" in text or "endpoint" in text.lower()


def _described(problem: GeneratorError) -> str:
    data = problem.data if isinstance(problem, ParseError) else None
    part = data.model_dump_json(exclude_unset=True, by_alias=True) if data else ""
    text = " ".join(filter(None, (problem.header, problem.detail, part)))
    return re.sub(r"<[^<>]* object at 0x[0-9a-f]+>", "…", text)


def _format(folder: Path) -> None:
    """Format with the pinned ruff and no settings but these, so that the same spec gives the same bytes."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--no-cache", "--quiet", "--target-version", "py311", "--line-length", LINE_LENGTH]
    subprocess.run([*ruff, "check", "--fix-only", "--select", "I,F401", *options, str(folder)], check=True)
    subprocess.run([*ruff, "format", *options, str(folder)], check=True)
