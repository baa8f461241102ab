"""Reduction of a document, which is read once, with all of its problems."""

from typing import Any

from attrs import frozen

from tools.regenerate.reduced.api import Api
from tools.regenerate.reduced.operations import OperationReader
from tools.regenerate.reduced.problems import Problem
from tools.regenerate.reduced.reading import SchemaReader
from tools.regenerate.reduced.security import SecurityReader
from tools.regenerate.reduced.source import Source
from tools.regenerate.reduced.structure import structural_problems, unusable_keys


@frozen
class Reduction:
    """The reduced form of a document, as far as the document can be read, and its problems."""

    api: Api
    problems: tuple[Problem, ...]


def reduce_document(document: dict[str, Any]) -> Reduction:
    """Return the reduced form of an OpenAPI 3.0 or 3.1 document."""
    try:
        return _reduced(document)
    except RecursionError:
        return Reduction(Api({}, ()), (Problem("/", "is nested too deeply"),))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        text = f"this document cannot be read ({type(error).__name__}: {error}): please report the problem"
        return Reduction(Api({}, ()), (Problem("/", text),))


def _reduced(document: dict[str, Any]) -> Reduction:
    if keys := list(unusable_keys(document)):
        return Reduction(Api({}, ()), tuple(keys))
    source = Source(document)
    schemas, security = SchemaReader(source), SecurityReader(source)
    schemas.read_components()
    operations = tuple(OperationReader(schemas, security).read_all())
    api = Api(schemas.components, operations, security.used(), schemas.at)
    told = {problem.pointer: problem for problem in source.problems.found}
    for problem in structural_problems(document, schemas.at):
        told.setdefault(problem.pointer, problem)
    return Reduction(api, tuple(told.values()))
