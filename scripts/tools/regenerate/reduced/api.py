"""Reduced form of a whole spec: its components, its operations, and their authorization."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from tools.regenerate.reduced.kinds import Enum, Kind, Object, Reference, every_part

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen
class Parameter:
    """A parameter of a request."""

    name: str
    python_name: str
    location: str
    """`path`, `query` or `header`."""
    kind: Kind
    required: bool
    style: str
    """Style as OpenAPI names it, or `json` for the text of a JSON value."""
    explode: bool
    description: str


@frozen
class Body:
    """The JSON body of a request."""

    kind: Kind
    required: bool
    media_type: str


@frozen
class Response:
    """Response for one status, or for several: `200`, `2XX`, `default`."""

    status: str
    kind: Kind | None
    """Kind of the body; None if the spec has no schema for it."""
    is_text: bool = False
    """Whether the body is text that is not JSON."""

    @property
    def order(self) -> tuple[int, str]:
        """Sort key. A single status comes before a range, and a range comes before `default`."""
        return (2 if self.status == "default" else 1 if self.status.endswith("XX") else 0), self.status


@frozen
class SecurityScheme:
    """A way to send a credential."""

    name: str
    class_name: str
    """Name of the client that sends it."""
    kind: str
    """`bearer`, `basic`, `header` or `query`."""
    parameter: str = ""
    """Name of the header, or of the query parameter."""


@frozen
class Operation:
    """One operation of the API."""

    id: str
    function: str
    """Name of the Python module of the operation."""
    file: str
    """Name of the files of the operation, without a suffix."""
    pointer: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    """Responses, sorted from a single status to `default`."""
    schemes: tuple[str, ...]
    """Names of the clients that may send the request."""

    @property
    def answer(self) -> Kind | None:
        """Kind of the JSON body of a successful response, which the run-time schema describes.

        `default` is a successful response only if the spec lists no status of success.
        """
        listed = [response for response in self.responses if response.status.startswith("2")]
        successes = listed or [response for response in self.responses if response.status == "default"]
        return next((each.kind for each in successes if each.kind is not None and not each.is_text), None)

    @property
    def kinds(self) -> Iterator[Kind]:
        """All kinds in the operation: of its parameters, its body and its responses."""
        yield from (parameter.kind for parameter in self.parameters)
        if self.body is not None:
            yield self.body.kind
        yield from (response.kind for response in self.responses if response.kind is not None)


@frozen(slots=False)
class Api:
    """Everything that a client is generated from."""

    components: Mapping[str, Kind] = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)
    schemes: tuple[SecurityScheme, ...] = ()
    """Security schemes. The first scheme belongs to AuthenticatedClient."""
    at: Mapping[str, Kind] = field(factory=dict[str, Kind], repr=False)
    """Kind of each schema in an operation or in the components, by JSON pointer."""

    @cached_property
    def classes(self) -> dict[str, Object | Enum]:
        """Kinds that have a class, by class name. Kinds of components come first."""
        found: dict[str, Object | Enum] = {}
        components = list(self.components.values())
        operations = [kind for operation in self.operations for kind in operation.kinds]
        direct = [kind for kind in components if isinstance(kind, Object | Enum)]
        parts = [part for kind in (*components, *operations) for part in every_part(kind)]
        for kind in (*direct, *parts):
            if isinstance(kind, Object | Enum):
                found.setdefault(kind.class_name, kind)
        return found

    def follow(self, kind: Kind) -> Kind:
        """Return the kind of the component that a reference names. Return any other kind unchanged."""
        return self.components[kind.component] if isinstance(kind, Reference) else kind

    def class_of(self, reference: Reference) -> str:
        """Return the name of the class that a reference leads to."""
        return str(getattr(self.components[reference.component], "class_name"))  # noqa: B009  # objects and enums have it


def path_names(path: str) -> list[str]:
    """Return the names in the braces of a path."""
    return re.findall(r"\{([^{}]*)\}", path)


Document = dict[str, Any]
