"""Providers that the environment configures. Elsewhere, this package reads only proxies and SSL_CERT_* from it.

For each provider NAME: NAME_TOKEN or NAME_TOKEN_FILE, NAME_BASE_URL, NAME_TIMEZONE, NAME_ACCOUNT. No local variable
here holds a token or a URL, because a traceback may show local variables.
"""

import os

from conversas.errors import ConfigurationError
from conversas.providers import get_provider, provider_names
from conversas.providers.base import ProviderConfig, env_prefix
from conversas.providers.credentials import TokenFile, TokenSource


def providers_from_env() -> list[ProviderConfig]:
    """Return each provider that the environment has a token for. An empty variable counts as unset.

    Raises:
        ConfigurationError: No token is set, or a variable is missing or invalid; the message names it.
    """
    names = provider_names()
    configs = [config for name in names if (config := provider_from_env(name))]
    if not configs:
        variables = ", or ".join(get_provider(name).env_help for name in names)
        raise ConfigurationError(f"no token is set: set {variables}, or all of them")
    return configs


def provider_from_env(name: str) -> ProviderConfig | None:
    """Return one provider; None if the environment has no token for it.

    Raises:
        ConfigurationError: A variable is missing or invalid; the message names it.
    """
    if token_variable(name) is None:
        return None
    config, prefix = get_provider(name).config, env_prefix(name)
    if config.default_base_url is None and not _base_url(prefix):
        message = f"{prefix}_BASE_URL is not set: set it, for example to https://api.example.com"
        raise ConfigurationError(message, provider=name)
    options = {"timezone": timezone_from_env(name)}
    if account := os.environ.get(f"{prefix}_ACCOUNT"):
        options["account"] = account
    return config(token=_token(prefix), base_url=_base_url(prefix) or config.default_base_url, **options)


def timezone_from_env(name: str) -> str:
    """Return the time zone of a provider's times without an offset."""
    return os.environ.get(f"{env_prefix(name)}_TIMEZONE") or "UTC"


def token_variable(name: str) -> str | None:
    """Return the name of the variable that configures the token; None if none is set.

    Raises:
        ConfigurationError: Both the token and the token file are set.
    """
    token = f"{env_prefix(name)}_TOKEN"
    found = [variable for variable in (token, f"{token}_FILE") if os.environ.get(variable)]
    if len(found) > 1:
        raise ConfigurationError(f"both {found[0]} and {found[1]} are set: unset one of them", provider=name)
    return found[0] if found else None


def _base_url(prefix: str) -> str:
    return os.environ.get(f"{prefix}_BASE_URL", "")


def _token(prefix: str) -> TokenSource:
    file = os.environ.get(f"{prefix}_TOKEN_FILE")
    return TokenFile(file) if file else os.environ[f"{prefix}_TOKEN"]
