"""Reading of parameters in their styles."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from tools.regenerate.reduced.api import Parameter, path_names
from tools.regenerate.reduced.kinds import Anything, Kind, Map, Object, Reference, Union, every_part
from tools.regenerate.reduced.names import PARAMETERS_TAKEN, attribute_names
from tools.regenerate.reduced.reading import SchemaReader
from tools.regenerate.reduced.source import Place

STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
}
"""Styles for each location. The first style is the default."""

NOT_PARAMETERS = {"accept", "content-type", "authorization"}
"""Headers that an OpenAPI parameter cannot describe."""

COOKIE_TOLD = "the clients send no cookies: pass them to the client's with_cookies, and omit them here"
TWICE_TOLD = "another parameter of this list has the same name and place: omit one of the two"
RESERVED_TOLD = "the clients percent-encode reserved characters in every value: omit allowReserved"
DEEP_TOLD = "deepObject is a style of objects: use form, or make the parameter an object"
NESTED_TOLD = "deepObject is not defined for an object in an object: describe the parameter as JSON, with content"


@frozen
class ParameterReader:
    """Reader of the parameters of one operation."""

    schemas: SchemaReader
    function: str

    def read(self, path: str, item: Place, operation: Place) -> tuple[Parameter, ...]:
        """Return the parameters. Path parameters come first, in the order of the path."""
        found: dict[tuple[str, str], Place] = {}
        listed: set[tuple[str, str, str]] = set()
        for place in (*item.items("parameters"), *operation.items("parameters")):
            resolved = self.schemas.source.resolved(place)
            location, name = str(resolved.get("in").value), str(resolved.get("name").value)
            key = (place.pointer.rpartition("/")[0], location, name.lower() if location == "header" else name)
            if key in listed and location in STYLES:  # a reference that leads nowhere has no place
                self.schemas.source.problems.add(place.pointer, TWICE_TOLD)
            listed.add(key)
            if location == "cookie":
                self.schemas.source.problems.add(place.pointer, COOKIE_TOLD)
            elif location in STYLES and not (location == "header" and name.lower() in NOT_PARAMETERS):
                found[location, name] = resolved
        for name in path_names(path):  # undeclared parameters of the path are strings
            found.setdefault(("path", name), Place({"schema": {"type": "string"}}, f"{operation.pointer} {{{name}}}"))
        named = {f"{location} {name}": (name, place) for (location, name), place in found.items()}
        python_names = attribute_names(named, self.schemas.source.problems, PARAMETERS_TAKEN)
        parameters = [self._parameter(*key, place, python_names[" ".join(key)]) for key, place in found.items()]
        order = {name: position for position, name in enumerate(path_names(path))}
        in_path = [each for each in parameters if each.location == "path" and each.name in order]
        others = [each for each in parameters if each.location != "path"]
        return (*sorted(in_path, key=lambda each: order[each.name]), *others)

    def _parameter(self, location: str, name: str, place: Place, python_name: str) -> Parameter:
        schema, style = place.get("schema"), place.get("style").value or STYLES[location][0]
        for media_type, media in place.members("content"):
            schema, style = media.get("schema"), "json"
            if "json" not in media_type.lower():
                self.schemas.source.problems.add(media.pointer, "a parameter must be a plain value, or JSON")
        if style not in (*STYLES[location], "json"):
            self.schemas.source.problems.add(
                f"{place.pointer}/style", f"must be a style of a {location} parameter, got {style}"
            )
        kind = self.schemas.read(
            Place({}, schema.pointer) if schema.value is None else schema, f"{self.function}_{name}"
        )
        if style == "deepObject":
            self._check_deep_object(kind, place)
        if location == "query" and place.get("allowReserved").value is True:
            self.schemas.source.problems.add(f"{place.pointer}/allowReserved", RESERVED_TOLD)
        explode = place.get("explode").value
        return Parameter(
            name=name,
            python_name=python_name,
            location=location,
            kind=kind,
            required=location == "path" or place.get("required").value is True,
            style=style,
            explode=style in ("form", "deepObject") if explode is None else explode is True,
            description=" ".join(_docstring(place, kind.annotations)),
        )

    def _check_deep_object(self, kind: Kind, place: Place) -> None:
        target = self._followed(kind)
        options = map(self._followed, target.options if isinstance(target, Union) else [target])
        objects = [option for option in options if isinstance(option, Object | Map | Anything)]
        if not objects:
            self.schemas.source.problems.add(f"{place.pointer}/style", DEEP_TOLD)
        inside = (self._followed(each) for option in objects for part in option.parts for each in every_part(part))
        if any(isinstance(each, Object | Map) for each in inside):
            self.schemas.source.problems.add(place.get("schema").pointer, NESTED_TOLD)

    def _followed(self, kind: Kind) -> Kind:
        return self.schemas.components.get(kind.component, kind) if isinstance(kind, Reference) else kind


def _docstring(place: Place, annotations: Any) -> Iterator[str]:
    """Yield the sentences that describe a parameter: its description, or that of its schema, and an example."""
    if text := place.get("description").value or annotations.get("description"):
        yield str(text)
    example = place.get("example").value
    if (example := annotations.get("example") if example is None else example) is not None:
        yield f"Example: {example}."
