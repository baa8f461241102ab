"""Base class of the providers that the sandbox imitates."""

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
"""Account label of every sandbox. So an export can continue with another sandbox, which has a different port."""


class SandboxPlatform(ABC):
    """One provider in the sandbox: its route, tokens, bodies and errors, and the faults that depend on its format.

    A package adds a provider with an entry point in the group `conversas.sandbox` that names an instance.
    """

    name: str
    """The provider's name in refs, for example `zild`."""
    path: re.Pattern[str]
    """The path of a conversation, with the percent-encoded id as its group. No other provider's path may match it."""
    list_path: str | None = None
    """The path of the list of conversations; None if the platform has none."""
    listed_ids: Sequence[str] = ()
    """The ids of the made-up conversations in the list."""
    base_path: str = ""
    """The path of the base URL, which comes before the paths of the provider's spec."""
    id_rule: str = "a non-empty string"
    """The rule for ids, as errors state it."""
    id_property: str = "id"
    """The property of a body that contains the id."""
    datetime_fields: frozenset[str]
    """The names of all properties that contain a time."""

    def canonical_id(self, id_: str) -> str | None:
        """Return the canonical spelling of an id; None if the id is invalid."""
        return id_ or None

    def own_id(self, body: bytes) -> str | None:
        """Return the id in a body; None if there is no id, or if it is invalid."""
        try:
            value: Any = json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None
        id_ = value.get(self.id_property) if is_object(value) else None
        return self.canonical_id(str(id_)) if isinstance(id_, int | str) and id_ and id_ is not True else None

    def spare_ids(self, name: str) -> Iterator[str]:
        """Yield possible ids for a file without an id, from its name without `.json`. The iterator never ends."""
        yield name
        yield from (f"{name}-{number}" for number in count(2))

    @abstractmethod
    def issue_token(self, issuer: TokenIssuer, lifetime_seconds: float) -> str:
        """Return a new token. The lifetime is ignored if tokens of the provider do not expire."""

    @abstractmethod
    def authenticate(self, headers: Mapping[str, str], issuer: TokenIssuer) -> Response | None:
        """Return None if the headers contain a valid token; otherwise the response that refuses the request.

        The names of the headers are in lower case.
        """

    @abstractmethod
    def config(self, url: str, token: str) -> "ProviderConfig":
        """Return the configuration with which a client uses a sandbox at `url`."""

    def env(self, url: str, token: str) -> dict[str, str]:
        """Return the environment variables with which a client uses a sandbox at `url`."""
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
        """Return a made-up conversation, which depends only on the arguments.

        `messages` is the number of messages; None means a random number. `cursor` requests an earlier page.
        """

    def cursor(self, query: str) -> str | None:
        """Return the cursor in the query of a request; None if there is no cursor or the provider has no pages."""
        del query
        return None

    def listed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a conversation in the form that the list has."""
        return body

    def is_asked_for(self, listed: dict[str, Any], query: str) -> bool:
        """Return whether a listed conversation matches a query."""
        del listed, query
        return True

    @abstractmethod
    def minimal_body(self, id_: str, text: str) -> dict[str, Any]:
        """Return a conversation with one message. The text occurs exactly once."""

    @abstractmethod
    def other_id(self, id_: str) -> str:
        """Return the valid id of another conversation."""

    @abstractmethod
    def set_newest_text(self, body: dict[str, Any], text: str) -> None:
        """Replace the text of the newest message; add a message to an empty conversation."""

    @abstractmethod
    def set_unknown_enum_value(self, body: dict[str, Any]) -> None:
        """Set a property with an enum to a value that the enum does not list."""

    @abstractmethod
    def set_unexpected_null(self, body: dict[str, Any]) -> None:
        """Set a value to null although the spec does not allow null there."""

    def add_quirk(self, quirk: str, body: dict[str, Any]) -> None:
        """Add to a body an oddity that only this provider has. A fault that is not such an oddity changes nothing."""
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
    """Return the items of a list in a body; no items if the value is not a list."""
    value = body.get(name)
    return value if is_array(value) else []


def objects_of(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects among the items of a list in a body."""
    return [*filter(is_object, items_of(body, name))]
