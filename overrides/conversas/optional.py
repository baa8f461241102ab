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
    raise ConfigurationError(how_to_install(package, needed_for=needed_for, extra=extra))


def how_to_install(package: str, *, needed_for: str, extra: str | None = None) -> str:
    """Return the message that a library is missing, with a command that works wherever this package came from."""
    with_extra = f", or install conversas with the extra {extra}" if extra else ""
    return f"{needed_for} needs {package}, which is not installed: run pip install {package}{with_extra}"
