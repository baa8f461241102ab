"""The HTTP client that the endpoint functions take."""

import ssl
from typing import Any, Self
from urllib.parse import quote

import httpx
from attrs import define, evolve, field


def path_segment(value: object) -> str:
    """Quote a path parameter.

    Raises:
        ValueError: The value is empty or a dot segment, which would lead to another path.
    """
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError("a path parameter must not be empty, '.' or '..'")
    return quote(text, safe="")


@define
class Client:
    """Holds what all requests have in common. The arguments are those of httpx.Client.

    Attributes:
        raise_on_unexpected_status: Raise errors.UnexpectedStatus for a status without a number in the spec.
    """

    _base_url: str = field(alias="base_url", repr=False)  # may hold a password
    raise_on_unexpected_status: bool = field(default=False, kw_only=True)
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)
    _timeout: httpx.Timeout | float | None = field(default=30.0, kw_only=True, alias="timeout")
    _verify_ssl: str | bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl")
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args", repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Get a new client with additional headers."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Get a new client with additional cookies."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """Get a new client with another timeout, in seconds; None waits without end."""
        return evolve(self, timeout=timeout)

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Add the credential to the arguments of a request."""
        return kwargs

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
        """Get the httpx.Client, made at the first call."""
        if self._client is None:
            self._client = httpx.Client(**self._httpx_settings())
        return self._client

    def __enter__(self) -> Self:
        """Open the httpx.Client. A client can be entered once."""
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        """Close the httpx.Client."""
        self.get_httpx_client().__exit__(*args)

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Use this httpx.AsyncClient, with its own base URL, cookies, headers and timeout."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Get the httpx.AsyncClient, made at the first call."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._httpx_settings())
        return self._async_client

    async def __aenter__(self) -> Self:
        """Open the httpx.AsyncClient. A client can be entered once."""
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        """Close the httpx.AsyncClient."""
        await self.get_async_httpx_client().__aexit__(*args)


@define
class AuthenticatedClient(Client):
    """A Client that sends a credential with each request.

    Attributes:
        token: The credential.
        prefix: What stands before the credential in the header; may be empty.
        auth_header_name: The name of the header.
    """

    token: str = field(repr=False)
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def authorized(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Add the credential to the arguments of a request."""
        credential = f"{self.prefix} {self.token}" if self.prefix else self.token
        return {
            **kwargs,
            "headers": {**kwargs.get("headers", {}), self.auth_header_name: credential},
        }
