"""A server that keeps connections."""

from collections.abc import Iterator

import pytest

from support.keepalive_server import KeepAlive


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeepAlive]:
    """Serve on 127.0.0.1, past any proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with KeepAlive() as keeper:
        yield keeper
