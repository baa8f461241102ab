"""HTTP clients, which the endpoint functions take."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from attrs import define, evolve, field

from .errors import UnexpectedStatus
from .response import Response, read_body

BodyTypes = Mapping[int | range, Any]
"""Type of the body for each status that a spec lists; None if the spec has no schema for it."""


@define
class Client:
    """Settings that all requests have in common. The arguments are those of httpx.Client.

    Attributes:
        raise_on_unexpected_status: Raise errors.UnexpectedStatus for a status that the spec does not list.
    """

    _base_url: str = field(alias="base_url", repr=False)  # may hold a password
    raise_on_unexpected_status: bool = field(default=False, kw_only=True)
    _cookies: dict[str, str] = field(factory=dict[str, str], kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict[str, str], kw_only=True, alias="headers", repr=False)
    _timeout: httpx.Timeout | float | None = field(default=30.0, kw_only=True, alias="timeout")
    _verify_ssl: str | bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl")
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict[str, Any], kw_only=True, alias="httpx_args", repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Return a new client with additional headers."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Return a new client with additional cookies."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """Return a new client with another timeout, in seconds; None waits without end."""
        return evolve(self, timeout=timeout)

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a request with the credential, which a Client does not have."""
        return kwargs

    def send(self, arguments: dict[str, Any], body_types: BodyTypes) -> Response[Any]:
        """Send a request and read the response.

        Raises:
            UnexpectedStatus: The status is not in `body_types`, and the client has raise_on_unexpected_status.
        """
        return self._read(self.get_httpx_client().request(**self.authorized(arguments)), body_types)

    async def send_async(self, arguments: dict[str, Any], body_types: BodyTypes) -> Response[Any]:
        """Send a request and read the response.

        Raises:
            UnexpectedStatus: The status is not in `body_types`, and the client has raise_on_unexpected_status.
        """
        return self._read(await self.get_async_httpx_client().request(**self.authorized(arguments)), body_types)

    def _read(self, response: httpx.Response, body_types: BodyTypes) -> Response[Any]:
        status = response.status_code
        listed = next((each for each in body_types if status in (each if isinstance(each, range) else (each,))), None)
        if listed is None and self.raise_on_unexpected_status:
            raise UnexpectedStatus(status, response.content)
        kind = None if listed is None else body_types[listed]
        parsed = None if kind is None else read_body(kind, response.content, response.encoding or "utf-8")
        return Response(status_code=status, content=response.content, headers=response.headers, parsed=parsed)

    def _httpx_settings(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._headers,
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use this httpx.Client, with its own base URL, cookies, headers and timeout."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """Return the httpx.Client, made at the first call."""
        if self._client is None:
            self._client = httpx.Client(**self._httpx_settings())
        return self._client

    def __enter__(self) -> Self:
        """Open the httpx.Client. A client can be entered once."""
        self.get_httpx_client().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the httpx.Client."""
        self.get_httpx_client().__exit__(kind, error, traceback)

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Use this httpx.AsyncClient, with its own base URL, cookies, headers and timeout."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the httpx.AsyncClient, made at the first call."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._httpx_settings())
        return self._async_client

    async def __aenter__(self) -> Self:
        """Open the httpx.AsyncClient. A client can be entered once."""
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the httpx.AsyncClient."""
        await self.get_async_httpx_client().__aexit__(kind, error, traceback)


@define
class AuthenticatedClient(Client):
    """A Client that sends a credential with each request.

    Attributes:
        token: The credential.
        prefix: The word before the credential in the header; may be empty.
        auth_header_name: The name of the header.
    """

    token: str = field(repr=False)
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a request with the credential."""
        credential = f"{self.prefix} {self.token}" if self.prefix else self.token
        return {**kwargs, "headers": {**kwargs.get("headers", {}), self.auth_header_name: credential}}


@define
class BasicClient(AuthenticatedClient):
    """A Client that sends a name and a password with each request: its token is `name:password`."""

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a request with the credential."""
        credential = f"Basic {b64encode(self.token.encode()).decode()}"
        return {**kwargs, "headers": {**kwargs.get("headers", {}), self.auth_header_name: credential}}


@define
class QueryKeyClient(AuthenticatedClient):
    """A Client that sends a key in the query of each request.

    Attributes:
        query_parameter: The name of the parameter.
    """

    query_parameter: str = "key"

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a request with the credential."""
        return {**kwargs, "params": {**kwargs.get("params", {}), self.query_parameter: self.token}}
