"""The packages, models and enums of the generated clients."""

from enum import Enum
from importlib import import_module
from types import ModuleType
from typing import Any

import conversas.providers

PROVIDERS = sorted(conversas.providers.PROVIDERS)


def types_of(provider: str) -> ModuleType:
    return import_module(f"conversas_api.{provider}.types")


def classes(provider: str, base: str) -> list[Any]:
    """Return the subclasses that a provider's models have of a class in its types module."""
    models = import_module(f"conversas_api.{provider}.models")
    found = [getattr(models, name) for name in models.__all__]
    return [each for each in found if issubclass(each, getattr(types_of(provider), base))]


def title(value: Any) -> str:
    """Name a class in the id of a test: zild.Message."""
    return f"{value.__module__.split('.')[1]}.{value.__name__}" if isinstance(value, type) else str(value)


MODELS = [(provider, model) for provider in PROVIDERS for model in classes(provider, "Model")]
INTEGER_ENUMS: list[type[Enum]] = [kind for provider in PROVIDERS for kind in classes(provider, "OpenIntEnum")]
STRING_ENUMS: list[type[Enum]] = [kind for provider in PROVIDERS for kind in classes(provider, "OpenStrEnum")]
