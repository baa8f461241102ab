"""What the environment says of the platforms. Nothing else in this package reads the environment.

ZILD_BASE_URL, ZILD_TOKEN or ZILD_TOKEN_FILE; SUPERAGENTES_TOKEN or SUPERAGENTES_TOKEN_FILE, SUPERAGENTES_BASE_URL.
"""

import os
from collections.abc import Mapping

from conversas.errors import ConfigurationError
from conversas.platforms import DOCUMENTED_SUPERAGENTES_URL, Platform, Superagentes, Zild
from conversas.tokens import TokenFile, TokenSource


def platforms_of_environment(environment: Mapping[str, str] = os.environ) -> list[Platform]:
    """Give each platform that the environment has a token for. An empty variable is none.

    Raises:
        ConfigurationError: There is none, or a part is missing; the message names the variables to set.
    """
    platforms: list[Platform] = []
    if _has_token(environment, "ZILD"):
        if not environment.get("ZILD_BASE_URL"):
            raise ConfigurationError("ZILD_BASE_URL is not set, such as https://api.example.com", provider="zild")
        platforms.append(Zild(environment["ZILD_BASE_URL"], _token(environment, "ZILD")))
    if _has_token(environment, "SUPERAGENTES"):
        base_url = environment.get("SUPERAGENTES_BASE_URL") or DOCUMENTED_SUPERAGENTES_URL
        platforms.append(Superagentes(_token(environment, "SUPERAGENTES"), base_url))
    if not platforms:
        raise ConfigurationError(
            "no token is set: set ZILD_BASE_URL and ZILD_TOKEN, or SUPERAGENTES_TOKEN, or all three"
        )
    return platforms


def _has_token(environment: Mapping[str, str], prefix: str) -> bool:
    given = [name for name in (f"{prefix}_TOKEN", f"{prefix}_TOKEN_FILE") if environment.get(name)]
    if len(given) > 1:
        raise ConfigurationError(f"both {given[0]} and {given[1]} are set: unset one of them", provider=prefix.lower())
    return bool(given)


def _token(environment: Mapping[str, str], prefix: str) -> TokenSource:
    file = environment.get(f"{prefix}_TOKEN_FILE")
    return TokenFile(file) if file else environment[f"{prefix}_TOKEN"]
