"""Base class of the providers that the sandbox plays."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from conversas.json_pointer import is_array, is_object
from conversas.sandbox.auth import TokenIssuer
from conversas.sandbox.responses import Response

if TYPE_CHECKING:
    from conversas.providers.base import ProviderConfig

ACCOUNT = "sandbox"
"""Label of the account of every sandbox: an export goes on with another sandbox, which has another port."""


class SandboxPlatform(ABC):
    """One provider in the sandbox: its route, tokens, bodies and errors, and the faults that depend on its format.

    A package adds a provider by an entry point of the group `conversas.sandbox` that names an instance.
    """

    name: str
    """The provider's name in refs, for example `zild`."""
    path: re.Pattern[str]
    """The path of a conversation, with the percent-encoded id as its group. No other provider's path may match it."""
    list_path: str | None = None
    """The path of the list of conversations; None if the platform has none."""
    listed_ids: Sequence[str] = ()
    """The ids of the conversations that it lists, if they are made up."""
    base_path: str = ""
    """The path of the base URL: all that comes before the paths of the provider's spec."""
    id_rule: str = "a string that is not empty"
    """The rule for ids, as errors state it."""
    id_property: str = "id"
    """The property of a body that has the id."""
    datetime_fields: frozenset[str]
    """The names of all properties that hold a time."""

    def canonical_id(self, id_: str) -> str | None:
        """Return the one spelling of an id; None if it is invalid."""
        return id_ or None

    def own_id(self, body: bytes) -> str | None:
        """Return the id that a body has; None if it has none, or an invalid one."""
        try:
            value: Any = json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None
        id_ = value.get(self.id_property) if is_object(value) else None
        return self.canonical_id(str(id_)) if isinstance(id_, int | str) and id_ and id_ is not True else None

    def spare_ids(self, name: str) -> Iterator[str]:
        """Yield the ids that a file without an id may have, from its name without `.json`. They never end."""
        yield name
        yield from (f"{name}-{number}" for number in count(2))

    @abstractmethod
    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        """Return a new token. One of a kind that does not expire ignores the lifetime."""

    @abstractmethod
    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        """Return None if the headers hold a valid token, else the response that refuses the request.

        The names of the headers are in lower case.
        """

    @abstractmethod
    def config(self, url: str, token: str) -> "ProviderConfig":
        """Return the configuration that leads a client to a sandbox at `url`."""

    def env(self, url: str, token: str) -> dict[str, str]:
        """Return the environment variables that lead a client to a sandbox at `url`."""
        from conversas.providers.base import env_prefix

        prefix = env_prefix(self.name)
        return {f"{prefix}_BASE_URL": f"{url}{self.base_path}", f"{prefix}_TOKEN": token, f"{prefix}_ACCOUNT": ACCOUNT}

    @abstractmethod
    def error(self, status: int) -> Response:
        """Return the response for a status such as 405, 429 or 500."""

    def unauthorized(self) -> Response:
        """Return a 401 for a rejected bearer token."""
        return Response(401, headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),))

    def forbidden(self) -> Response:
        return self.error(403)

    def not_found(self) -> Response:
        """Return the response for a conversation that does not exist."""
        return self.error(404)

    def invalid_id(self) -> Response:
        return self.error(400)

    @abstractmethod
    def make_body(self, id_: str, random: Random, *, messages: int | None, cursor: str | None) -> dict[str, Any]:
        """Return a made-up conversation, which depends on the arguments alone.

        `messages` is its number of messages; for None that is random. `cursor` asks for an earlier page.
        """

    def cursor(self, query: str) -> str | None:
        """Return the cursor in the query of a request; None without one or if the provider has no pages."""
        del query
        return None

    def listed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a conversation as a list has it."""
        return body

    def is_asked_for(self, listed: dict[str, Any], query: str) -> bool:
        """Return whether a listed conversation is one that a query asks for."""
        del listed, query
        return True

    @abstractmethod
    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        """Return a conversation of one message, with the text in one place."""

    @abstractmethod
    def other_id(self, id_: str) -> str:
        """Return the valid id of another conversation."""

    @abstractmethod
    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        """Replace the text of the newest message; add a message to an empty conversation."""

    @abstractmethod
    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        """Set an enum of the spec to a value that it does not list."""

    @abstractmethod
    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        """Set to null what the spec does not allow to be null."""

    def add_quirk(self, quirk: str, body: dict[str, Any]) -> None:
        """Edit a body as this provider writes some: the oddities of `Fault` that are its own. Others change nothing."""
        del quirk, body

    def add_unknown_field(self, body: dict[str, Any]) -> None:
        """Add a property that the spec does not have, to the conversation and to each message."""
        for part in (body, *objects_of(body, "messages")):
            part["schemaRevision"] = {"number": 2, "labels": ["beta", None]}


def bearer(headers: Mapping[str, str]) -> str | None:
    """Return the token of the `Authorization` header; None unless its scheme is Bearer."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def query_parameter(query: str, name: str) -> str | None:
    """Return the last value of a parameter; None if it is absent or empty."""
    return parse_qs(query).get(name, [None])[-1]


def items_of(body: dict[str, Any], name: str) -> list[Any]:
    """Return the items of a list in a body; none if it is no list."""
    value = body.get(name)
    return value if is_array(value) else []


def objects_of(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects among the items of a list in a body."""
    return [*filter(is_object, items_of(body, name))]
