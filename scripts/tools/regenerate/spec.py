"""Spec files, which are read and reduced to the form that everything else is written from."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.reduced.reduction import reduce_document
from tools.regenerate.reduced.structure import version_of
from tools.regenerate.yaml_file import NotYaml, parse_yaml


@frozen
class Spec:
    """Valid spec. `name` is the name of its file and of the client; `document` is the parsed YAML."""

    name: str
    content: bytes = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    api: Api = field(repr=False)
    """Reduced form of the spec."""

    @property
    def version(self) -> str:
        return str(self.document["info"]["version"])

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def load_yaml(file: Path) -> Any:
    """Read a YAML or JSON file.

    Raises:
        SpecError: The file is not valid. The message names the line, if it is known.
    """
    try:
        return _as_json(json.loads(file.read_bytes()) if file.suffix == ".json" else parse_yaml(file))
    except NotYaml as error:
        line = "somewhere" if error.line is None else f"line {error.line}"
        raise SpecError(file.name, [Problem(line, error.problem)]) from None
    except ValueError:
        raise SpecError(file.name, [Problem("somewhere", "must be YAML or JSON, in UTF-8")]) from None
    except RecursionError:
        raise SpecError(file.name, [Problem("somewhere", "a YAML alias leads back to itself")]) from None


def load_spec(file: Path) -> Spec:
    """Read a spec.

    Raises:
        SpecError: The file is not YAML or not OpenAPI, or the clients do not support it. The message names every place.
    """
    document = load_yaml(file)
    if version_of(document) is None:
        raise SpecError(file.name, [Problem("/openapi", "must be a version 3.0 or 3.1 of OpenAPI")])
    try:
        reduction = reduce_document(document)
    except RecursionError:
        raise SpecError(file.name, [Problem("/", "is nested too deeply")]) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        text = f"this document cannot be read ({type(error).__name__}: {error}): please report the problem"
        raise SpecError(file.name, [Problem("/", text)]) from error
    if reduction.problems:
        raise SpecError(file.name, reduction.problems)
    return Spec(file.stem, file.read_bytes(), document, reduction.api)


def _as_json(value: Any) -> Any:
    """Return a value from YAML as JSON has it: a date becomes a string."""
    if is_object(value):
        return {key: _as_json(item) for key, item in value.items()}
    if is_array(value):
        return [_as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
