"""The client of tests/data/shelter.yaml, built once: every kind of value beyond those of openapi/."""

import json
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from conversas.decoding.validator import SchemaValidator
from conversas.providers.datetimes import normalize_datetime
from conversas_api.runtime import EXTRA
from support.processes import ROOT
from tools.regenerate.generate import SCRIPTS, build_client
from tools.regenerate.spec import load_spec

SPEC = ROOT / "tests" / "data" / "shelter.yaml"


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Build the package `shelter_api.shelter`, which is on the path from then on and lives as long as the process."""
    made = tempfile.TemporaryDirectory(prefix="shelter-")
    package = Path(made.name) / "shelter_api"
    package.mkdir()
    (package / "__init__.py").touch()
    build_client(load_spec(SPEC), package / "shelter", config=SCRIPTS / "generator.yaml")
    sys.path.append(made.name)
    return made


def module(name: str) -> ModuleType:
    folder()
    return import_module(f"shelter_api.shelter.{name}")


def endpoint(name: str) -> Any:
    return module(f"api.records.{name}")


def models() -> Any:
    return module("models")


@cache
def schema(operation: str) -> dict[str, Any]:
    file = Path(folder().name) / "shelter_api" / "shelter" / f"{operation}.schema.json"
    loaded: dict[str, Any] = json.loads(file.read_bytes())
    return loaded


@cache
def validator(operation: str = "getRecord") -> SchemaValidator:
    return SchemaValidator(schema(operation), extra=EXTRA, normalize=normalize_datetime)
