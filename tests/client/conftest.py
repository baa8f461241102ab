"""A server that keeps connections."""

from collections.abc import Iterator

import pytest

from support.http_server import HttpServer


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    """Serve on 127.0.0.1, past any proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with HttpServer(keep_alive=True) as keeper:
        yield keeper
