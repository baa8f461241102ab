"""Providers by name, with one module each.

Another package adds a provider with an entry point in the group `conversas.providers`. The name of the entry point is
the name of the provider, and its object is a `Provider`.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from conversas.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from conversas.providers.base import Provider, ProviderConfig

__all__ = ["Provider", "ProviderConfig", "get_provider", "provider_names"]

PROVIDERS = ("zild", "superagentes")
"""The providers of this package: `providers/<name>.py` and `conversas_api.<name>`."""
ENTRY_POINT_GROUP = "conversas.providers"


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers.

    The providers of this package come first, then the providers of other packages, sorted by name.

    Raises:
        ConfigurationError: Two packages register the same name.
    """
    return (*PROVIDERS, *sorted(_entry_points()))


@cache
def get_provider(name: str) -> "Provider":
    """Return a provider. Its module is imported on the first call.

    Raises:
        ConfigurationError: No provider has this name, or its package registers something other than this provider.
    """
    if name in PROVIDERS:
        provider: Provider = import_module(f"conversas.providers.{name}").PROVIDER
        return provider
    if name not in _entry_points():
        raise ConfigurationError(f"unknown provider; expected one of: {', '.join(provider_names())}")
    return _load(name, _entry_points()[name])


def _load(name: str, entry_point: "EntryPoint") -> "Provider":
    from conversas.providers.base import Provider

    provider = entry_point.load()
    if not isinstance(provider, Provider) or provider.name != name:
        message = f"the entry point {entry_point.value} of {ENTRY_POINT_GROUP} must be a Provider named {name}"
        raise ConfigurationError(message)
    return provider


@cache
def _entry_points() -> dict[str, "EntryPoint"]:
    """Return the entry point of each provider of another package, by name."""
    from importlib.metadata import entry_points  # this import takes longer than the rest of a look-up

    found: dict[str, EntryPoint] = {}
    for entry_point in entry_points(group=ENTRY_POINT_GROUP):
        taken_by = "conversas" if entry_point.name in PROVIDERS else None
        if entry_point.name in found:
            taken_by = found[entry_point.name].value
        if taken_by:
            message = f"the provider name {entry_point.name} is registered twice: by {taken_by} and {entry_point.value}"
            raise ConfigurationError(f"{message}; uninstall one of the packages")
        found[entry_point.name] = entry_point
    return found


def __getattr__(name: str) -> Any:
    if name in ("Provider", "ProviderConfig"):
        return getattr(import_module("conversas.providers.base"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
