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
    __version__,
)
from conversas.cli.sanitize import harmless
from conversas.providers.base import Platform
from conversas.providers.credentials import Given, expiry_of, problem_of
from conversas.providers.environment import WHAT_TO_SET, platform_of_environment, token_variable
from conversas.transport.proxy import proxy_for

PROBES = {"zild": "0", "superagentes": "conversas-doctor"}
"""An id that no conversation is likely to have: that there is none is answer enough."""
PATIENCE = Timeout(connect_seconds=10, read_seconds=10, total_seconds=20)

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _PROXY_WANTS_CREDENTIALS, _SERVER_ERROR = 401, 403, 404, 407, 500
_PLATFORMS_OWN = {200, 400, 403, 404, 429}  # with one of these a platform may refuse an id that it does not have
_REDIRECTS = range(300, 400)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_EXIT_CODES = {"configuration": 2}  # as `conversas get` ends with it; 1 for all else
_REACHED = {"ReadTimeout", "ReadError", "RemoteProtocolError", "TooSlow", "BrokenBody"}
"""The reasons of no answer that show that somebody took the connection."""


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

    Each platform is asked once, for a conversation that is not there.
    """
    click.echo(f"conversas {__version__}, Python {machine.python_version()}")
    worst, configured = 0, False
    for name in WHAT_TO_SET:
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
    """Look at one platform: first what is set, then what it answers."""
    try:
        platform = platform_of_environment(name)
        source = token_variable(name)
    except ConfigurationError as error:
        at_fault = f"{name.upper()}_BASE_URL" if "base_url" in str(error) else WHAT_TO_SET[name]
        yield Finding("configuration", str(error), f"set {at_fault} anew")
        return
    if platform is None:
        yield Finding("not configured", f"set {WHAT_TO_SET[name]} to use it")
        return
    proxy = proxy_for(platform.base_url)
    yield Finding("base URL", platform.base_url)
    yield Finding("proxy", proxy or "none")
    token = _token(platform, source or "")
    yield token
    if token.advice is None:
        yield _host(platform, proxy)


def _token(platform: Platform, variable: str) -> Finding:
    """Say of a token what can be said without showing it."""
    try:
        given = Given(platform.token() if isinstance(platform.token, TokenFile) else platform.token)
    except ConfigurationError as error:
        return Finding("configuration", str(error), f"write the token into that file, or change {variable}")
    if problem := problem_of(given):  # of a file alone: another one is no platform
        return Finding("configuration", f"{variable}: {problem}", "write the token into that file, and nothing else")
    facts = f"from {variable}, {_counted(len(given.value), 'character')}"
    if not platform.token_tells_expiry:
        return Finding("token", facts)
    expires_at = expiry_of(given.value)
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


def _host(platform: Platform, proxy: str | None) -> Finding:
    ref = ConversationRef(platform.name, PROBES[platform.name])
    try:
        with Client(platform, retry=Retry(attempts=1), timeout=PATIENCE) as client:
            client.get(ref)
    except ConversasError as error:
        return Finding("host", _outcome(error), advice(error, proxy))
    return Finding("host", "it answers")


def _outcome(error: ConversasError) -> str:
    if isinstance(error, TransportError):
        return f"no answer ({error.reason})"
    if isinstance(error, ApiError) and error.status:
        perhaps = ": no such conversation, or a wrong path in the base URL" if error.status == _NOT_FOUND else ""
        return f"it answers with the status {error.status}{perhaps}"
    return str(error)


def advice(error: ConversasError, proxy: str | None) -> str | None:
    """Say what to do about an error; None where it shows that the platform answers."""
    if isinstance(error, TransportError):
        return _advice_without_answer(error.reason or "", proxy)
    if isinstance(error, ApiError):
        return _advice_on_status(error.status or 0, error.provider, proxy)
    if isinstance(error, DecodeError):
        return "something else than the platform answers: is the base URL right, up to its path?"
    return "the message says what to change"


def _advice_on_status(status: int, provider: str | None, proxy: str | None) -> str | None:
    if status == _UNAUTHORIZED or (provider == "superagentes" and status == _FORBIDDEN):
        return "the host answers and refuses the token: is it complete, of this platform, and not withdrawn?"
    if status == _PROXY_WANTS_CREDENTIALS:
        return f"the proxy {proxy} wants credentials: HTTPS_PROXY=http://user:password@host:port"
    if status in _REDIRECTS:
        return "the base URL leads elsewhere: take the address that it redirects to"
    if status >= _SERVER_ERROR:
        return "the host answers, and fails: try again later, or ask the platform"
    if status not in _PLATFORMS_OWN:
        return "the host answers, but with no conversation: is the base URL right, and the account in order?"
    return None


def _advice_without_answer(reason: str, proxy: str | None) -> str:
    if reason == "SSLCertVerificationError":
        return (
            "its certificate has expired, is of another host, or signed by an authority that is not known here; "
            "this makes it known: SSL_CERT_FILE=/path/to/its/ca.pem"
        )
    if reason in _REACHED:
        return "the connection is made, and no answer comes: try again later, or ask the platform"
    if proxy:
        return (
            f"the proxy {proxy} refuses or is down: check HTTPS_PROXY and HTTP_PROXY, with user:password@ before the "
            "host where it wants them, or name the host in NO_PROXY"
        )
    if reason == "gaierror":
        return "no such host: check the spelling of the base URL, and whether a VPN is needed"
    if reason == "ConnectionRefusedError":
        return "nothing listens there: check host and port of the base URL, and whether the platform is up"
    return "the host is not reached: check the network, the base URL, and whether a VPN or a proxy is needed"
