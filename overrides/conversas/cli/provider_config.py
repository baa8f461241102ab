"""Configuration of one provider for a command, regardless of the other providers."""

from typing import TYPE_CHECKING

from conversas import ConfigurationError
from conversas.cli.ref_suggestion import prefixes
from conversas.providers import get_provider, provider_names

if TYPE_CHECKING:
    from conversas.providers.base import ProviderConfig


def provider_config(name: str, *, asked: str | None = None) -> "ProviderConfig":
    """Return the configuration of a provider.

    `asked` is the ref that the user requested; error messages begin with it.

    Raises:
        ConfigurationError: The provider does not exist, or is not configured.
    """
    if name not in provider_names():
        one_of = f"{name}: the provider must be one of {', '.join(provider_names())}"
        raise ConfigurationError(f"{asked}: a ref must begin with {prefixes()}" if asked else one_of)
    from conversas.providers.environment import provider_from_env  # not needed for `--help`

    config = provider_from_env(name)
    if config is None:
        message = f"{asked or name}: its provider is not configured; set {get_provider(name).env_help}"
        raise ConfigurationError(message)
    return config
