"""The fixture `sandbox` of pytest: write `pytest_plugins = ["conversas.testing.fixtures"]` in conftest.py."""

import os
from collections.abc import Iterator

import pytest

from conversas.sandbox import Sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Play both providers on this machine, past any proxy. Each test has a sandbox of its own, without rules yet."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(filter(None, [os.environ.get(name), "127.0.0.1"])))
    with Sandbox() as sandbox:
        yield sandbox
