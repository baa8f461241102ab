"""Spec files, which are read and reduced to the form that everything else is written from."""

import hashlib
import json
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tools.regenerate.json_values import MOST_VALUES, JsonValues, TooManyValues
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
        SpecError: The file is not valid. The message names the line or the place, if it is known.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SpecError(file.name, [Problem("somewhere", f"cannot be read: {error.strerror}")]) from None
    values = JsonValues(max(len(content), MOST_VALUES))  # without aliases, a value has at least one byte
    try:
        value = values.convert(_parsed_json(content) if file.suffix == ".json" else parse_yaml(content))
    except NotYaml as error:
        line = "somewhere" if error.line is None else f"line {error.line}"
        raise SpecError(file.name, [Problem(line, error.problem)]) from None
    except ValueError:
        raise SpecError(file.name, [Problem("somewhere", "must be YAML or JSON, in UTF-8")]) from None
    except RecursionError:
        raise SpecError(file.name, [Problem("somewhere", "a YAML alias leads back to itself")]) from None
    except TooManyValues:
        text = f"its YAML aliases expand to more than {values.limit} values"
        raise SpecError(file.name, [Problem("somewhere", text)]) from None
    if values.problems:
        raise SpecError(file.name, values.problems)
    return value


def load_document(file: Path) -> dict[str, Any]:
    """Read a file that says that it is a spec, and do not check anything else.

    Raises:
        SpecError: The file is not YAML or not OpenAPI.
    """
    document = load_yaml(file)
    if version_of(document) is None:
        raise SpecError(file.name, [Problem("/openapi", "must be a version 3.0 or 3.1 of OpenAPI")])
    return dict(document)


def load_spec(file: Path) -> Spec:
    """Read a spec.

    Raises:
        SpecError: The file is not YAML or not OpenAPI, or the clients do not support it. The message names every place.
    """
    document = load_document(file)
    reduction = reduce_document(document)
    if reduction.problems:
        raise SpecError(file.name, reduction.problems)
    return Spec(file.stem, file.read_bytes(), document, reduction.api)


def _parsed_json(content: bytes) -> Any:
    return json.loads(content, object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotYaml(f"found duplicate key {key!r}", None)
        found[key] = value
    return found
