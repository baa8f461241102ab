"""The providers that the sandbox imitates: one module for each, and providers of other packages by entry point."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from conversas.errors import ConfigurationError
from conversas.providers import PROVIDERS
from conversas.sandbox.platforms.base import SandboxPlatform

ENTRY_POINTS = "conversas.sandbox"
"""The group of entry points by which a package adds an instance of `SandboxPlatform`."""


@cache
def platforms() -> Mapping[str, SandboxPlatform]:
    """Return all providers by their names. Entry points are loaded at the first call.

    Raises:
        ConfigurationError: Two providers have the same name, or an entry point is not a `SandboxPlatform`.
    """
    from importlib.metadata import entry_points  # here: a slow import, which `import conversas.sandbox` does not need

    found: dict[str, SandboxPlatform] = {}
    origins: dict[str, str] = {}
    modules = [f"{__name__}.{name}" for name in PROVIDERS]
    candidates: list[tuple[object, str]] = [(import_module(module).SANDBOX, f"{module}:SANDBOX") for module in modules]
    candidates += [(each.load(), each.value) for each in entry_points(group=ENTRY_POINTS)]
    for platform, origin in candidates:
        if not isinstance(platform, SandboxPlatform):
            kind = type(platform).__name__
            raise ConfigurationError(f"entry point {origin} must be an instance of SandboxPlatform, got {kind}")
        if platform.name in found:
            raise ConfigurationError(
                f"provider names must be unique in the sandbox, got {platform.name!r} from both "
                f"{origins[platform.name]} and {origin}"
            )
        found[platform.name], origins[platform.name] = platform, origin
    return MappingProxyType(found)


def get_platform(name: str) -> SandboxPlatform:
    """Return a provider by its name.

    Raises:
        ConfigurationError: Two providers have the same name, or an entry point is not a `SandboxPlatform`.
        ValueError: The provider is unknown.
    """
    if name not in platforms():
        raise ValueError(f"unknown provider; expected one of: {', '.join(platforms())}")
    return platforms()[name]
