"""`conversas doctor`: checks of the configuration, the token and the host of each provider, with a fix for each."""

import platform as machine
import time
from collections.abc import Iterator

import click
from attrs import frozen

from conversas import (
    ApiError,
    Client,
    ConfigurationError,
    ConversasError,
    ConversationRef,
    DecodeError,
    Retry,
    Timeout,
    TokenFile,
    TransportError,
    TransportErrorReason,
    __version__,
)
from conversas.cli.sanitize import escape_for_terminal
from conversas.cli.subcommand import subcommand
from conversas.plurals import counted
from conversas.providers import get_provider, provider_names
from conversas.providers.base import ProviderConfig, env_prefix
from conversas.providers.credentials import Secret, jwt_expiry, validate_token
from conversas.providers.environment import provider_from_env, token_variable
from conversas.transport.proxy import redacted_proxy

TIMEOUT = Timeout(connect_seconds=10, read_seconds=10, total_seconds=20)

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _PROXY_AUTHENTICATION_REQUIRED, _SERVER_ERROR = 401, 403, 404, 407, 500
_API_STATUSES = {200, 400, 403, 404, 429}  # a provider may respond with each of these to an unknown id
_REDIRECTS = range(300, 400)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_EXIT_CODES = {"configuration": 2}  # the same code as `conversas get`; 1 for every other failed check
_CONNECTED = {
    TransportErrorReason.READ_TIMEOUT,
    TransportErrorReason.RESET,
    TransportErrorReason.PROTOCOL,
    TransportErrorReason.DEADLINE,
    TransportErrorReason.BODY,
}
"""Reasons that occur only after the connection was made."""


@frozen
class CheckResult:
    """Result of one check."""

    check: str
    text: str
    fix: str | None = None
    """Suggested fix; None if the check passed."""


@subcommand("doctor", "conversas doctor", "ZILD_TOKEN_FILE=token.txt conversas doctor")
def command() -> int:
    """Check the configuration and the connection to each provider.

    The command sends one request to each provider, for a conversation that does not exist.
    """
    click.echo(f"conversas {__version__}, Python {machine.python_version()}")
    worst, configured = 0, False
    for name in provider_names():
        click.echo(f"\n{name}")
        for result in check_provider(name):
            configured = configured or result.check != "not configured"
            worst = max(worst, _EXIT_CODES.get(result.check, 1) if result.fix else 0)
            _print_result(result)
    return worst if configured else 2


def _print_result(result: CheckResult) -> None:
    from rich.text import Text

    from conversas.cli.console import plain_console, print_columns

    console = plain_console()
    mark = Text("  ok  ", "green") if result.fix is None else Text("  !!  ", "bold red")
    if result.check == "not configured":
        mark = Text("  --  ", "dim")
    print_columns(console, Text.assemble(mark, f"{result.check:<15}"), Text(escape_for_terminal(result.text)))
    if result.fix:
        print_columns(console, Text(" " * mark.cell_len), Text(escape_for_terminal(result.fix)))


def check_provider(name: str) -> Iterator[CheckResult]:
    """Yield the results of the checks of a provider: first its configuration, then its response."""
    try:
        config = provider_from_env(name)
        source = token_variable(name)
    except ConfigurationError as error:
        variables = f"{env_prefix(name)}_BASE_URL" if "base_url" in str(error) else get_provider(name).env_help
        yield CheckResult("configuration", str(error), f"set {variables} again")
        return
    if config is None:
        yield CheckResult("not configured", f"to use this provider, set {get_provider(name).env_help}")
        return
    proxy = redacted_proxy(config.base_url)
    yield CheckResult("base URL", config.base_url)
    yield CheckResult("proxy", proxy or "none")
    token = _token(config, source or "")
    yield token
    if token.fix is None:
        yield _host(config, proxy)


def _token(config: ProviderConfig, variable: str) -> CheckResult:
    """Check a token without showing it."""
    try:
        token = Secret(config.token() if isinstance(config.token, TokenFile) else config.token)
    except ConfigurationError as error:
        return CheckResult("configuration", str(error), f"write the token into that file, or change {variable}")
    if problem := validate_token(token):  # the token is from a file; a token from a variable was checked before
        return CheckResult(
            "configuration", f"{variable}: {problem}", "write the token into that file, and nothing else"
        )
    facts = f"from {variable}, {counted(len(token.value), 'character')}"
    if not get_provider(config.name).token_is_jwt:
        return CheckResult("token", facts)
    expires_at = jwt_expiry(token.value)
    if expires_at is None:
        return CheckResult("token", f"{facts}, does not say when it expires")
    left = expires_at - time.time()
    if left < 0:
        update = f"write the new token into the file of {variable}" if "_FILE" in variable else f"set {variable} again"
        return CheckResult("token", f"{facts}, expired {_span(-left)} ago", f"log in again, and {update}")
    return CheckResult("token", f"{facts}, expires in {_span(left)}")


def _span(seconds: float) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1)
    return counted(round(seconds / size), unit)


def _host(config: ProviderConfig, proxy: str | None) -> CheckResult:
    ref = ConversationRef(config.name, get_provider(config.name).probe_id)
    try:
        with Client(config, retry=Retry(attempts=1), timeout=TIMEOUT) as client:
            client.get(ref)
    except ConversasError as error:
        return CheckResult("host", _describe(error), suggest_fix(error, proxy))
    return CheckResult("host", "responds")


def _describe(error: ConversasError) -> str:
    if isinstance(error, TransportError):
        return f"no response ({error.reason})"
    if isinstance(error, ApiError) and error.status:
        meaning = ": no such conversation, or a wrong path in the base URL" if error.status == _NOT_FOUND else ""
        return f"responds with the status {error.status}{meaning}"
    return str(error)


def suggest_fix(error: ConversasError, proxy: str | None) -> str | None:
    """Return what to do about an error; None if the error shows that the provider works."""
    if isinstance(error, TransportError):
        return _fix_without_response(error, proxy)
    if isinstance(error, ApiError):
        return _fix_for_status(error.status or 0, error.provider, proxy)
    if isinstance(error, DecodeError):
        return "the response is not from the provider; check the base URL with its path"
    return "correct what the message names"


def _fix_for_status(status: int, provider: str | None, proxy: str | None) -> str | None:
    if status == _UNAUTHORIZED or (
        status == _FORBIDDEN and provider and get_provider(provider).forbidden_may_mean_bad_token
    ):
        return "the host rejects the token; check that it is complete, belongs to this provider, and is not revoked"
    if status == _PROXY_AUTHENTICATION_REQUIRED:
        return _fix_for_proxy_credentials(proxy)
    if status in _REDIRECTS:
        return "the base URL redirects to another address; use that address"
    if status >= _SERVER_ERROR:
        return "the provider has an internal failure; try again later, or ask the provider"
    if status not in _API_STATUSES:
        return "the response is not a conversation; check the base URL and your account"
    return None


def _fix_for_proxy_credentials(proxy: str | None) -> str:
    return f"the proxy {proxy} requires credentials; set HTTPS_PROXY=http://user:password@host:port"


def _fix_without_response(error: TransportError, proxy: str | None) -> str:
    reason = error.reason
    if "client certificate" in str(error):
        return (
            "the host requires a client certificate; in Python, load it into an ssl.SSLContext and pass it as verify="
        )
    if reason is TransportErrorReason.TLS and not error.retryable:
        return (
            "the host's certificate has expired, is for another host, or is signed by an unknown authority; to trust "
            "that authority, set SSL_CERT_FILE=/path/to/its/ca.pem"
        )
    if reason is TransportErrorReason.PROXY and not error.retryable:
        return _fix_for_proxy_credentials(proxy)
    if reason in _CONNECTED:
        return "the connection was made, but no response arrived; try again later, or ask the provider"
    if proxy:
        return (
            f"the proxy {proxy} refuses the connection or is down; check HTTPS_PROXY and ALL_PROXY, with "
            "user:password@ before the host if the proxy requires credentials, or add the host to NO_PROXY"
        )
    if reason is TransportErrorReason.DNS:
        return "the host does not exist; check the spelling of the base URL, and whether a VPN is needed"
    if reason is TransportErrorReason.REFUSED:
        return "nothing listens at that address; check host and port of the base URL, and whether the provider is up"
    return "the host cannot be reached; check the network, the base URL, and whether a VPN or a proxy is needed"
