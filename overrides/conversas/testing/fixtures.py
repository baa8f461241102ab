"""The pytest fixture `sandbox`. To use it, write `pytest_plugins = ["conversas.testing.fixtures"]` in conftest.py."""

import os
from collections.abc import Iterator

import pytest

from conversas.sandbox import Sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Yield a sandbox, which imitates the providers on this machine. Requests to it bypass any proxy.

    Each test has its own sandbox, at first without rules.
    """
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(filter(None, [os.environ.get(name), "127.0.0.1"])))
    with Sandbox() as sandbox:
        yield sandbox
