"""Versions of a spec: OpenAPI 3.1, OpenAPI 3.0.3 that is converted from it, and both without references."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from conversas.json_pointer import format_pointer
from tools.regenerate.openapi_forms import Form, as_json, write_document
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.spec import Spec

VALIDATORS: dict[str, Any] = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
FORMS = {
    "3.0/{}.json": Form(version="3.0"),
    "3.1/{}.json": Form(),
    "3.0/{}.dereferenced.json": Form(version="3.0", has_references=False),
    "3.1/{}.dereferenced.json": Form(has_references=False),
}


def openapi_versions(spec: Spec) -> Iterator[tuple[str, bytes]]:
    """Yield the path in the package and the JSON of each version of a spec.

    Raises:
        SpecError: A document is invalid according to its version of OpenAPI.
    """
    for name, form in FORMS.items():
        path, document = name.format(spec.name), write_document(spec, form)
        problems = [
            Problem(format_pointer(*error.absolute_path), error.message[:200])
            for error in VALIDATORS[form.version](document).iter_errors()
        ]
        if problems:
            raise SpecError(path, problems)
        yield path, as_json(document)
