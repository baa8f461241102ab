"""The request for one conversation, as a provider builds it: method, path, query and headers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote, urlencode

from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.json_pointer import is_array

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
_PATH = re.compile(r"/[\x21-\x7e]*")


@frozen(repr=False, eq=False)
class ConversationRequest:
    """Request for a conversation or a list of conversations, before authentication. Its repr is silent."""

    method: str
    path: str
    """Path after the base URL, with the query if there is one."""
    headers: Mapping[str, str]

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> Self:
        """Return the request for the result of `request_arguments` of a generated endpoint.

        Raises:
            ConfigurationError: The path or a header cannot be sent, or there is a body.
        """
        unknown = sorted(arguments.keys() - {"method", "url", "params", "headers"})
        if unknown:
            raise ConfigurationError(f"a request for a conversation cannot carry {', '.join(unknown)}")
        params: Mapping[str, Any] = arguments.get("params") or {}
        values: Mapping[str, Any] = arguments.get("headers") or {}
        query = urlencode(list(_query(params)), quote_via=quote)
        path = f"{arguments['url']}?{query}" if query else str(arguments["url"])
        headers = {name: _text(value) for name, value in values.items()}
        if not _PATH.fullmatch(path):
            raise ConfigurationError("the path of a request must begin with / and be percent-encoded")
        validate_headers(headers)
        return cls(str(arguments["method"]).upper(), path, headers)


def _query(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        items: Iterable[Any] = value if is_array(value) else [value]
        yield from ((name, _text(item)) for item in items)


def _text(value: object) -> str:
    """Return a parameter as httpx sends it: `true`, `false`, and an empty string for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def validate_headers(headers: Mapping[str, str]) -> None:
    """Check that headers can be sent: no line break, only ASCII.

    Raises:
        ConfigurationError: A header cannot be sent. The message has its name, if this is valid, and never its value.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError("the name of a header must be ASCII letters, digits and hyphens")
        if not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(f"the value of the header {name} must be printable ASCII on one line")
