"""HTTP clients of a package, imported at their first use: models alone do not load httpx."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def client_getter(package: str) -> Callable[[str], Any]:
    """Return a function `__getattr__` for a package with a module `client`."""

    def get(name: str) -> Any:
        if name in ("AuthenticatedClient", "Client"):
            return getattr(import_module(f"{package}.client"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
