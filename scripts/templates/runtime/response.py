"""Responses of the API, and the reading of their bodies."""

import json
from collections.abc import MutableMapping
from typing import Annotated, Any, Final, Generic, TypeVar

from attrs import define, field

from .model import INVALID, convert

T = TypeVar("T")

TEXT: Final = Annotated[str, "text"]
"""Type of a body that is a text and no JSON."""


@define
class Response(Generic[T]):
    """A response of the API.

    Attributes:
        parsed: The body; None if the spec has no schema for the status, or if the body does not fit it.
    """

    status_code: int
    content: bytes = field(repr=False)
    headers: MutableMapping[str, str] = field(repr=False)
    parsed: T | None = field(repr=False)


def read_body(kind: Any, body: bytes, encoding: str) -> Any:
    """Return the body of a response in the form of a type; None if it is not JSON of that type."""
    if kind is TEXT:
        return body.decode(encoding, "replace")
    try:
        converted = convert(kind, json.loads(body))
    except (ValueError, RecursionError):
        return None
    return None if converted is INVALID else converted
