"""Provider, as one record of values and functions; and the configuration that users pass for it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import get_data
from typing import Any, ClassVar, NoReturn
from urllib.parse import SplitResult

from attrs import field, frozen

from conversas.errors import ConfigurationError
from conversas.providers.credentials import Secret, TokenSource, validate_token
from conversas.providers.datetimes import timezone_localizer
from conversas.providers.mapping import MappingContext
from conversas.providers.page_url import ids_in_page_url
from conversas.providers.request import ConversationRequest
from conversas.records.conversation import Conversation
from conversas.records.ref import ConversationRef
from conversas.urls import normalized_base_url, validate_base_url
from conversas_api.runtime import Model

LONGEST_LABEL = 100  # characters


@frozen(init=False, repr=False)
class ProviderConfig:
    """Configuration of one provider: its URL, its token, its time zone, its account. Subclass it for each provider.

    It holds a secret, so it cannot be pickled; create a configuration in each process.

    Args:
        token: A token, a callable that returns one and is called again after a 401, or a `TokenFile`. `AsyncClient`
            also accepts coroutine functions.
        base_url: The URL that precedes the paths of the spec; by default, `default_base_url`.
        timezone: The time zone of times without an offset, by its IANA name.
        account: A label of your account, for example `loja`, so that no export mixes two accounts. By default, the
            account is the base URL.

    Raises:
        ConfigurationError: The base URL, the token, the time zone or the account is invalid.
    """

    name: ClassVar[str]
    """Name of the provider: the part of a ref before the colon."""
    default_base_url: ClassVar[str | None] = None
    """The documented base URL. None if the provider documents no URL: then users must pass theirs."""

    base_url: str
    """URL that precedes the paths of the spec, without a slash at the end."""
    token: TokenSource
    """The token, or its source."""
    timezone: str
    """Time zone of times without an offset, by its IANA name."""
    label: str | None = field(default=None, alias="account")  # so that attrs.evolve copies it
    """Label of the account, if it has one."""

    def __init__(
        self, token: TokenSource, base_url: str | None = None, timezone: str = "UTC", account: str | None = None
    ) -> None:
        secret = Secret((self.default_base_url if base_url is None else base_url, token))
        del base_url, token  # a traceback may show the locals of this frame
        self._set(secret, timezone, account)

    def _set(self, secret: Secret, timezone: str, account: str | None = None) -> None:
        """Validate and store the settings; `secret` is a pair of base URL and token."""
        self.__attrs_init__(*self._validated(secret), timezone, account)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # attrs defines it
        timezone_localizer(timezone)
        if problem := validate_label(account):
            raise ConfigurationError(f"{self.name}: {problem}", provider=self.name)

    @property
    def account(self) -> str:
        """The account that the token belongs to: its label if it has one, else its base URL."""
        return normalized_base_url(self.base_url) if self.label is None else self.label

    def _validated(self, secret: Secret) -> tuple[str, Any]:
        problem = validate_base_url(secret.value[0])
        if not problem and not callable(secret.value[1]):
            problem = validate_token(Secret(secret.value[1]))
        if problem:
            raise ConfigurationError(f"{self.name}: {problem}", provider=self.name)
        return secret.value[0].rstrip("/"), secret.value[1]

    def __repr__(self) -> str:
        """Return the class and the base URL, if it is set: a traceback may show an unfinished object."""
        return f"{type(self).__name__}({getattr(self, 'base_url', '?')!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a token and cannot be pickled; create one in each process")


def validate_label(label: object) -> str | None:
    """Return the reason why a label is invalid; None if it is valid. The reason does not quote the label."""
    if label is None:
        return None
    if not isinstance(label, str) or not label.isprintable() or label != label.strip():
        return "account must be a printable string without spaces at the beginning or end, for example loja"
    if not 0 < len(label) <= LONGEST_LABEL:
        return f"account must have 1 to {LONGEST_LABEL} characters, got {len(label)}"
    return "account must be a label, for example loja, got a URL" if "://" in label else None


def bearer(token: Secret) -> Mapping[str, str]:
    """Return the header of the security scheme `bearer`."""
    return {"Authorization": f"Bearer {token.value}"}


@frozen(kw_only=True, eq=False)
class ListOperation:
    """Operation that lists conversations, if a provider's spec has one. The response is an array of objects."""

    operation: str
    """The `operationId`, which is also the name of the run-time schema."""
    endpoint: str
    """The module of the operation in the generated client."""
    parameters: Callable[[str | None, str | None], Mapping[str, Any]] = field(repr=False)
    """Function that returns the arguments of the operation. It gets a status, in the provider's word, and the id of an
    agent; None means all."""
    statuses: Mapping[str, str]
    """The provider's word for each neutral status."""


@frozen(kw_only=True, eq=False)
class Provider:
    """Everything that is particular to one provider. Only the module of the provider knows these facts."""

    name: str
    """The name that refs begin with: lower-case letters, digits and underscores."""
    config: type[ProviderConfig]
    """The class of the provider's configuration."""
    client: str
    """Package of the generated client, for example `conversas_api.zild`."""
    operation: str
    """The `operationId` of the operation that returns one conversation; also the name of the run-time schema."""
    endpoint: str
    """Module of the operation in the generated client, for example `api.conversations.get_conversation`."""
    model: type[Model] = field(repr=False)
    """Generated class of the body."""
    parameters: Callable[[ConversationRef], Mapping[str, Any]] = field(repr=False)
    """Function that returns the arguments for a ref. For an invalid id, it raises ConfigurationError."""
    to_record: Callable[[Any, MappingContext], Conversation] = field(repr=False)
    """Function that returns the neutral record of a model."""
    list_operation: ListOperation | None = None
    """The operation that lists conversations; None if the spec has none."""
    authenticate: Callable[[Secret], Mapping[str, str]] = field(default=bearer, repr=False)
    """Function that returns the headers that carry a token, according to the security scheme of the spec."""
    id_property: str = "id"
    """The property of a body that holds the id."""
    canonical_id: Callable[[str], str] = field(default=str, repr=False)
    """Function that returns the canonical spelling of an id, if several spellings request one conversation."""
    status_messages: Mapping[int, str] = field(factory=dict[int, str], repr=False)
    """Meanings of statuses, if they differ from the usual ones."""
    probe_id: str
    """An id that no conversation is likely to have: `conversas doctor` requests it."""
    token_is_jwt: bool = False
    """Whether tokens are JWTs, whose expiry can be read."""
    forbidden_may_mean_bad_token: bool = False
    """Whether the provider may answer a wrong token with 403."""
    has_scores: bool = False
    """Whether conversations are evaluated with a score, sometimes after they are closed."""
    integer_ids: range | None = None
    """Range of all ids, if ids are integers of at most 64 bits, in their shortest form. Then users can write ranges."""
    ids_in_page_url: Callable[[SplitResult], Iterable[str]] = field(default=ids_in_page_url, repr=False)
    """Function that returns possible ids in a URL on the provider's host, for example a URL of its dashboard."""

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The run-time schema of a body."""
        return self._read_schema(self.operation)

    @cached_property
    def list_schema(self) -> dict[str, Any]:
        """The run-time schema of a list of conversations.

        Raises:
            ConfigurationError: The spec has no such operation.
        """
        return self._read_schema(self.require_list_operation().operation)

    @property
    def spec_version(self) -> str:
        """The version of the spec that the client is generated from."""
        return str(import_module(self.client).SPEC_VERSION)

    @property
    def env_help(self) -> str:
        """The environment variables that configure the provider, for messages."""
        token = f"{env_prefix(self.name)}_TOKEN"
        return token if self.config.default_base_url else f"{env_prefix(self.name)}_BASE_URL and {token}"

    def build_request(self, ref: ConversationRef) -> ConversationRequest:
        """Return the request for a conversation.

        Raises:
            ConfigurationError: The id is invalid.
        """
        return self._build(self.load_endpoint(), self.parameters(ref), ref)

    def build_list_request(self, status: str | None, agent_id: str | None) -> ConversationRequest:
        """Return the request for a list of conversations.

        Raises:
            ConfigurationError: The spec has no such operation, or a parameter cannot be sent.
        """
        listing = self.require_list_operation()
        endpoint = import_module(f"{self.client}.{listing.endpoint}")
        parameters = listing.parameters(status and listing.statuses.get(status, status), agent_id)
        return self._build(endpoint, parameters)

    def _build(
        self, endpoint: Any, arguments: Mapping[str, Any], ref: ConversationRef | None = None
    ) -> ConversationRequest:
        try:
            return ConversationRequest.from_arguments(endpoint.request_arguments(**arguments))
        except ValueError as error:
            problem = str(error)
        raise ConfigurationError(f"{ref or self.name}: {problem}", provider=self.name, ref=ref)

    def require_list_operation(self) -> ListOperation:
        """Return the operation that lists conversations.

        Raises:
            ConfigurationError: The spec has no such operation.
        """
        if self.list_operation is None:
            message = f"{self.name}: its spec has no operation that lists conversations; write the refs into a file"
            raise ConfigurationError(message, provider=self.name)
        return self.list_operation

    def _read_schema(self, operation: str) -> dict[str, Any]:
        schema: dict[str, Any] = json.loads(get_data(self.client, f"{operation}.schema.json") or b"")
        return schema

    def load_endpoint(self) -> Any:
        """Import and return the module of the operation. This imports httpx, which decoding does not need."""
        return import_module(f"{self.client}.{self.endpoint}")


def env_prefix(name: str) -> str:
    """Return the prefix of a provider's environment variables."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
