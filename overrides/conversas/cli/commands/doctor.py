"""`conversas doctor`: what is configured, whether the token looks alive, whether the host answers, and what to do."""

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
from conversas.cli.sanitize import harmless
from conversas.providers import get_provider, provider_names
from conversas.providers.base import ProviderConfig, env_prefix
from conversas.providers.credentials import Secret, jwt_expiry, validate_token
from conversas.providers.environment import provider_from_env, token_variable
from conversas.transport.proxy import redacted_proxy

PATIENCE = Timeout(connect_seconds=10, read_seconds=10, total_seconds=20)

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _PROXY_WANTS_CREDENTIALS, _SERVER_ERROR = 401, 403, 404, 407, 500
_PLATFORMS_OWN = {200, 400, 403, 404, 429}  # with one of these a config may refuse an id that it does not have
_REDIRECTS = range(300, 400)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_EXIT_CODES = {"configuration": 2}  # as `conversas get` ends with it; 1 for all else
_CONNECTED = {
    TransportErrorReason.READ_TIMEOUT,
    TransportErrorReason.RESET,
    TransportErrorReason.PROTOCOL,
    TransportErrorReason.DEADLINE,
    TransportErrorReason.BODY,
}
"""Reasons that show that the connection was made."""


@frozen
class Finding:
    """One line of the report."""

    what: str
    text: str
    advice: str | None = None
    """What to do; None where all is well."""


@click.command("doctor")
def command() -> int:
    """Tell what is configured, and whether it works.

    Each config is asked once, for a conversation that is not there.
    """
    click.echo(f"conversas {__version__}, Python {machine.python_version()}")
    worst, configured = 0, False
    for name in provider_names():
        click.echo(f"\n{name}")
        for finding in examine(name):
            configured = configured or finding.what != "not configured"
            worst = max(worst, _EXIT_CODES.get(finding.what, 1) if finding.advice else 0)
            _show(finding)
    return worst if configured else 2


def _show(finding: Finding) -> None:
    from rich.text import Text

    from conversas.cli.console import plain_console, print_beside

    console = plain_console()
    mark = Text("  ok  ", "green") if finding.advice is None else Text("  !!  ", "bold red")
    if finding.what == "not configured":
        mark = Text("  --  ", "dim")
    print_beside(console, Text.assemble(mark, f"{finding.what:<15}"), Text(harmless(finding.text)))
    if finding.advice:
        print_beside(console, Text(" " * mark.cell_len), Text(harmless(finding.advice)))


def examine(name: str) -> Iterator[Finding]:
    """Look at one config: first what is set, then what it answers."""
    try:
        config = provider_from_env(name)
        source = token_variable(name)
    except ConfigurationError as error:
        at_fault = f"{env_prefix(name)}_BASE_URL" if "base_url" in str(error) else get_provider(name).env_help
        yield Finding("configuration", str(error), f"set {at_fault} anew")
        return
    if config is None:
        yield Finding("not configured", f"set {get_provider(name).env_help} to use it")
        return
    proxy = redacted_proxy(config.base_url)
    yield Finding("base URL", config.base_url)
    yield Finding("proxy", proxy or "none")
    token = _token(config, source or "")
    yield token
    if token.advice is None:
        yield _host(config, proxy)


def _token(config: ProviderConfig, variable: str) -> Finding:
    """Say of a token what can be said without showing it."""
    try:
        given = Secret(config.token() if isinstance(config.token, TokenFile) else config.token)
    except ConfigurationError as error:
        return Finding("configuration", str(error), f"write the token into that file, or change {variable}")
    if problem := validate_token(given):  # of a file alone: another one is no config
        return Finding("configuration", f"{variable}: {problem}", "write the token into that file, and nothing else")
    facts = f"from {variable}, {_counted(len(given.value), 'character')}"
    if not get_provider(config.name).token_is_jwt:
        return Finding("token", facts)
    expires_at = jwt_expiry(given.value)
    if expires_at is None:
        return Finding("token", f"{facts}, does not say when it expires")
    left = expires_at - time.time()
    if left < 0:
        place = f"write the new token into the file of {variable}" if "_FILE" in variable else f"set {variable} anew"
        return Finding("token", f"{facts}, expired {_span(-left)} ago", f"log in again, and {place}")
    return Finding("token", f"{facts}, expires in {_span(left)}")


def _span(seconds: float) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size or size == 1)
    return _counted(round(seconds / size), unit)


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def _host(config: ProviderConfig, proxy: str | None) -> Finding:
    ref = ConversationRef(config.name, get_provider(config.name).probe_id)
    try:
        with Client(config, retry=Retry(attempts=1), timeout=PATIENCE) as client:
            client.get(ref)
    except ConversasError as error:
        return Finding("host", _outcome(error), advice(error, proxy))
    return Finding("host", "it answers")


def _outcome(error: ConversasError) -> str:
    if isinstance(error, TransportError):
        return f"no response ({error.reason})"
    if isinstance(error, ApiError) and error.status:
        perhaps = ": no such conversation, or a wrong path in the base URL" if error.status == _NOT_FOUND else ""
        return f"it answers with the status {error.status}{perhaps}"
    return str(error)


def advice(error: ConversasError, proxy: str | None) -> str | None:
    """Say what to do about an error; None where it shows that the config answers."""
    if isinstance(error, TransportError):
        return _advice_without_response(error, proxy)
    if isinstance(error, ApiError):
        return _advice_on_status(error.status or 0, error.provider, proxy)
    if isinstance(error, DecodeError):
        return "something else than the config answers: is the base URL right, up to its path?"
    return "the message says what to change"


def _advice_on_status(status: int, provider: str | None, proxy: str | None) -> str | None:
    if status == _UNAUTHORIZED or (
        status == _FORBIDDEN and provider and get_provider(provider).forbidden_may_mean_bad_token
    ):
        return "the host answers and refuses the token: is it complete, of this config, and not withdrawn?"
    if status == _PROXY_WANTS_CREDENTIALS:
        return f"the proxy {proxy} wants credentials: HTTPS_PROXY=http://user:password@host:port"
    if status in _REDIRECTS:
        return "the base URL leads elsewhere: take the address that it redirects to"
    if status >= _SERVER_ERROR:
        return "the host answers, and fails: try again later, or ask the config"
    if status not in _PLATFORMS_OWN:
        return "the host answers, but with no conversation: is the base URL right, and the account in order?"
    return None


def _advice_without_response(error: TransportError, proxy: str | None) -> str:
    reason = error.reason
    if reason is TransportErrorReason.TLS and not error.retryable:
        return (
            "its certificate has expired, is of another host, or signed by an authority that is not known here; "
            "this makes it known: SSL_CERT_FILE=/path/to/its/ca.pem"
        )
    if reason in _CONNECTED:
        return "the connection is made, and no answer comes: try again later, or ask the config"
    if proxy:
        return (
            f"the proxy {proxy} refuses or is down: check HTTPS_PROXY and HTTP_PROXY, with user:password@ before the "
            "host where it wants them, or name the host in NO_PROXY"
        )
    if reason is TransportErrorReason.DNS:
        return "no such host: check the spelling of the base URL, and whether a VPN is needed"
    if reason is TransportErrorReason.REFUSED:
        return "nothing listens there: check host and port of the base URL, and whether the config is up"
    return "the host is not reached: check the network, the base URL, and whether a VPN or a proxy is needed"
