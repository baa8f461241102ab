"""Providers as the environment configures them.

ZILD_BASE_URL, ZILD_TOKEN or ZILD_TOKEN_FILE; SUPERAGENTES_TOKEN or SUPERAGENTES_TOKEN_FILE, SUPERAGENTES_BASE_URL;
ZILD_TIMEZONE, SUPERAGENTES_TIMEZONE. No variable here holds a token or an address, as a traceback may show those.
"""

import os

from conversas.errors import ConfigurationError
from conversas.providers.base import DOCUMENTED_SUPERAGENTES_URL, Platform, Superagentes, Zild
from conversas.providers.credentials import TokenFile, TokenSource

WHAT_TO_SET = {"zild": "ZILD_BASE_URL and ZILD_TOKEN", "superagentes": "SUPERAGENTES_TOKEN"}


def platforms_of_environment() -> list[Platform]:
    """Give each platform that the environment has a token for. An empty variable is none.

    Raises:
        ConfigurationError: There is none, or a part is missing; the message names the variables to set.
    """
    found = [platform_of_environment(name) for name in WHAT_TO_SET]
    platforms = [platform for platform in found if platform]
    if not platforms:
        raise ConfigurationError(f"no token is set: set {', or '.join(WHAT_TO_SET.values())}, or all of them")
    return platforms


def platform_of_environment(name: str) -> Platform | None:
    """Give one platform; None where the environment has no token for it.

    Raises:
        ConfigurationError: A part is missing, or of no use; the message names the variables to set.
    """
    if token_variable(name) is None:
        return None
    timezone = os.environ.get(f"{name.upper()}_TIMEZONE") or "UTC"
    if name == "superagentes":
        return Superagentes(_token(name), _base_url(name) or DOCUMENTED_SUPERAGENTES_URL, timezone)
    if not _base_url(name):
        raise ConfigurationError("ZILD_BASE_URL is not set: it is such as https://api.example.com", provider="zild")
    return Zild(_base_url(name), _token(name), timezone)


def token_variable(name: str) -> str | None:
    """Give the name of the variable that has a token of a platform, or the name of a file with one.

    Raises:
        ConfigurationError: Both are set.
    """
    token = f"{name.upper()}_TOKEN"
    given = [variable for variable in (token, f"{token}_FILE") if os.environ.get(variable)]
    if len(given) > 1:
        raise ConfigurationError(f"both {given[0]} and {given[1]} are set: unset one of them", provider=name)
    return given[0] if given else None


def _base_url(name: str) -> str:
    return os.environ.get(f"{name.upper()}_BASE_URL", "")


def _token(name: str) -> TokenSource:
    file = os.environ.get(f"{name.upper()}_TOKEN_FILE")
    return TokenFile(file) if file else os.environ[f"{name.upper()}_TOKEN"]
