"""Optional libraries, imported when they are used."""

from importlib import import_module
from typing import Any

from conversas.errors import ConfigurationError


def library(name: str, *, needed_for: str, extra: str | None = None) -> Any:
    """Import a library. Without an `extra`, users install it by its own name.

    Raises:
        ConfigurationError: The library is not installed. The message says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        pass
    package = name.partition(".")[0]
    raise ConfigurationError(how_to_install(package, needed_for=needed_for, extra=extra))


def how_to_install(package: str, *, needed_for: str, extra: str | None = None) -> str:
    """Return a message that a library is missing. Its command works however this package was installed."""
    with_extra = f", or install conversas with the extra {extra}" if extra else ""
    return f"{needed_for} needs {package}, which is not installed: run pip install {package}{with_extra}"
