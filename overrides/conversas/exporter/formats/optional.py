"""Optional libraries, imported when they are used."""

from importlib import import_module
from typing import Any

from conversas.errors import ConfigurationError


def library(name: str, *, needed_for: str, extra: str) -> Any:
    """Import a library.

    Raises:
        ConfigurationError: It is not installed; the message says how to get it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        pass
    raise ConfigurationError(f"{needed_for} needs {name.partition('.')[0]}: pip install 'conversas[{extra}]'")
