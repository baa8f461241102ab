"""Optional libraries, imported when they are used."""

from importlib import import_module
from typing import Any

from conversas.errors import ConfigurationError


def library(name: str, *, needed_for: str, extra: str | None = None) -> Any:
    """Import a library. Without an `extra`, users install it by its own name.

    Raises:
        ConfigurationError: It is not installed; the message says how to get it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        pass
    package = name.partition(".")[0]
    wanted = f"'conversas[{extra}]'" if extra else package
    raise ConfigurationError(f"{needed_for} needs {package}: pip install {wanted}")
