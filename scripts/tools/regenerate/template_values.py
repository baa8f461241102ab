"""Values that the templates read: the reduced form of a spec, its Python types, and the imports of a module."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from openapi_python_client.strings import PythonIdentifier, in_f_string_literal

from tools.regenerate.python_types import PythonTypes
from tools.regenerate.reduced.api import Api, Operation, Parameter, path_names
from tools.regenerate.reduced.kinds import Enum, Kind, List, Object, Reference, Scalar, Union
from tools.regenerate.reduced.names import PREFIX
from tools.regenerate.spec import Spec


def template_globals(spec: Spec) -> dict[str, Any]:
    """Return the values and functions that templates know by name."""
    api, python = spec.api, PythonTypes(spec.api)

    def used_classes(kind: Object, base: str) -> list[str]:
        return [name for name, is_enum in _used(api, kind.parts) if is_enum is (base == "Enum")]

    def used_in(operation: Operation) -> list[str]:
        return [name for name, _ in _used(api, operation.kinds)]

    def has_model(kind: Kind) -> bool:
        return isinstance(api.follow(kind), Object) and not python.may_be_null(kind)

    def is_plain(kind: Kind) -> bool:
        kind = api.follow(kind)
        return all(map(is_plain, kind.options)) if isinstance(kind, Union) else isinstance(kind, Scalar | Enum)

    def is_list(kind: Kind) -> bool:
        return isinstance(api.follow(kind), List)

    return {
        "spec": spec,
        "python": python,
        "operations": {operation.function: operation for operation in api.operations},
        "imported": _imports(python),
        "module_of": module_of,
        "url": url,
        "used_classes": used_classes,
        "used_in": used_in,
        "has_model": has_model,
        "is_plain": is_plain,
        "is_list": is_list,
    }


def template_filters(spec: Spec) -> dict[str, Callable[[Any], Any]]:
    """Return the functions that templates apply as filters."""
    python = PythonTypes(spec.api)

    def client_name(name: str) -> str:
        return python.runtime.get(name, name)

    return {
        "literal": repr,
        "annotation": python.annotation,
        "client_name": client_name,
    }


def module_of(class_name: str) -> str:
    """Return the name of the module that the generator writes a class into."""
    return str(PythonIdentifier(class_name, PREFIX))


def url(operation: Operation) -> str:
    """Return the path as Python code that inserts each quoted parameter."""
    parameters = {each.name: each for each in operation.parameters if each.location == "path"}
    text = str(in_f_string_literal(operation.path))
    for name in path_names(operation.path):
        each = parameters[name]
        call = ", ".join([each.python_name, *_path_style(each)])
        text = text.replace(f"{{{{{in_f_string_literal(name)}}}}}", f"{{path_segment({call})}}")
    return f'{"f" if parameters else ""}"{text}"'


def _path_style(parameter: Parameter) -> Iterator[str]:
    """Yield the arguments for a style that is not the default. They contain no backslash and no double quote."""
    if parameter.style != "simple":
        yield f"'{parameter.style}'"
    if parameter.explode:
        yield "explode=True"
    if parameter.style == "matrix":
        yield f"name='{quote(parameter.name, safe='')}'"


def _imports(python: PythonTypes) -> Callable[[Iterable[str]], str]:
    def imported(names: Iterable[str]) -> str:
        """Return names for an import statement. A name that a class of the client also has gets an alias."""
        aliases = ((name, python.runtime.get(name, name)) for name in names)
        return ", ".join(name if name == alias else f"{name} as {alias}" for name, alias in aliases)

    return imported


def _used(api: Api, kinds: Iterable[Kind]) -> Iterator[tuple[str, bool]]:
    """Yield the name of each class in the annotations of these kinds, and whether the class is an enum."""
    found: dict[str, bool] = {}
    for kind in kinds:
        for part in named_parts(kind):
            target = api.follow(part) if isinstance(part, Reference) else part
            if isinstance(target, Object | Enum):
                found[target.class_name] = isinstance(target, Enum)
    yield from sorted(found.items())


def named_parts(kind: Kind) -> Iterator[Kind]:
    """Yield a kind and the kinds inside it, except the kinds inside a class."""
    yield kind
    if not isinstance(kind, Object):
        for part in kind.parts:
            yield from named_parts(part)
